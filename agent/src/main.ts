/** Entry of the router. The public API is another process: `apiMain.ts`. */
import { run } from './process.ts';
import { startRouter } from './router.ts';
import { readRouterSettings } from './settings/router.ts';

await run(readRouterSettings, startRouter);
