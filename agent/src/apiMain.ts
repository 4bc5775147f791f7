/** Entry of the public API. The router is another process: `main.ts`. */
import { startApi } from './api.ts';
import { run } from './process.ts';
import { readApiSettings } from './settings/api.ts';

await run(readApiSettings, startApi);
