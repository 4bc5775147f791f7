import { join } from 'node:path';
import { keyOf } from '../chain/accounts.ts';
import { writeAtomically } from '../files.ts';
import { root } from '../paths.ts';
import type { Port } from '../ports.ts';
import { Service, type Surroundings, until } from '../service.ts';

interface Options {
	port: Port;
	databaseUrl: string;
	indexerUrl: string;
	zerogRpc: string;
	zerogIndexer: string;
	env: Readonly<Record<string, string>>;
}

/** The routing agent, with the keys of the local chains' router and storage accounts in files of their own. */
export async function agentService(options: Options, surroundings: Surroundings): Promise<Service> {
	const keys = join(surroundings.data, 'keys');
	const router = join(keys, 'router');
	const storage = join(keys, 'storage');
	await Promise.all([
		writeAtomically(router, `${keyOf('router')}\n`),
		writeAtomically(storage, `${keyOf('storage')}\n`),
	]);
	return new Service(
		{
			program: async () => {
				await options.port.free();
				return {
					title: 'The agent',
					name: 'agent',
					command: process.execPath,
					args: [join(root, 'agent/src/main.ts')],
					cwd: join(root, 'agent'),
					env: {
						...options.env,
						// HOST is a setting of the frontend; the agent is reached through it.
						HOST: '127.0.0.1',
						AGENT_PORT: String(options.port.number),
						DATABASE_URL: options.databaseUrl,
						INDEXER_URL: options.indexerUrl,
						ZEROG_RPC_URL: options.zerogRpc,
						ZEROG_INDEXER_URL: options.zerogIndexer,
						// Keys for a real network that lie in the person's environment are not for here.
						ROUTER_PRIVATE_KEY: undefined,
						ROUTER_PRIVATE_KEY_FILE: router,
						ZEROG_PRIVATE_KEY: undefined,
						ZEROG_PRIVATE_KEY_FILE: storage,
					},
					signal: 'SIGTERM',
				};
			},
			ready: (signal) =>
				until(async () => {
					const response = await fetch(`http://127.0.0.1:${options.port.number}/ready`, { signal });
					if (!response.ok) throw new Error('not ready');
				}, signal),
		},
		surroundings,
	);
}
