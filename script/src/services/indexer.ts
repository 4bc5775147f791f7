import { join } from 'node:path';
import type { Deployment } from '@necto/contracts';
import { z } from 'zod';
import type { LocalChain } from '../chain/anvil.ts';
import { packageFile, root } from '../paths.ts';
import type { Port } from '../ports.ts';
import { Service, type Surroundings, until } from '../service.ts';
import { prepareSchema } from './schema.ts';

interface Options {
	port: Port;
	chain: LocalChain;
	deployment: Deployment;
	databaseUrl: string;
	/** Whether the database is only ours. */
	embedded: boolean;
	/** What every service is told. */
	env: Readonly<Record<string, string>>;
}

const statusSchema = z.record(z.string(), z.object({ block: z.object({ number: z.int() }) }));

/** Ponder asks each address at most 20 times a second at first; under several names the one local chain answers as fast as it can. */
const LANES = 8;

function lanes(rpc: string): string {
	return Array.from({ length: LANES }, (_, lane) => `${rpc}/?lane=${lane}`).join(',');
}

/** Ponder, over the rows that it had when it was last seen. */
export function indexerService(options: Options, surroundings: Surroundings): Service {
	const { port, chain, deployment, databaseUrl, embedded } = options;
	const url = `http://127.0.0.1:${port.number}`;
	return new Service(
		{
			program: async () => {
				await port.free();
				const schema = await prepareSchema(chain.client, deployment, databaseUrl, embedded);
				return {
					title: 'The indexer',
					name: 'indexer',
					command: process.execPath,
					args: [
						packageFile('ponder', 'dist/esm/bin/ponder.js'),
						'start',
						'--schema',
						schema,
						'--port',
						String(port.number),
						'--hostname',
						'127.0.0.1',
						'--log-format',
						'json',
					],
					cwd: join(root, 'indexer'),
					env: {
						...options.env,
						ADI_RPC_URL: lanes(chain.rpc),
						PORT: String(port.number),
						DATABASE_URL: databaseUrl,
						DATABASE_SCHEMA: schema,
						PONDER_TELEMETRY_DISABLED: 'true',
					},
					// After SIGTERM Ponder would leave its schema locked.
					signal: 'SIGINT',
				};
			},
			// "Ready" comes before the newest blocks are indexed, so the head of now is waited for as well.
			ready: async (signal) => {
				const head = Number(await chain.client.getBlockNumber());
				await until(async () => {
					const response = await fetch(`${url}/ready`, { signal });
					if (!response.ok) throw new Error('not ready');
					const status = statusSchema.parse(await (await fetch(`${url}/status`, { signal })).json());
					const reached = Object.values(status).map(({ block }) => block.number);
					if (reached.length === 0 || Math.min(...reached) < head) throw new Error('behind the chain');
				}, signal);
			},
		},
		surroundings,
	);
}
