import { bootstrap } from './bootstrap.mjs';

await bootstrap('script/src/test.ts');
