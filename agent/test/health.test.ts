/** What `/ready` looks at, without a network. */
import { BaseError } from 'viem';
import { describe, expect, it } from 'vitest';
import type { ChainClient } from '../src/chain/clients.ts';
import { gasAdvice, inCoins, isInsufficientFunds, mustAfford, NoFundsError } from '../src/chain/funds.ts';
import { ChainClock } from '../src/health/clock.ts';
import { Health } from '../src/health/health.ts';
import { lagAdvice, readIndexLag } from '../src/health/indexLag.ts';
import { Metrics } from '../src/metrics.ts';
import { storageAdvice } from '../src/zerog/funds.ts';
import { ROUTER, standIn } from './support/standIns.ts';

const TOLERANCE = 300;

/** A chain whose blocks a test makes, and the agent's clock. */
function chain(options: { pending?: boolean } = {}) {
	const state = { now: 1_800_000_000, chainNow: 1_800_000_000, times: new Map<bigint, number>(), head: 0n };
	const client = standIn<ChainClient>({
		// The overloads of the real one depend on the tag; only these two fields are read.
		getBlock: (async ({ blockNumber, blockTag }: { blockNumber?: bigint; blockTag?: string }) => {
			if (blockTag === 'pending' && options.pending === true) {
				return { number: state.head + 1n, timestamp: BigInt(state.chainNow) };
			}
			const number = blockNumber ?? state.head;
			return { number, timestamp: BigInt(state.times.get(number) ?? 0) };
		}) as unknown as ChainClient['getBlock'],
	});
	const clock = new ChainClock({ client, tolerance: TOLERANCE, now: () => state.now });
	return {
		state,
		clock,
		client,
		pass(seconds: number) {
			state.now += seconds;
			state.chainNow += seconds;
		},
		mine() {
			state.head++;
			state.times.set(state.head, state.chainNow);
			return state.head;
		},
	};
}

describe('SYS-06 a clock that is wrong', () => {
	it('an hour ahead is noticed at the first new block, and is forgiven when it is right again', async () => {
		const { clock, state, pass, mine } = chain();
		state.now += 3_600;
		await clock.look(mine());
		// The block may be an hour old: nothing is known yet.
		expect(clock.advice()).toBeNull();
		for (let poll = 0; poll < 5; poll++) {
			pass(1);
			await clock.look(state.head);
		}
		await clock.look(mine());
		expect(clock.skew).toBeGreaterThanOrEqual(3_590);
		expect(clock.advice()).toMatch(
			/^The agent's clock is 60 minutes ahead of the chain\. Synchronise the machine's clock with NTP/,
		);
		expect(() => clock.assertInSync()).toThrow(/ahead of/);
		state.now -= 3_600;
		pass(1);
		await clock.look(mine());
		pass(1);
		await clock.look(mine());
		expect(clock.advice()).toBeNull();
	});

	it('an hour behind is noticed at once', async () => {
		const { clock, state, mine } = chain();
		state.now -= 3_600;
		await clock.look(mine());
		expect(clock.advice()).toMatch(/60 minutes behind the chain\./);
	});

	it('a quiet chain, a slow look and a second of difference are no faults', async () => {
		const { clock, state, pass, mine } = chain();
		await clock.look(mine());
		pass(86_400);
		await clock.look(state.head);
		pass(2);
		await clock.look(mine());
		expect(clock.skew).toBe(0);
		// Nothing was looked at for ten minutes: the block may be from any moment in them.
		pass(1);
		mine();
		pass(600);
		await clock.look(state.head);
		expect(clock.advice()).toBeNull();
		state.chainNow += 2;
		await clock.look(mine());
		expect(clock.advice()).toBeNull();
	});

	it('a quiet chain that tells of its next block shows it too', async () => {
		const { clock, state, pass, mine } = chain({ pending: true });
		mine();
		pass(86_400);
		await clock.lookAhead();
		expect(clock.skew).toBe(0);
		state.now += 3_600;
		await clock.lookAhead();
		expect(clock.advice()).toMatch(/ahead/);
		const without = chain();
		without.mine();
		without.pass(86_400);
		await without.clock.lookAhead();
		expect(without.clock.skew).toBeNull();
	});
});

