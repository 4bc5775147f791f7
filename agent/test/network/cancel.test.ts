/** Queries of public reads end with their time and with their client. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { cancelledBy } from '../../src/journal/cancel.ts';
import { openPool, PUBLIC_READS } from '../../src/journal/database.ts';
import { createLogger } from '../../src/logger.ts';
import { freshDatabase } from '../support/database.ts';
import { until } from '../support/network.ts';

const logger = createLogger('silent');
let database: string;
beforeAll(async () => {
	database = await freshDatabase(inject('network').ready.database, 'agent_cancel_test');
});

const pools: ReturnType<typeof openPool>[] = [];
afterAll(async () => {
	for (const pool of pools) await pool.end();
});

function pool(changes: Partial<typeof PUBLIC_READS> = {}) {
	const made = openPool(database, logger, { ...PUBLIC_READS, ...changes });
	pools.push(made);
	return made;
}

describe('SYS-05 a query of a public read', () => {
	it('is cancelled in the database when its client leaves, and the connection serves the next', async () => {
		const reads = pool({ name: 'cancelled', most: 1, statementMs: 60_000 });
		const watch = pool({ name: 'watching' });
		const leaving = new AbortController();
		const query = cancelledBy(reads, leaving.signal).query('SELECT pg_sleep(50)');
		const running = async () =>
			(
				await watch.query(
					"SELECT 1 FROM pg_stat_activity WHERE application_name = 'cancelled' AND state = 'active' AND query LIKE '%pg_sleep(50)%'",
				)
			).rows.length;
		await until(async () => (await running()) === 1);
		leaving.abort();
		await expect(query).rejects.toMatchObject({ code: '57014' });
		// PostgreSQL answers before it shows the connection as idle.
		await until(async () => (await running()) === 0, 20_000);
		const next = await cancelledBy(reads, new AbortController().signal).query<{ one: number }>('SELECT 1 AS one');
		expect(next.rows).toEqual([{ one: 1 }]);
	});

	it('is not begun for who left already', async () => {
		const reads = pool();
		await expect(cancelledBy(reads, AbortSignal.abort(new Error('gone'))).query('SELECT 1')).rejects.toThrow('gone');
	});

	it('ends after its time', async () => {
		const reads = pool({ statementMs: 200 });
		const { signal } = new AbortController();
		await expect(cancelledBy(reads, signal).query('SELECT pg_sleep(50)')).rejects.toMatchObject({ code: '57014' });
	});
});
