/** `node contracts/tools/forge.ts …` is `forge …` that also fails when forge fails: the launcher of its npm package always ends with 0. */
import { spawnSync } from 'node:child_process';
import { forgeProgram, root } from './artifacts.ts';

const { status, error } = spawnSync(forgeProgram(), process.argv.slice(2), { cwd: root, stdio: 'inherit' });
if (error) throw error;
process.exitCode = status ?? 1;
