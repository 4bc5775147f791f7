/** Marked schemas, on a real PostgreSQL and with the roles that the local network has. */
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openToReader } from '../../script/src/database/roles.ts';
import { startTestDatabase, type TestDatabase } from '../../script/src/test/database.ts';
import { anchorBelow, dropMarked, keepAnchor, mark, withConnection, withDatabase } from '../watch/rebuild.ts';

let database: TestDatabase;
let admin: Client;

const indexer = <T>(work: (client: Client) => Promise<T>) => withDatabase(database.roles.indexer, work);
const asIndexer = (sql: string) => indexer((client) => client.query(sql));
const markNow = (schema: string) => indexer((client) => mark(client, schema, `rows of ${schema} are missing`));
const exists = async (name: string) =>
	(await admin.query('select to_regclass($1) is not null as is', [name])).rows[0].is;
const marks = async () =>
	(await admin.query('select schema, reason, wanted from necto_index.rebuild order by schema')).rows;

/** Runs a statement as the role of the public API. */
async function asReader(sql: string): Promise<unknown[]> {
	const client = new Client(database.roles.reader);
	await client.connect();
	try {
		return (await client.query(sql)).rows;
	} finally {
		await client.end();
	}
}

beforeAll(async () => {
	database = await startTestDatabase();
	admin = new Client(database.url);
	await admin.connect();
});

beforeEach(async () => {
	await admin.query('drop schema if exists necto_index, first, second, ponder_sync cascade');
	for (const schema of ['first', 'second']) {
		await openToReader(database.roles, schema);
		await asIndexer(`create table ${schema}.job as select 1 as id`);
	}
	await asIndexer('create schema ponder_sync');
	await asIndexer('create table ponder_sync.logs as select 1 as id');
	await indexer((client) => keepAnchor(client, 'first', 7n, '0x07'));
	await indexer((client) => keepAnchor(client, 'second', 7n, '0x07'));
});

afterAll(async () => {
	await admin?.end();
	await database?.stop();
});

describe('SYS-05 schemas that are to be made anew', () => {
	test('nothing is marked: nothing is dropped', async () => {
		await dropMarked(database.roles.indexer);
		expect(await exists('first.job')).toBe(true);
		expect(await exists('ponder_sync.logs')).toBe(true);
	});

	test('a marked one goes, with the raw blocks and its kept hashes; others stay', async () => {
		expect(await markNow('first')).toBe(true);
		await dropMarked(database.roles.indexer);
		expect(await exists('first.job')).toBe(false);
		expect(await exists('ponder_sync.logs')).toBe(false);
		expect(await exists('second.job')).toBe(true);
		expect(await asReader('select id from second.job')).toEqual([{ id: 1 }]);
		expect(await indexer((client) => anchorBelow(client, 'first', 9n))).toBeNull();
		expect(await indexer((client) => anchorBelow(client, 'second', 9n))).toEqual({ block: 7n, hash: '0x07' });
		expect(await marks()).toEqual([{ schema: 'first', reason: 'rows of first are missing', wanted: false }]);
	});

	test('once: the next start keeps what was made since', async () => {
		await markNow('first');
		await dropMarked(database.roles.indexer);
		await asIndexer('create table first.job as select 2 as id');
		await dropMarked(database.roles.indexer);
		expect(await exists('first.job')).toBe(true);
	});

	test('its readers may read the tables that are made afterwards, and nobody may write them', async () => {
		await markNow('first');
		await dropMarked(database.roles.indexer);
		await asIndexer('create table first.listing as select 3 as id');
		expect(await asReader('select id from first.listing')).toEqual([{ id: 3 }]);
		await expect(asReader('begin read write; insert into first.listing values (4)')).rejects.toThrow('denied');
	});

	test('one without readers gets none', async () => {
		await asIndexer('create schema if not exists necto_private');
		await markNow('necto_private');
		await dropMarked(database.roles.indexer);
		await asIndexer('create schema if not exists necto_private');
		await asIndexer('create table necto_private.job as select 1 as id');
		await expect(asReader('select id from necto_private.job')).rejects.toThrow('denied');
		await asIndexer('drop schema necto_private cascade');
	});

	test('as a whole or not at all: what cannot be dropped leaves the schema, its readers and the mark', async () => {
		await markNow('first');
		await admin.query('alter schema ponder_sync owner to necto');
		await expect(dropMarked(database.roles.indexer)).rejects.toThrow('ponder_sync');
		expect(await asReader('select id from first.job')).toEqual([{ id: 1 }]);
		expect(await marks()).toMatchObject([{ schema: 'first', wanted: true }]);
		await admin.query('alter schema ponder_sync owner to necto_indexer');
		await dropMarked(database.roles.indexer);
		expect(await exists('first.job')).toBe(false);
	});

	test('a name with quotes is a name', async () => {
		await asIndexer('create schema "we""ird; drop schema second"');
		await markNow('we"ird; drop schema second');
		await dropMarked(database.roles.indexer);
		const left = await admin.query("select 1 from pg_namespace where nspname like 'we%'");
		expect(left.rowCount).toBe(0);
		expect(await exists('second.job')).toBe(true);
	});

	test('at most once in six hours, counted from the rebuild, each schema for itself', async () => {
		const pass = (time: string) => admin.query(`update necto_index.rebuild set at = at - interval '${time}'`);
		expect(await markNow('first')).toBe(true);
		await pass('7 hours');
		await dropMarked(database.roles.indexer);
		expect(await markNow('first')).toBe(false);
		await pass('5 hours 59 minutes');
		expect(await markNow('first')).toBe(false);
		await dropMarked(database.roles.indexer);
		expect(await markNow('second')).toBe(true);
		await pass('2 minutes');
		expect(await markNow('first')).toBe(true);
		expect(await marks()).toMatchObject([{ wanted: true }, { wanted: true }]);
	});
});

