import { query } from './query.ts';

/** Who uses the database. Each has a role of its own, so that none can do more than its work needs. */
export const ROLES = ['indexer', 'reader', 'agent', 'api'] as const;
export type RoleName = (typeof ROLES)[number];

/** The address of the database, for each role. */
export type RoleUrls = Readonly<Record<RoleName, string>>;

const PREFIX = 'necto_';

/** A role's name in PostgreSQL. */
export function roleOf(name: RoleName): string {
	return `${PREFIX}${name}`;
}

/** Whose each schema is; earlier versions had one role for everything. */
const OWNERS = `
	select nspname as schema, case when nspname = 'agent' then 'necto_agent' else 'necto_indexer' end as role
	from pg_namespace where nspname in ('agent', 'ponder_sync', 'necto_index') or nspname ~ '^necto_[0-9a-f]{16}$'`;

/** What of a schema has an owner of its own. Sequences of a column, indexes and row types follow their table. */
const OWNED = `
	select format('alter schema %I owner to %I', schema, role) as change, oid as "of"
	from owners join pg_namespace on nspname = schema where pg_get_userbyid(nspowner) <> role
	union all
	select format('alter table %s owner to %I', c.oid::regclass, role), c.oid
	from owners join pg_class c on c.relnamespace = schema::regnamespace
	where pg_get_userbyid(relowner) <> role and (relkind in ('r', 'p', 'v', 'm', 'f') or relkind = 'S' and not exists (
		select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i') and d.refobjsubid > 0))
	union all
	select format('alter routine %s owner to %I', p.oid::regprocedure, role), p.oid
	from owners join pg_proc p on p.pronamespace = schema::regnamespace where pg_get_userbyid(proowner) <> role
	union all
	select format('alter type %s owner to %I', t.oid::regtype, role), t.oid
	from owners join pg_type t on t.typnamespace = schema::regnamespace
	where pg_get_userbyid(typowner) <> role and typtype in ('e', 'd')`;

/**
 * Makes the roles, or brings them up to date, in the embedded database. What an earlier version's one role owned goes to whom it belongs; rows are
 * not touched. Safe to run at every start.
 *
 * - `necto_indexer` owns the indexer's schemas and Ponder's store of raw blocks;
 * - `necto_reader`, of the public API, may read the schemas that are opened to it (`openToReader`) and write nothing;
 * - `necto_agent`, of the router, owns the schema `agent`;
 * - `necto_api`, of the agent's public API, gets its few rights in that schema from the router.
 *
 * @param url the database, as a superuser
 * @param passwords without characters that SQL would have to escape
 */
export async function prepareRoles(url: string, passwords: Readonly<Record<RoleName, string>>): Promise<void> {
	const database = new URL(url).pathname.slice(1);
	const create = ROLES.map(
		(name) =>
			`if not exists (select from pg_roles where rolname = '${roleOf(name)}') then create role ${roleOf(name)}; end if;`,
	);
	const plain = 'login nosuperuser nocreatedb nocreaterole';
	await query(
		url,
		`begin;
		do $$ begin ${create.join('\n')} end $$;
		alter role necto_indexer ${plain} connection limit 60 password '${passwords.indexer}';
		alter role necto_agent ${plain} connection limit 60 password '${passwords.agent}';
		alter role necto_reader ${plain} connection limit 40 password '${passwords.reader}';
		alter role necto_api ${plain} connection limit 40 password '${passwords.api}';
		alter role necto_api set statement_timeout = '30s';
		alter role necto_api set idle_in_transaction_session_timeout = '60s';
		alter role necto_api set temp_file_limit = '256MB';
		alter role necto_api set client_connection_check_interval = '1s';
		alter role necto_reader set default_transaction_read_only = on;
		alter role necto_reader set statement_timeout = '30s';
		alter role necto_reader set idle_in_transaction_session_timeout = '60s';
		alter role necto_reader set temp_file_limit = '256MB';
		alter role necto_reader set client_connection_check_interval = '1s';
		revoke all on database ${database} from public;
		revoke connect on database postgres from public;
		revoke all on schema public from public;
		grant connect, temporary, create on database ${database} to necto_indexer;
		grant connect, create on database ${database} to necto_agent;
		grant connect on database ${database} to necto_reader;
		grant connect on database ${database} to necto_api;
		do $$ declare change text; begin
			for change in with owners as (${OWNERS}) select each.change from (${OWNED}) each loop execute change; end loop;
		end $$;
		commit`,
	);
}

/**
 * Makes a schema of the indexer's and lets the public API's role read what is or will be in it. With one role for both there is nothing to do.
 *
 * @param urls of a database whose indexer may create schemas
 */
export async function openToReader(urls: Pick<RoleUrls, 'indexer' | 'reader'>, schema: string): Promise<void> {
	if (urls.indexer === urls.reader) return;
	const [reader] = await query(urls.reader, 'select quote_ident(current_user) as name');
	const role = String(reader?.name);
	await query(
		urls.indexer,
		`begin;
		create schema if not exists "${schema}";
		grant usage on schema "${schema}" to ${role};
		grant select on all tables in schema "${schema}" to ${role};
		alter default privileges in schema "${schema}" grant select on tables to ${role};
		commit`,
	);
}
