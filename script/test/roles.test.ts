import { beforeAll, describe, expect, it } from 'vitest';
import { type Embedded, startPostgres } from '../src/database/postgres.ts';
import { query } from '../src/database/query.ts';
import { openToReader } from '../src/database/roles.ts';
import { anyPort } from '../src/ports.ts';
import { Roster } from '../src/roster.ts';
import { Shutdown } from '../src/shutdown.ts';
import { afterFile, scratch } from './scratch.ts';

const schema = 'necto_0123456789abcdef';
const putAway = afterFile();
let database: Embedded;
let restart: () => Promise<void>;

beforeAll(async () => {
	const data = await scratch(putAway);
	let shutdown = new Shutdown();
	const start = async () => {
		const surroundings = { data, roster: new Roster(data) };
		database = await startPostgres(await anyPort(), surroundings, (running) => shutdown.add(0, running));
	};
	putAway(() => shutdown.stop());
	restart = async () => {
		await shutdown.stop();
		shutdown = new Shutdown();
		await start();
	};
	await start();
	// As an earlier version left it: one role owns everything.
	await query(
		database.url,
		`create schema ${schema};
		create type ${schema}.color as enum ('red');
		create table ${schema}.job (id serial primary key, number int generated always as identity, color ${schema}.color);
		insert into ${schema}.job (color) values ('red'), ('red');
		create view ${schema}.red as select * from ${schema}.job;
		create sequence ${schema}.operation;
		create function ${schema}.note() returns trigger language plpgsql as 'begin return null; end';
		create trigger note after insert on ${schema}.job execute function ${schema}.note();
		create schema ponder_sync;
		create table ponder_sync.transactions (sender text);
		insert into ponder_sync.transactions values ('0xa');
		create schema necto_index;
		create table necto_index.anchor (schema text);
		insert into necto_index.anchor values ('${schema}');
		create schema agent;
		create table agent.job (id bigserial primary key, requester text);
		insert into agent.job (requester) values ('0xb')`,
	);
	await restart();
	await openToReader(database.roles, schema);
});

const as = (name: keyof Embedded['roles'], text: string) => query(database.roles[name], text);

describe('database roles', () => {
	it('take over what one role owned, and lose nothing', async () => {
		const others = await query(
			database.url,
			`select relname as name from pg_class join pg_namespace n on n.oid = relnamespace
			where nspname in ('${schema}', 'agent', 'ponder_sync', 'necto_index')
				and pg_get_userbyid(relowner) <> case when nspname = 'agent' then 'necto_agent' else 'necto_indexer' end
			union all select proname from pg_proc where pronamespace = '${schema}'::regnamespace and pg_get_userbyid(proowner) <> 'necto_indexer'
			union all select typname from pg_type where typnamespace = '${schema}'::regnamespace and pg_get_userbyid(typowner) <> 'necto_indexer'`,
		);
		expect(others).toEqual([]);
		expect(await as('indexer', `select id, number, color from ${schema}.red order by id`)).toEqual([
			{ id: 1, number: 1, color: 'red' },
			{ id: 2, number: 2, color: 'red' },
		]);
		expect(await as('agent', 'select requester from agent.job')).toEqual([{ requester: '0xb' }]);
		expect(await as('indexer', 'select sender from ponder_sync.transactions')).toEqual([{ sender: '0xa' }]);
		expect(await as('indexer', 'select schema from necto_index.anchor')).toEqual([{ schema }]);
		// They go on where they were, also where a change needs the owner.
		await as(
			'indexer',
			`insert into ${schema}.job (color) values ('red'); alter table ${schema}.job add column more int`,
		);
		await as('agent', "insert into agent.job (requester) values ('0xc'); alter table agent.job add column more int");
		await as('agent', 'create schema if not exists agent');
	});

	it('stay as they are over another start', async () => {
		const before = await as('indexer', `select count(*) from ${schema}.job`);
		await restart();
		expect(await as('indexer', `select count(*) from ${schema}.job`)).toEqual(before);
		expect(await as('reader', `select count(*) from ${schema}.job`)).toEqual(before);
	});

	it('SYS-02 the public one reads what is opened to it, also what is made later, and nothing else', async () => {
		await as('indexer', `create table ${schema}.later (id int); insert into ${schema}.later values (7)`);
		expect(await as('reader', `select id from ${schema}.later`)).toEqual([{ id: 7 }]);
		for (const [text, message] of [
			['select * from agent.job', 'permission denied for schema agent'],
			['select * from ponder_sync.transactions', 'permission denied for schema ponder_sync'],
			[`begin read write; delete from ${schema}.later`, 'permission denied for table later'],
			[`delete from ${schema}.later`, 'read-only transaction'],
			['begin read write; create temporary table own (id int)', 'permission denied'],
			['begin read write; create schema own', 'permission denied'],
			["select pg_read_file('/etc/passwd')", 'permission denied'],
			["set temp_file_limit = '10GB'", 'permission denied'],
		] as const) {
			await expect(as('reader', text), text).rejects.toThrow(message);
		}
		expect(await as('reader', 'show statement_timeout')).toEqual([{ statement_timeout: '30s' }]);
	});

	it('the agent reads no table of the indexer, and the indexer none of the agent', async () => {
		await expect(as('agent', `select * from ${schema}.job`)).rejects.toThrow('permission denied');
		await expect(as('indexer', 'select * from agent.job')).rejects.toThrow('permission denied');
		await expect(as('indexer', 'drop schema agent cascade')).rejects.toThrow('must be owner');
	});

	it('SYS-05 the agent’s public API gets nothing by itself: the router gives it its rights', async () => {
		await expect(as('api', 'select * from agent.job')).rejects.toThrow('permission denied for schema agent');
		await as('agent', 'grant usage on schema agent to necto_api; grant select on agent.job to necto_api');
		expect(await as('api', 'select count(*) > 0 as some from agent.job')).toEqual([{ some: true }]);
		for (const [text, message] of [
			["insert into agent.job (requester) values ('0xd')", 'permission denied for table job'],
			['alter table agent.job add column own int', 'must be owner'],
			['create table agent.own (id int)', 'permission denied for schema agent'],
			['create schema own', 'permission denied'],
			['create temporary table own (id int)', 'permission denied'],
			[`select * from ${schema}.job`, 'permission denied'],
			['set role necto_agent', 'permission denied'],
		] as const) {
			await expect(as('api', text), text).rejects.toThrow(message);
		}
	});

	it('are there again after the database was emptied', async () => {
		await database.reset();
		expect(await query(database.url, "select 1 from pg_namespace where nspname = 'agent'")).toEqual([]);
		await as('indexer', `create schema ${schema}; create table ${schema}.job (id int)`);
		await openToReader(database.roles, schema);
		expect(await as('reader', `select * from ${schema}.job`)).toEqual([]);
		await as('agent', 'create schema agent; create table agent.job (id int)');
		await expect(as('reader', 'select * from agent.job')).rejects.toThrow('permission denied');
	});
});
