import { join } from 'node:path';
import type { Deployment } from '@necto/contracts';
import { z } from 'zod';
import type { LocalChain } from '../chain/anvil.ts';
import { query } from '../database/query.ts';
import type { RoleUrls } from '../database/roles.ts';
import { packageFile, root } from '../paths.ts';
import type { Port } from '../ports.ts';
import { Service, type Surroundings, until } from '../service.ts';
import { type CurrentSchema, prepareSchema } from './schema.ts';

interface Options {
	port: Port;
	chain: LocalChain;
	deployment: Deployment;
	/** The database, for the indexer and for its public API. */
	databases: Pick<RoleUrls, 'indexer' | 'reader'>;
	/** Whether the database is only ours. */
	embedded: boolean;
	schema: CurrentSchema;
	/** What every service is told. */
	env: Readonly<Record<string, string>>;
}

const statusSchema = z.record(z.string(), z.object({ block: z.object({ number: z.int() }) }));

/** Ponder asks each address at most 20 times a second at first; under several names the one local chain answers as fast as it can. */
const LANES = 8;

/** How long the public API waits for the indexer to make its schema. */
const SCHEMA_MILLISECONDS = 120_000;

/** Heap of the public API, in MB. What fits into its limits needs about half; past it the process dies and is started again, and nothing else does. */
const PUBLIC_HEAP = 768;

function lanes(rpc: string): string {
	return Array.from({ length: LANES }, (_, lane) => `${rpc}/?lane=${lane}`).join(',');
}

/** What both processes of the indexer have in common. */
function ponder(command: 'start' | 'serve', schema: string, databaseUrl: string, { port, chain, env }: Options) {
	const args = ['--schema', schema, '--port', String(port.number), '--hostname', '127.0.0.1', '--log-format', 'json'];
	return {
		command: process.execPath,
		args: [packageFile('ponder', 'dist/esm/bin/ponder.js'), command, ...args],
		cwd: join(root, 'indexer'),
		env: {
			...env,
			ADI_RPC_URL: lanes(chain.rpc),
			PORT: String(port.number),
			DATABASE_URL: databaseUrl,
			DATABASE_SCHEMA: schema,
			PONDER_TELEMETRY_DISABLED: 'true',
		},
		// After SIGTERM Ponder would leave its schema locked.
		signal: 'SIGINT',
	} as const;
}

/** Resolves when an indexer has the newest block of now. "Ready" comes before the newest blocks are indexed. */
async function caughtUp({ port, chain }: Options, signal: AbortSignal): Promise<void> {
	const url = `http://127.0.0.1:${port.number}`;
	const head = Number(await chain.client.getBlockNumber());
	await until(async () => {
		const response = await fetch(`${url}/ready`, { signal });
		if (!response.ok) throw new Error('not ready');
		const status = statusSchema.parse(await (await fetch(`${url}/status`, { signal })).json());
		const reached = Object.values(status).map(({ block }) => block.number);
		if (reached.length === 0 || Math.min(...reached) < head) throw new Error('behind the chain');
	}, signal);
}

/** Ponder, over the rows that it had when it was last seen. Its own API is for the agent: nothing that strangers ask for runs in this process. */
export function indexerService(options: Options, surroundings: Surroundings): Service {
	const { port, chain, deployment, databases, embedded } = options;
	return new Service(
		{
			program: async () => {
				await port.free();
				const schema = await prepareSchema(chain.client, deployment, databases, embedded);
				options.schema.set(schema);
				const program = ponder('start', schema, databases.indexer, options);
				return {
					title: 'The indexer',
					name: 'indexer',
					...program,
					env: { ...program.env, INDEXER_API: 'private' },
				};
			},
			ready: (signal) => caughtUp(options, signal),
		},
		surroundings,
	);
}

/**
 * The indexer's API for the public: reads the same tables, in a process and with a database role of its own. Started again when the indexer changes to another
 * schema, for instance because its sources were edited before it was started again.
 */
export function publicIndexerService(options: Options, surroundings: Surroundings): Service {
	const { port, databases } = options;
	const service = new Service(
		{
			program: async () => {
				await port.free();
				const signal = AbortSignal.timeout(SCHEMA_MILLISECONDS);
				const schema = await options.schema.get(signal);
				// It ends at once where there is no schema yet; the indexer is starting beside it.
				await until(
					async () => {
						const found = await query(
							databases.reader,
							'select has_schema_privilege(oid, $2) as open from pg_namespace where nspname = $1',
							[schema, 'usage'],
						);
						if (found[0]?.open !== true) throw new Error('The schema is not there yet.');
					},
					signal,
					250,
				);
				const { args, env, ...program } = ponder('serve', schema, databases.reader, options);
				return {
					title: "The indexer's public API",
					name: 'indexer-api',
					...program,
					args: [`--max-old-space-size=${PUBLIC_HEAP}`, ...args],
					env: { ...env, INDEXER_API: 'public' },
				};
			},
			ready: (signal) => caughtUp(options, signal),
		},
		surroundings,
	);
	options.schema.onChange(() => service.restart());
	return service;
}
