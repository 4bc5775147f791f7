import { execFile } from 'node:child_process';
import { appendFile, mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from '../errors.ts';
import { foundryProgram, root } from '../paths.ts';

const run = promisify(execFile);

/** Runs forge at the top of the repository. Its words go to the log `forge`; on failure their end is in the error. */
export async function forge(args: readonly string[], data: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
	const log = join(data, 'logs', 'forge.log');
	await mkdir(dirname(log), { recursive: true });
	try {
		const { stdout, stderr } = await run(foundryProgram('forge'), [...args], {
			cwd: root,
			// forge starts the compiler's wrapper with the `node` of the PATH.
			env: { ...process.env, ...env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}` },
			maxBuffer: 64 * 1024 * 1024,
		});
		await appendFile(log, `${stdout}${stderr}\n`);
	} catch (error) {
		// execFile adds the output to its error; its type does not say so.
		const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
		await appendFile(log, `${stdout}${stderr}\n`);
		const end = `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
		throw new StartError(`forge ${args[0]} failed; all it said is in ${log}. Its end:\n${end}`);
	}
}

let building: Promise<void> | undefined;

/** Compiles what a local network deploys, once per start: without the contracts' tests in half the time. */
export function build(data: string): Promise<void> {
	building ??= forge(['build', 'script/deploy/Deploy.s.sol', 'script/deploy/zerog/LocalFlow.sol'], data);
	return building;
}
