import { join } from 'node:path';
import { keyOf } from '../chain/accounts.ts';
import { writeAtomically } from '../files.ts';
import { root } from '../paths.ts';
import type { Port } from '../ports.ts';
import { Service, type Surroundings, until } from '../service.ts';

interface Options {
	port: Port;
	/** For this process. */
	databaseUrl: string;
	indexerUrl: string;
	zerogIndexer: string;
	/** What every service is told. */
	env: Readonly<Record<string, string>>;
}

interface RouterOptions extends Options {
	/** For the public API, whose role the router opens its tables to. */
	apiDatabaseUrl: string;
	zerogRpc: string;
}

/** Heap of the public API, in MB. What fits into its limits needs about half; past it the process dies and is started again, and routing goes on. */
const PUBLIC_HEAP = 1_024;

/** Settings that a process must not see, though they may lie in the environment of whoever starts it. */
const NOT_FOR_ROUTER = ['API_DATABASE_URL', 'ANTHROPIC_API_KEY', 'ROUTER_PRIVATE_KEY', 'ZEROG_PRIVATE_KEY'];
const NOT_FOR_API = [
	'DATABASE_URL',
	'ROUTER_PRIVATE_KEY',
	'ROUTER_PRIVATE_KEY_FILE',
	'ZEROG_PRIVATE_KEY',
	'ZEROG_PRIVATE_KEY_FILE',
];
/** Keys of the sources, which only the router asks. */
const KEY = /(KEY|SECRET|TOKEN|PASSWORD)(_ID|_FILE)?$/;
/** Except those of the language model. */
const MODEL = /^ANTHROPIC_/;

/** The router, with the keys of the local chains' router and storage accounts in files of their own. */
export async function routerService(options: RouterOptions, surroundings: Surroundings): Promise<Service> {
	const keys = join(surroundings.data, 'keys');
	const router = join(keys, 'router');
	const storage = join(keys, 'storage');
	await Promise.all([
		writeAtomically(router, `${keyOf('router')}\n`),
		writeAtomically(storage, `${keyOf('storage')}\n`),
	]);
	const env = {
		...without(NOT_FOR_ROUTER),
		ROUTER_HOST: '127.0.0.1',
		ROUTER_PORT: String(options.port.number),
		DATABASE_URL: options.databaseUrl,
		API_DATABASE_ROLE: decodeURIComponent(new URL(options.apiDatabaseUrl).username) || undefined,
		ZEROG_RPC_URL: options.zerogRpc,
		ROUTER_PRIVATE_KEY_FILE: router,
		ZEROG_PRIVATE_KEY_FILE: storage,
	};
	return new Service(part('The router', 'agent', ['src/main.ts'], env, options), surroundings);
}

/** The agent's API for the public: a process and a database role of its own, without any key of the router's. */
export function agentApiService(options: Options, surroundings: Surroundings): Service {
	const env = {
		...without([...NOT_FOR_API, ...Object.keys(process.env).filter((name) => KEY.test(name) && !MODEL.test(name))]),
		// HOST is a setting of the frontend; the agent is reached through it.
		HOST: '127.0.0.1',
		AGENT_PORT: String(options.port.number),
		API_DATABASE_URL: options.databaseUrl,
	};
	const args = [`--max-old-space-size=${PUBLIC_HEAP}`, 'src/apiMain.ts'];
	return new Service(part("The agent's public API", 'agent-api', args, env, options), surroundings);
}

function without(names: readonly string[]): Record<string, undefined> {
	return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** What both processes of the agent have in common. */
function part(
	title: string,
	name: string,
	args: string[],
	env: Readonly<Record<string, string | undefined>>,
	{ port, indexerUrl, zerogIndexer, env: common }: Options,
) {
	return {
		program: async () => {
			await port.free();
			return {
				title,
				name,
				command: process.execPath,
				args,
				cwd: join(root, 'agent'),
				env: { ...common, INDEXER_URL: indexerUrl, ZEROG_INDEXER_URL: zerogIndexer, ...env },
				signal: 'SIGTERM' as const,
			};
		},
		ready: (signal: AbortSignal) =>
			until(async () => {
				const response = await fetch(`http://127.0.0.1:${port.number}/ready`, { signal });
				if (!response.ok) throw new Error('not ready');
			}, signal),
	};
}
