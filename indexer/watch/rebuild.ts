/**
 * Marks of schemas whose rows do not fit the chain. Whoever finds that marks the schema and ends the process; the next start throws the rows away, with the
 * copy of the chain that they were made of, and indexes anew. The mark stays, so that a chain that nobody can read well is not indexed without end.
 */
import { Client } from 'pg';

const PREPARE = `
CREATE SCHEMA IF NOT EXISTS necto_index;
CREATE TABLE IF NOT EXISTS necto_index.rebuild (
	schema text PRIMARY KEY,
	reason text NOT NULL,
	wanted boolean NOT NULL,
	at timestamptz NOT NULL DEFAULT now()
);
-- Blocks with their hashes as the rows were made of them.
CREATE TABLE IF NOT EXISTS necto_index.anchor (
	schema text NOT NULL,
	block bigint NOT NULL,
	hash text NOT NULL,
	PRIMARY KEY (schema, block)
);
`;
/** Between two rebuilds of one schema. */
const REST = '6 hours';

/** Runs work with a connection of the role that indexes, once the tables above are there. */
export function withDatabase<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
	return withConnection(url, async (client) => {
		await client.query(PREPARE);
		return work(client);
	});
}

/** Runs work with a connection that needs no right to create anything: the public API's role has none. */
export async function withConnection<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
	const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, statement_timeout: 60_000 });
	// A connection that breaks fails the query; without a listener it would end the process as well.
	client.on('error', () => undefined);
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/**
 * Drops marked schemas, each in one transaction, and lets the readers of the schema that is indexed next read the kept block hashes. Called before Ponder opens its
 * schema.
 *
 * @param schema the one that is indexed next, if it is known
 */
export async function dropMarked(url: string, schema?: string): Promise<void> {
	await withDatabase(url, async (client) => {
		if (schema !== undefined) await openAnchors(client, schema);
		const { rows } = await client.query<{ schema: string }>('SELECT schema FROM necto_index.rebuild WHERE wanted');
		for (const { schema } of rows) {
			// What is killed half way leaves the schema with its readers, and the mark. An error ends the connection, and the transaction with it.
			await client.query('BEGIN');
			const readers = await readersOf(client, schema);
			await client.query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`);
			for (const reader of readers) await openTo(client, schema, reader);
			await client.query('DROP SCHEMA IF EXISTS ponder_sync CASCADE');
			await client.query('DELETE FROM necto_index.anchor WHERE schema = $1', [schema]);
			await client.query('UPDATE necto_index.rebuild SET wanted = false, at = now() WHERE schema = $1', [schema]);
			await client.query('COMMIT');
		}
	});
}

/** Roles other than the owner that may use a schema, quoted for SQL. */
async function readersOf(client: Client, schema: string): Promise<string[]> {
	const { rows } = await client.query<{ role: string }>(
		`SELECT DISTINCT grantee::regrole::text AS role FROM pg_namespace, aclexplode(nspacl)
		WHERE nspname = $1 AND privilege_type = 'USAGE' AND grantee NOT IN (0, nspowner)`,
		[schema],
	);
	return rows.map(({ role }) => role);
}

/** Makes the schema anew and lets a role read what will be in it: grants go with what they are on. */
async function openTo(client: Client, schema: string, role: string): Promise<void> {
	await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
	await client.query(`GRANT USAGE ON SCHEMA ${quoted(schema)} TO ${role}`);
	await client.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA ${quoted(schema)} GRANT SELECT ON TABLES TO ${role}`);
}

/** Lets those who may read a schema read the kept hashes, which their `/health/index` compares with the chain, and nothing else beside them. */
async function openAnchors(client: Client, schema: string): Promise<void> {
	const { rows } = await client.query<{ role: string }>(
		`SELECT DISTINCT grantee::regrole::text AS role FROM pg_namespace, aclexplode(nspacl)
		WHERE nspname = $1 AND privilege_type = 'USAGE' AND grantee NOT IN (0, nspowner) AND NOT (
			has_schema_privilege(grantee, 'necto_index', 'USAGE') AND has_table_privilege(grantee, 'necto_index.anchor', 'SELECT'))`,
		[schema],
	);
	for (const { role } of rows) {
		await client.query(`GRANT USAGE ON SCHEMA necto_index TO ${role}`);
		await client.query(`GRANT SELECT ON necto_index.anchor TO ${role}`);
	}
}

/** Marks a schema. Says no when it was indexed anew not long ago: then once more would give the same. */
export async function mark(client: Client, schema: string, reason: string): Promise<boolean> {
	const { rowCount } = await client.query(
		`INSERT INTO necto_index.rebuild AS old VALUES ($1, $2, true)
		ON CONFLICT (schema) DO UPDATE SET reason = excluded.reason, wanted = true, at = now()
		WHERE old.at < now() - interval '${REST}'`,
		[schema, reason],
	);
	return rowCount === 1;
}

/** Keeps a block's hash, and only those of the newest blocks. Roles that became readers of the schema meanwhile may read them from now on. */
export async function keepAnchor(client: Client, schema: string, block: bigint, hash: string): Promise<void> {
	await openAnchors(client, schema);
	await client.query('INSERT INTO necto_index.anchor VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
		schema,
		block,
		hash,
	]);
	await client.query(
		`DELETE FROM necto_index.anchor WHERE schema = $1 AND block NOT IN
			(SELECT block FROM necto_index.anchor WHERE schema = $1 ORDER BY block DESC LIMIT 100)`,
		[schema],
	);
}

/** The newest kept block that is not above the given one; null without one. */
export async function anchorBelow(
	client: Client,
	schema: string,
	block: bigint,
): Promise<{ block: bigint; hash: string } | null> {
	const text =
		'SELECT block, hash FROM necto_index.anchor WHERE schema = $1 AND block <= $2 ORDER BY block DESC LIMIT 1';
	const { rows } = await client.query<{ block: string; hash: string }>(text, [schema, block]);
	const [row] = rows;
	return row === undefined ? null : { block: BigInt(row.block), hash: row.hash };
}
