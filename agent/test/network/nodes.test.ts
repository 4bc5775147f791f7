/** A real agent on a real chain, behind two addresses whose nodes lag, leave logs out and fail. What is drawn follows from the seeds. */
import { jobRegistryAbi, jobStatus } from '@necto/contracts';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { Random } from '../simulation/random.ts';
import { useAgents } from '../support/agents.ts';
import { type FaultyRpc, faultyRpc, NO_FAULTS } from '../support/faultyRpc.ts';
import { until } from '../support/network.ts';

const SEEDS = [1, 2, 3];
const JOBS = 3;
/** Milliseconds for which a node stays as it is. */
const MOOD_MS = 400;

const { ready } = inject('network');
const { agent, buyer, rows, stateOf, titles } = useAgents();

function change(nodes: readonly FaultyRpc[], random: Random): void {
	for (const node of nodes) {
		node.faults = {
			lag: random.pick([0, 2, 6]),
			empty: random.pick([0, 0.5, 0.9]),
			fails: random.pick([0, 0.1, 0.3]),
		};
	}
}

/** Takes a job back. It may be routed in the same moment, and then has other terms. */
async function givenUp(job: bigint): Promise<void> {
	await until(async () => {
		await buyer.giveUp(job).catch(() => undefined);
		return (await buyer.status(job)) === jobStatus.cancelled;
	});
}

describe('SYS-05 AGT-01 behind nodes that lag, leave logs out and fail', () => {
	it(`each job is routed once or given back, in ${SEEDS.length} rounds`, async () => {
		let random = new Random(0);
		const nodes = await Promise.all(
			[1, 2].map(() => faultyRpc(ready.adi.rpc, (probability) => random.chance(probability))),
		);
		onTestFinished(async () => {
			for (const node of nodes) await node.close();
		});
		await agent({ ADI_RPC_URL: nodes.map(({ url }) => url).join(), ADI_WS_URL: '', CHAIN_POLL_MS: '200' });

		for (const seed of SEEDS) {
			random = new Random(seed);
			change(nodes, random);
			const moods = setInterval(() => change(nodes, random), MOOD_MS);
			const jobs: bigint[] = [];
			const gone: bigint[] = [];
			try {
				for (let job = 0; job < JOBS; job++) jobs.push(await buyer.request());
				const cancelled = await buyer.request();
				await givenUp(cancelled);
				gone.push(cancelled);
				await until(async () => (await Promise.all(jobs.map(stateOf))).some((state) => state !== undefined));
			} finally {
				clearInterval(moods);
				for (const node of nodes) node.faults = NO_FAULTS;
			}

			for (const job of jobs) {
				await until(async () => (await stateOf(job)) === 'routed').catch(async (error: unknown) => {
					throw new Error(`Seed ${seed}, job ${job}: ${await stateOf(job)}\n${await titles(job)}`, { cause: error });
				});
				expect(await buyer.status(job)).toBe(jobStatus.routed);
				expect(await buyer.routes(job), `routes of job ${job}, seed ${seed}`).toHaveLength(1);
			}
			for (const job of gone) {
				await until(async () => ['superseded', 'dead', 'routed'].includes((await stateOf(job)) ?? ''));
				expect(await buyer.status(job)).toBe(jobStatus.cancelled);
				expect((await buyer.routes(job)).length).toBeLessThan(2);
			}
			// The GPUs are free for the next round.
			for (const job of jobs) await givenUp(job);
		}
		for (const fault of ['lag', 'empty', 'fails'] as const) {
			expect(
				nodes.reduce((sum, { shown }) => sum + shown[fault], 0),
				fault,
			).toBeGreaterThan(10);
		}
		const counted = await buyer.reader.readContract({
			abi: jobRegistryAbi,
			address: ready.contracts.jobRegistry,
			functionName: 'jobCount',
		});
		expect((await rows('SELECT count(*)::int AS jobs FROM agent.job WHERE id <= $1', counted))[0]).toEqual({
			jobs: Number(counted),
		});
	});
});
