/** Queries that end when nobody waits for them any more. */
import { Client, type Pool, type PoolClient, type QueryResult, type QueryResultRow } from 'pg';

/** The one thing that reading needs of a pool. */
export interface Queryable {
	query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>>;
}

/**
 * The pool for one request: its queries are cancelled in the database when the signal fires.
 *
 * @throws what the signal was aborted with, or PostgreSQL's error 57014 for a query that was cancelled
 */
export function cancelledBy(pool: Pool, signal: AbortSignal): Queryable {
	return {
		async query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>> {
			signal.throwIfAborted();
			const client = await pool.connect();
			let cancelling: Promise<void> | null = null;
			const cancel = () => {
				cancelling = cancelBackend(pool, client);
			};
			signal.addEventListener('abort', cancel, { once: true });
			try {
				signal.throwIfAborted();
				return await client.query<Row>(text, values);
			} finally {
				signal.removeEventListener('abort', cancel);
				// Until then, as the cancellation must not meet the next query of this connection.
				await cancelling;
				client.release();
			}
		},
	};
}

async function cancelBackend(pool: Pool, client: PoolClient): Promise<void> {
	// The driver has it, its types do not. Known since the connection was made.
	const { processID } = client as PoolClient & { processID: number };
	// A connection of its own: all of the pool's may be busy with what is to be cancelled.
	const other = new Client(pool.options);
	try {
		await other.connect();
		await other.query('SELECT pg_cancel_backend($1)', [processID]);
	} catch {
		// The statement's own time limit ends it.
	} finally {
		await other.end().catch(() => undefined);
	}
}