describe('SYS-05 the public API’s role', () => {
	const anchor = () => withConnection(database.roles.reader, (client) => anchorBelow(client, 'first', 9n));
	const revoke = () =>
		asIndexer(`revoke all on schema necto_index from necto_reader;
			revoke all on all tables in schema necto_index from necto_reader`);

	test('reads the kept hashes from the start of the indexer on, and nothing else beside them', async () => {
		await revoke();
		await expect(anchor()).rejects.toThrow('permission denied for schema necto_index');
		await dropMarked(database.roles.indexer, 'first');
		expect(await anchor()).toEqual({ block: 7n, hash: '0x07' });
		await expect(asReader('select * from necto_index.rebuild')).rejects.toThrow('permission denied for table rebuild');
		await expect(asReader('begin read write; delete from necto_index.anchor')).rejects.toThrow('permission denied');
	});

	test('goes on reading them after a rebuild', async () => {
		await markNow('first');
		await dropMarked(database.roles.indexer, 'first');
		await indexer((client) => keepAnchor(client, 'first', 8n, '0x08'));
		expect(await anchor()).toEqual({ block: 8n, hash: '0x08' });
	});

	test('reads them from the next kept hash on, when the schema was opened to it while the indexer runs', async () => {
		await revoke();
		await indexer((client) => keepAnchor(client, 'first', 8n, '0x08'));
		expect(await anchor()).toEqual({ block: 8n, hash: '0x08' });
	});

	test('does not read them where it may not read the rows', async () => {
		await revoke();
		await asIndexer('revoke usage on schema first, second from necto_reader');
		await dropMarked(database.roles.indexer, 'first');
		await indexer((client) => keepAnchor(client, 'first', 8n, '0x08'));
		await expect(anchor()).rejects.toThrow('permission denied');
	});
});

describe('SYS-05 hashes of blocks that the rows were made of', () => {
	test('the newest hundred are kept, the first hash of each', async () => {
		await indexer(async (client) => {
			for (let block = 1n; block <= 120n; block++) await keepAnchor(client, 'first', block, `0x${block}`);
			await keepAnchor(client, 'first', 120n, '0xother');
			expect(await anchorBelow(client, 'first', 500n)).toEqual({ block: 120n, hash: '0x120' });
			expect(await anchorBelow(client, 'first', 88n)).toEqual({ block: 88n, hash: '0x88' });
			expect(await anchorBelow(client, 'first', 20n)).toBeNull();
			expect(await anchorBelow(client, 'second', 500n)).toEqual({ block: 7n, hash: '0x07' });
		});
	});
});
