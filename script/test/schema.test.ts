import { createServer } from 'node:http';
import { type Deployment, local } from '@necto/contracts';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { accounts } from '../src/chain/accounts.ts';
import { type LocalChain, startChain } from '../src/chain/anvil.ts';
import { type Embedded, startPostgres } from '../src/database/postgres.ts';
import { query } from '../src/database/query.ts';
import { anyPort, type Port } from '../src/ports.ts';
import type { Program, Run } from '../src/program.ts';
import { Roster } from '../src/roster.ts';
import { publicIndexerService } from '../src/services/indexer.ts';
import { CurrentSchema, prepareSchema } from '../src/services/schema.ts';
import { Shutdown } from '../src/shutdown.ts';
import { afterFile, scratch } from './scratch.ts';

const putAway = afterFile();
const shutdown = new Shutdown();
const { address } = accounts.deployer;
const deployment: Deployment = {
	chainId: local.id,
	startBlock: 0,
	accessControl: address,
	providerRegistry: address,
	jobRegistry: address,
	escrow: address,
	challenge: address,
	usdc: address,
};
let chain: LocalChain;
let database: Embedded;

beforeAll(async () => {
	const data = await scratch(putAway);
	putAway(() => shutdown.stop());
	const surroundings = { data, roster: new Roster(data) };
	[database, chain] = await Promise.all([
		startPostgres(await anyPort(), surroundings, (running) => shutdown.add(0, running)),
		startChain({ name: 'adi', title: 'ADI', chain: local, port: await anyPort() }, surroundings, (running) =>
			shutdown.add(1, running),
		),
	]);
});

/** The tables that the indexer leaves behind, as it makes them. */
async function leave(schema: string, finalized: number): Promise<void> {
	const checkpoint = `1795000000${String(local.id).padStart(16, '0')}${String(finalized).padStart(16, '0')}`;
	await query(database.roles.indexer, `create table "${schema}"._ponder_checkpoint (finalized_checkpoint varchar(75))`);
	await query(database.roles.indexer, `insert into "${schema}"._ponder_checkpoint values ($1)`, [
		checkpoint.padEnd(75, '9'),
	]);
	await query(database.roles.indexer, `create table "${schema}"._ponder_meta (value jsonb)`);
	await query(
		database.roles.indexer,
		`insert into "${schema}"._ponder_meta values ('{"is_locked": 1, "build_id": "x"}')`,
	);
}

async function schemas(): Promise<unknown[]> {
	const rows = await query(
		database.roles.indexer,
		"select nspname from pg_namespace where nspname like 'necto%' order by 1",
	);
	return rows.map(({ nspname }) => nspname);
}

/** A port on which an indexer answers that has every block. */
async function answering(): Promise<Port> {
	const port = await anyPort();
	await port.free();
	const server = createServer((_, response) => {
		response.end(JSON.stringify({ adi: { block: { number: Number.MAX_SAFE_INTEGER } } }));
	});
	await new Promise<void>((resolve) => server.listen(port.number, '127.0.0.1', resolve));
	putAway(async () => {
		server.close();
		await port.release();
	});
	return { ...port, free: () => Promise.resolve() };
}

/** A run without a process. */
function runOf({ name }: Program): Run {
	const { promise: ended, resolve } = Promise.withResolvers<string>();
	return {
		pid: undefined,
		ended,
		end: () => Promise.resolve(resolve('SIGINT')),
		kill: () => resolve('SIGKILL'),
		logTail: () => Promise.resolve(name),
	};
}

const prepare = (of = deployment, embedded = true) => prepareSchema(chain.client, of, database.roles, embedded);

describe("the indexer's rows and the chain", () => {
	it('stay together over a restart, and a killed indexer holds nobody up', async () => {
		await database.reset();
		const schema = await prepare();
		await leave(schema, 0);
		expect(await prepare()).toBe(schema);
		expect(await schemas()).toEqual([schema]);
		expect(await query(database.roles.indexer, `select value from "${schema}"._ponder_meta`)).toEqual([
			{ value: { is_locked: 0, build_id: 'x' } },
		]);
	});

	it('part when the chain has lost blocks that the indexer took for final', async () => {
		await database.reset();
		const schema = await prepare();
		await leave(schema, Number(await chain.client.getBlockNumber()) + 1);
		expect(await prepare()).toBe(schema);
		expect(await query(database.url, 'select tablename from pg_tables where schemaname = $1', [schema])).toEqual([]);
	});

	it('part when the contracts are others; old rows go, but not from a database that is shared', async () => {
		await database.reset();
		const schema = await prepare();
		await leave(schema, 0);
		const others = { ...deployment, startBlock: 1 };
		const next = await prepare(others, false);
		expect(next).not.toBe(schema);
		expect(await schemas()).toEqual([next, schema].sort());
		await prepare(others);
		expect(await schemas()).toEqual([next]);
	});

	it('SYS-05 the public API moves to the schema that the indexer moves to', async () => {
		await database.reset();
		const schema = new CurrentSchema();
		const served: string[] = [];
		const service = publicIndexerService(
			{ port: await answering(), chain, deployment, databases: database.roles, embedded: true, schema, env: {} },
			{
				data: '/nowhere',
				roster: new Roster('/nowhere'),
				launch: async (program, _, _isWanted, onRun) => {
					served.push(String(program.env?.DATABASE_SCHEMA));
					const run = runOf(program);
					onRun(run);
					return run;
				},
			},
		);
		putAway(() => service.stop());
		const started = service.start();
		const first = await prepare();
		schema.set(first);
		await started;
		schema.set(first);
		const second = await prepare({ ...deployment, startBlock: 1 });
		schema.set(second);
		await vi.waitFor(() => expect(service.state).toBe('up'), 20_000);
		await vi.waitFor(() => expect(served).toEqual([first, second]), 20_000);
	});
});
