/** What the public API's role may do in the schema `agent`. The router, which owns the schema, gives it these rights after each migration. */
import type { Pool, PoolClient } from 'pg';

/** Its name unless the setting API_DATABASE_ROLE says otherwise. */
export const API_ROLE = 'necto_api';

const READ = ['migration', 'job', 'file', 'activity', 'price_point', 'token_point', 'reading', 'router'] as const;
/** What only the public API writes. */
const WRITTEN = ['watch'] as const;

const qualified = (tables: readonly string[]) => tables.map((table) => `agent.${table}`).join(', ');

/**
 * Gives the role exactly these rights, if it exists and is not the router's own. For a transaction of the caller's.
 *
 * @param role without quotation marks
 */
export async function giveRights(client: PoolClient, role: string): Promise<void> {
	const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1 AND rolname <> current_user', [
		role,
	]);
	if (rowCount === 0) return;
	await client.query(
		`REVOKE ALL ON SCHEMA agent FROM "${role}";
		REVOKE ALL ON ALL TABLES IN SCHEMA agent FROM "${role}";
		REVOKE ALL ON ALL SEQUENCES IN SCHEMA agent FROM "${role}";
		GRANT USAGE ON SCHEMA agent TO "${role}";
		GRANT SELECT ON ${qualified(READ)} TO "${role}";
		GRANT SELECT, INSERT, UPDATE, DELETE ON ${qualified(WRITTEN)} TO "${role}"`,
	);
}

/** Tables of the router that this connection's role may change: none, unless the public API was given a role with too many rights. */
export async function tooManyRights(pool: Pool): Promise<string[]> {
	const { rows } = await pool.query<{ name: string }>(
		`SELECT relname AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
		WHERE nspname = 'agent' AND relkind = 'r' AND relname <> ALL ($1)
			AND has_table_privilege(pg_class.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') ORDER BY 1`,
		[WRITTEN],
	);
	return rows.map(({ name }) => name);
}