describe('SYS-05 what keys have to hold', () => {
	it('is said with the key, its balance and what is needed', () => {
		expect(gasAdvice({ balance: 9n, needed: 9n }, ROUTER, 10, 'ADI')).toBeNull();
		expect(gasAdvice({ balance: 10n ** 14n, needed: 10n ** 16n }, ROUTER, 10, 'ADI')).toBe(
			`Send ADI to the router's account ${ROUTER}: it has 0.0001 ADI, and 10 routes cost up to 0.01 ADI at the present gas price.`,
		);
		expect(storageAdvice({ balance: 0n, needed: 2n * 10n ** 16n }, ROUTER, 10)).toBe(
			`Send 0G to the storage account ${ROUTER}: it has 0 0G, and storing 10 decisions costs about 0.02 0G.`,
		);
		expect([0n, 1n, 10n ** 18n, 15n * 10n ** 17n, 123_456_789n * 10n ** 10n].map((wei) => inCoins(wei, 'ADI'))).toEqual(
			['0 ADI', 'less than 0.000001 ADI', '1 ADI', '1.5 ADI', '1.234567 ADI'],
		);
	});

	it('fails one transaction with a message that stays the same while amounts change', () => {
		const failures = [1n, 2n].map((balance) => {
			try {
				mustAfford(balance, 10n ** 15n, ROUTER, 'ADI');
			} catch (error) {
				return error;
			}
			return null;
		});
		expect(failures[0]).toBeInstanceOf(NoFundsError);
		expect(failures.map((error) => (error instanceof Error ? error.message : ''))[0]).toContain(ROUTER);
		expect(new Set(failures.map((error) => (error instanceof Error ? error.message : ''))).size).toBe(1);
	});

	it('is told from other refusals of a node', () => {
		const of = (details: string) => new BaseError('RPC Request failed.', { cause: new Error(details) });
		expect(isInsufficientFunds(of('insufficient funds for gas * price + value'))).toBe(true);
		expect(isInsufficientFunds(of('Insufficient funds for gas * price + value'))).toBe(true);
		expect(isInsufficientFunds(of('already known'))).toBe(false);
		expect(isInsufficientFunds(new Error('insufficient funds'))).toBe(false);
	});
});

describe('SYS-05 index lag', () => {
	it('count from the first block that is not indexed, so that a quiet chain is never late', async () => {
		const { client, state, pass, mine } = chain();
		mine();
		pass(86_400);
		mine();
		expect(await readIndexLag(client, 2n, 2n)).toEqual({ blocks: 0n, seconds: 0 });
		expect(await readIndexLag(client, 2n, 1n)).toEqual({ blocks: 1n, seconds: 0 });
		pass(200);
		mine();
		const lag = await readIndexLag(client, state.head, 1n);
		expect(lag).toEqual({ blocks: 2n, seconds: 200 });
		expect(lagAdvice(lag)).toContain('2 blocks (200 s) behind');
		expect(lagAdvice({ blocks: 50n, seconds: 120 })).toBeNull();
		expect(lagAdvice({ blocks: 51n, seconds: 1 })).toContain('51 blocks');
	});
});

describe('SYS-05 the checks', () => {
	it('run once for all who ask in the same moment, and one that fails names itself', async () => {
		let now = 0;
		let runs = 0;
		const metrics = new Metrics();
		const health = new Health(
			{
				good: () => {
					runs++;
				},
				bad: async () => {
					throw new Error('It is broken: mend it.');
				},
			},
			metrics,
			() => now,
		);
		const answers = await Promise.all([health.look(), health.look()]);
		expect(runs).toBe(1);
		expect(answers[0]).toEqual({
			ready: false,
			checks: [
				{ name: 'good', ok: true, detail: null },
				{ name: 'bad', ok: false, detail: 'It is broken: mend it.' },
			],
		});
		now = 1_500;
		await health.look();
		expect(runs).toBe(2);
		const text = await metrics.registry.metrics();
		expect(text).toContain('necto_agent_check{check="good"} 1');
		expect(text).toContain('necto_agent_check{check="bad"} 0');
	});
});
