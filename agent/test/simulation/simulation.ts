/**
 * The agent behind nodes that lag, lie, forget and fail. `SIMULATION_ROUNDS` plays more rounds, `SIMULATION_SEED` begins with another one. The rounds are
 * dealt out to test files, so that each has a process of its own: a round takes a processor's time and waits for nothing.
 */
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { migrate, openPool } from '../../src/journal/database.ts';
import { createLogger } from '../../src/logger.ts';
import { freshDatabase } from '../support/database.ts';
import { playRound } from './round.ts';

const ROUNDS = Number(process.env.SIMULATION_ROUNDS ?? 200);
const SEED = Number(process.env.SIMULATION_SEED ?? 1);
const FILES = 2;
/** Rounds of one file at the same time: one uses the processor while others wait for the database. */
const SIDE_BY_SIDE = 8;

/** The rounds of one file, of which there are two. @param file 0 or 1 */
export function describeRounds(file: number): void {
	const seeds = Array.from({ length: ROUNDS }, (_, index) => SEED + index).filter((_, index) => index % FILES === file);
	let pool: Pool;

	beforeAll(async () => {
		pool = openPool(await freshDatabase(inject('database'), `agent_simulation_${file}`), createLogger('silent'));
		await migrate(pool);
	});

	afterAll(() => pool?.end());

	describe('SYS-05 nodes that lag, lie, forget and fail', () => {
		it(`lose and double no job in ${seeds.length} rounds`, { timeout: 60_000 + ROUNDS * 5_000 }, async () => {
			const failures: string[] = [];
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
}
