/** The agent behind nodes that lag, lie, forget and fail. `SIMULATION_ROUNDS` plays more rounds, `SIMULATION_SEED` begins with another one. */
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { migrate, openPool } from '../../src/journal/database.ts';
import { createLogger } from '../../src/logger.ts';
import { playRound } from '../simulation/round.ts';
import { freshDatabase } from '../support/database.ts';

const ROUNDS = Number(process.env.SIMULATION_ROUNDS ?? 200);
const SEED = Number(process.env.SIMULATION_SEED ?? 1);
/** Rounds at the same time: most of a round waits for the database. */
const SIDE_BY_SIDE = 8;

let pool: Pool;

beforeAll(async () => {
	const url = await freshDatabase(inject('network').ready.database, 'agent_simulation_test');
	// Nothing here has to outlive the machine.
	pool = openPool(`${url}?options=${encodeURIComponent('-c synchronous_commit=off')}`, createLogger('silent'));
	await migrate(pool);
});

afterAll(() => pool?.end());

describe('SYS-05 nodes that lag, lie, forget and fail', () => {
	it(`lose and double no job in ${ROUNDS} rounds`, { timeout: 60_000 + ROUNDS * 5_000 }, async () => {
		const failures: string[] = [];
		const seeds = Array.from({ length: ROUNDS }, (_, index) => SEED + index);
		const play = async () => {
			for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
				await playRound(pool, seed).catch((error: unknown) => {
					failures.push(`SIMULATION_SEED=${seed} SIMULATION_ROUNDS=1: ${String(error)}`);
				});
			}
		};
		await Promise.all(Array.from({ length: SIDE_BY_SIDE }, play));
		expect(failures).toEqual([]);
	});
});
