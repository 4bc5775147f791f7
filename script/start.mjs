import { bootstrap } from './bootstrap.mjs';

await bootstrap('script/src/start.ts');
