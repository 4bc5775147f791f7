import { describe, expect, it } from 'vitest';
import { jobCost, jobOf, marketQuerySchema, microUsd, type QueryJob, type Quote } from '../../src/index.ts';
import { listed, NOW, price, quote } from '../build.ts';

const HOUR = 3_600;
const job = (parts: Partial<QueryJob> = {}): QueryJob => ({ gpuCount: 1, seconds: HOUR, restartSeconds: 0, ...parts });
/** At $2 per GPU-hour. */
function cost(offer: Quote, wanted: QueryJob, performanceBps = 10_000) {
	const result = jobCost(offer, microUsd(2_000_000n), wanted, performanceBps);
	if (result === null) throw new Error('There is a cost.');
	return { ...result, names: result.steps.map(({ name }) => name) };
}
const machine = (numerator: number, denominator = 1) =>
	quote({ gpus: { numerator, denominator }, price: price({ per: 'instance' }) });
const interrupted = (monthlyBps: number, bound: 'about' | 'at-least' = 'about') =>
	quote({ interruption: { monthlyBps, bound, noticeSeconds: 120, source: 'Spot Advisor', observedAt: NOW } });

describe('AGT-02, SYS-03 what a job costs', () => {
	it('is price × GPUs × hours where nothing is added', () => {
		// $2 × 4 GPUs × 72 h = $576.
		const { total, perGpuHour, names } = cost(quote(), job({ gpuCount: 4, seconds: 72 * HOUR }));
		expect([total, perGpuHour]).toEqual([576_000_000n, 2_000_000n]);
		expect(names).toEqual(['machines', 'job-total', 'job-rate']);
	});

	it('pays whole machines', () => {
		// One GPU wanted, eight paid: $2 × 8 × 1 h = $16, all of it for one GPU-hour of work.
		expect(cost(machine(8), job())).toMatchObject({ total: 16_000_000n, perGpuHour: 16_000_000n });
		// Nine wanted: two machines of eight, $2 × 16 = $32; ÷ 9 = $3.5555556, rounded up.
		expect(cost(machine(8), job({ gpuCount: 9 }))).toMatchObject({ total: 32_000_000n, perGpuHour: 3_555_556n });
	});

	it('says when not all GPUs can be in one machine', () => {
		const first = (widest: number | null) =>
			cost({ ...quote(), availability: { state: 'available', gpus: 8, widest } }, job({ gpuCount: 8 })).steps[0]
				?.formula;
		expect(first(4)).toBe('8, sold by the GPU, at most 4 of them in one machine');
		expect(first(8)).toBe('8, sold by the GPU');
		expect(first(null)).toBe('8, sold by the GPU');
	});

	it('pays as many fractions of a card as are needed', () => {
		// Sixths: one GPU is six of them, $2 in all. Two fifths of a card: three of them are 6/5 of a GPU, $2.40.
		expect(cost(machine(1, 6), job()).total).toBe(2_000_000n);
		expect(cost(machine(2, 5), job())).toMatchObject({ total: 2_400_000n, perGpuHour: 2_400_000n });
	});

	it('pays the least time of a rental', () => {
		// One hour of work, a day is paid: $48.
		const day = { ...quote(), rental: { minSeconds: 24 * HOUR, prepaid: true } };
		const short = cost(day, job());
		expect([short.total, short.perGpuHour]).toEqual([48_000_000n, 48_000_000n]);
		expect(short.steps.find(({ name }) => name === 'least-time')?.formula).toContain('paid in advance');
		// Two days of work are paid as they are.
		const long = cost(day, job({ seconds: 48 * HOUR }));
		expect([long.total, long.names.includes('least-time')]).toEqual([96_000_000n, false]);
		// A least time that nobody states adds nothing.
		expect(cost({ ...quote(), rental: { minSeconds: null, prepaid: null } }, job()).total).toBe(2_000_000n);
	});

	it('adds the work that expected restarts repeat', () => {
		// 20% in 730 hours, 73 hours of work: 0.02 restarts of 40 minutes each are 48 s. $2 × (262,800 + 48) s ÷ 3600 = $146.0266667.
		const { total, perGpuHour, steps } = cost(interrupted(2_000), job({ seconds: 73 * HOUR, restartSeconds: 2_400 }));
		expect(total).toBe(146_026_667n);
		// ÷ 73 h = $2.0003653, rounded up.
		expect(perGpuHour).toBe(2_000_366n);
		const restarts = steps.find(({ name }) => name === 'restarts');
		expect(restarts?.value).toBe('262848');
		expect(restarts?.formula).toContain('about 20% in 730 hours (Spot Advisor');
	});

	it('says that a class without an upper end gives a lower bound', () => {
		const { steps } = cost(interrupted(2_000, 'at-least'), job({ restartSeconds: 60 }));
		expect(steps.find(({ name }) => name === 'restarts')?.formula).toContain('at least 20%');
	});

	it('says where a price that moves has no published interruptions, and puts none into the figure', () => {
		const moving = quote({ price: price({ model: 'dynamic' }) });
		const { total, steps } = cost(moving, job({ restartSeconds: 2_400 }));
		expect(total).toBe(2_000_000n);
		expect(steps.find(({ name }) => name === 'restarts')).toMatchObject({
			formula: 'interruptions are not published: not in the figure',
			value: 'unknown',
		});
		// A routed job keeps its machine: nothing is left out.
		const own = listed(1, 2_000_000n, { price: price({ model: 'dynamic' }) });
		expect(cost(own, job()).names).not.toContain('restarts');
	});

	it('takes longer on a model that does less of the work', () => {
		// 0.4 of the work in the same time: 2.5 hours for one, $5.
		const slow = cost(quote(), job(), 4_000);
		expect([slow.total, slow.perGpuHour]).toEqual([5_000_000n, 5_000_000n]);
		expect(slow.steps.find(({ name }) => name === 'work-time')?.value).toBe('9000');
		// Twice the work: half the time.
		expect(cost(quote(), job(), 20_000).total).toBe(1_000_000n);
	});

	it('counts all together, and rounds once', () => {
		// 3 GPUs in machines of two: 4 paid. 10 h ÷ 0.7 = 51,428.57… s; × (1 + 0.05 × 600 ÷ 2,628,000) = 51,429.158… s.
		// $2 × 4 × 51,429.158 s ÷ 3600 = $114.2870189…; ÷ 30 GPU-hours = $3.8095672…
		const offer = { ...machine(2), interruption: interrupted(500).interruption };
		const both = cost(offer, job({ gpuCount: 3, seconds: 10 * HOUR, restartSeconds: 600 }), 7_000);
		expect([both.total, both.perGpuHour]).toEqual([114_287_019n, 3_809_568n]);
	});

	it('has no figure where it could not be one of any job', () => {
		expect(jobCost(quote(), microUsd(2n ** 60n), job(), 10_000)).toBeNull();
	});
});

describe('DISC-04 the job that a query names', () => {
	const of = (query: Record<string, string>) => jobOf(marketQuerySchema.parse(query));

	it('is none without GPUs and hours', () => {
		expect(of({ gpu: 'h100' })).toBeNull();
	});

	it('is one GPU, or one hour, where only the other is named', () => {
		expect(of({ hours: '0.5' })).toEqual({ gpuCount: 1, seconds: 1_800, restartSeconds: 2_400 });
		expect(of({ gpus: '8', restartMinutes: '5' })).toEqual({ gpuCount: 8, seconds: 3_600, restartSeconds: 300 });
	});
});
