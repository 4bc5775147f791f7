import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from '../errors.ts';
import { readIfThere, writeAtomically } from '../files.ts';
import { hashOf } from '../hash.ts';
import { waitForLock } from '../lock.ts';
import { packageFile, root } from '../paths.ts';
import type { Port } from '../ports.ts';
import { Service, type Surroundings, until } from '../service.ts';

const run = promisify(execFile);

const SOURCES = ['frontend', 'core/src', 'contracts/abi', 'contracts/ts', 'contracts/index.ts', 'package-lock.json'];
const folder = join(root, 'frontend');
const stamp = join(folder, 'build', '.sources');

/** Whether the pages were built from the sources as they are. */
export async function isBuilt(): Promise<boolean> {
	return (await readIfThere(stamp))?.trim() === (await hashOf(SOURCES));
}

/** Builds the pages if their sources have changed. Starts on several data directories wait for each other here. */
export async function buildFrontend(data: string): Promise<void> {
	const lock = await waitForLock(join(root, '.necto', 'locks', 'pages'));
	try {
		if (!(await isBuilt())) await build(data);
	} finally {
		await lock.release();
	}
}

async function build(data: string): Promise<void> {
	const sources = await hashOf(SOURCES);
	const log = join(data, 'logs', 'frontend-build.log');
	try {
		const { stdout, stderr } = await run(process.execPath, [packageFile('vite', 'bin/vite.js'), 'build'], {
			cwd: folder,
			// Tests build the pages too, and the pages must not notice.
			env: { ...process.env, NODE_ENV: 'production', VITEST: undefined, TEST: undefined },
			maxBuffer: 64 * 1024 * 1024,
		});
		await writeAtomically(log, `${stdout}${stderr}`);
	} catch (error) {
		// execFile adds the output to its error; its type does not say so.
		const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
		await writeAtomically(log, `${stdout}${stderr}`);
		const end = `${stdout}${stderr}`.trim().split('\n').slice(-12).join('\n');
		throw new StartError(`The frontend could not be built; all that was said is in ${log}. Its end:\n${end}`);
	}
	await writeAtomically(stamp, `${sources}\n`, 0o644);
}

interface Options {
	port: Port;
	host: string;
	agentUrl: string;
	indexerUrl: string;
	adiRpc: string;
	zerogIndexer: string;
	env: Readonly<Record<string, string>>;
}

/** Where people of this machine find the pages. */
export function frontendUrl(host: string, { number }: Port): string {
	const everywhere = host === '0.0.0.0' || host === '::';
	const name = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
	return `http://${name}:${number}`;
}

/** The built pages and their server. */
export function frontendService(options: Options, surroundings: Surroundings): Service {
	const { port, host, agentUrl, indexerUrl, adiRpc, zerogIndexer, env } = options;
	return new Service(
		{
			program: async () => {
				await options.port.free();
				return {
					title: 'The frontend',
					name: 'frontend',
					command: process.execPath,
					args: [join(folder, 'server.mjs')],
					cwd: folder,
					env: {
						...env,
						PORT: String(port.number),
						HOST: host,
						// Seconds in which a request has to begin: connections that say nothing would be kept for a minute and a half.
						HEADERS_TIMEOUT: '10',
						AGENT_URL: agentUrl,
						INDEXER_URL: indexerUrl,
						ADI_RPC_URL: adiRpc,
						ZEROG_INDEXER_URL: zerogIndexer,
					},
					signal: 'SIGTERM',
				};
			},
			ready: (signal) =>
				until(async () => {
					const response = await fetch(frontendUrl(host, port), { signal });
					if (!response.ok) throw new Error(`status ${response.status}`);
					await response.body?.cancel();
				}, signal),
		},
		surroundings,
	);
}
