/** A pool whose process dies at one of its statements: before it reaches the database, or after it took effect and before anybody knows. */
import type { Pool } from 'pg';

export class Crash extends Error {
	override name = 'Crash';
}

export interface Fuse {
	/** Statements until the crash; null for none. */
	left: number | null;
}

type Query = (...args: unknown[]) => Promise<unknown>;

/** The same pool, with a fuse in it. What a crash leaves open is rolled back, as when the connection breaks. */
export function fused(pool: Pool, fuse: Fuse): Pool {
	const guarded = (query: Query): Query => {
		return async (...args) => {
			if (fuse.left === null || args[0] === 'ROLLBACK') return query(...args);
			fuse.left--;
			if (fuse.left === 0) throw new Crash('before a statement');
			const result = await query(...args);
			if (fuse.left < 0) throw new Crash('after a statement');
			return result;
		};
	};
	// Only what the journal uses of a pool: both are passed through but for the fuse.
	const parts = {
		query: guarded((...args) => (pool.query as unknown as Query).apply(pool, args)),
		connect: async () => {
			const client = await pool.connect();
			const query = guarded((...args) => (client.query as unknown as Query).apply(client, args));
			return { query, release: (broken?: Error) => client.release(broken) };
		},
	};
	return parts as unknown as Pool;
}
