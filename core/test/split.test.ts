import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	decide,
	defaultPolicy,
	type JobRef,
	listingId,
	MOST_PARTS,
	microUsd,
	planSplit,
	previewSplit,
	type Quote,
} from '../src/index.ts';
import { listed, quote, REGISTRY, request, snapshot } from './build.ts';

const job: JobRef = { chainId: 31337, registry: REGISTRY, id: null, requester: null };

interface Machine {
	rate: bigint;
	total: number;
	reserved: number;
	widest: number;
}

function hall(id: number, { rate, total, reserved, widest }: Machine): Quote {
	const free = total - reserved;
	return listed(id, rate, {
		terms: { total, reserved },
		availability: { state: free === 0 ? 'none' : 'available', gpus: free, widest },
	});
}

const market = (machines: readonly Machine[]) => machines.map((machine, index) => hall(index + 1, machine));
const free = (gpus: number, rate = 2_000_000n): Machine => ({ rate, total: gpus, reserved: 0, widest: gpus });

function plan(
	quotes: Quote[],
	gpuCount: number,
	maxParts: number,
	more: Partial<Parameters<typeof planSplit>[0]> = {},
) {
	const asked = request({ gpuCount, maxParts });
	return planSplit({ job, request: asked, snapshot: snapshot(quotes), policy: defaultPolicy, ...more });
}

const machinesOf = (count: number) => market(Array.from({ length: count }, () => free(1)));

describe('RES-01 the plan of a split', () => {
	it('takes the cheapest first', () => {
		expect(plan(market([free(4, 3_000_000n), free(8), free(8, 2_500_000n)]), 14, 4)).toEqual([8, 6]);
	});

	it('takes a dearer one where the cheapest would leave too much for the parts that remain', () => {
		expect(plan(market([free(1, 1_000_000n), free(4), free(4)]), 8, 2)).toEqual([4, 4]);
	});

	it('SYS-05 is shown before it is asked for: which listings, at which price, and what is locked', () => {
		const asked = request({ gpuCount: 14, maxParts: 4 });
		const input = { job, request: asked, policy: defaultPolicy };
		const quotes = market([free(4, 3_000_000n), free(8), free(8, 2_500_000n)]);
		const parts = previewSplit({ ...input, snapshot: snapshot(quotes) });
		expect(parts?.map(({ gpuCount, chosen, cost, locked }) => [gpuCount, chosen?.listing, cost, locked])).toEqual([
			[8, 2, 16_000_000n, 40_000_000n],
			[6, 3, 15_000_000n, 30_000_000n],
		]);
		// One machine has room: nothing is split, whatever is allowed.
		expect(previewSplit({ ...input, request: { ...asked, gpuCount: 8 }, snapshot: snapshot(quotes) })).toBeNull();
		expect(previewSplit({ ...input, request: { ...asked, gpuCount: 99 }, snapshot: snapshot(quotes) })).toBeNull();
	});

	it('takes several machines of one listing', () => {
		expect(plan(market([{ rate: 2_000_000n, total: 20, reserved: 2, widest: 8 }]), 18, 3)).toEqual([8, 8, 2]);
	});

	it('has no plan without leave, without room, or where one part is enough', () => {
		const halls = market([free(4), free(4)]);
		expect(plan(halls, 8, 0)).toBeNull();
		expect(plan(halls, 8, 1)).toBeNull();
		expect(plan(halls, 9, 255)).toBeNull();
		expect(plan(halls, 4, 2)).toBeNull();
		expect(plan([], 2, 2)).toBeNull();
	});

	it('has never more than sixteen parts, whatever its buyer allows', () => {
		expect(plan(machinesOf(20), MOST_PARTS, 255)).toHaveLength(MOST_PARTS);
		expect(plan(machinesOf(20), MOST_PARTS + 1, 255)).toBeNull();
		expect(MOST_PARTS).toBe(16);
	});

	it('keeps every limit of the job for each part', () => {
		const halls = market([free(4), free(4)]);
		expect(plan(halls, 8, 2, { passedOver: [listingId(1)] })).toBeNull();
		const [open, dear] = market([free(4), free(4, 9_000_000n)]);
		if (open === undefined || dear === undefined) throw new Error('no halls');
		expect(plan([open, dear], 8, 2)).toBeNull();
		const restricted = listed(2, 1n, {
			terms: { total: 4, restricted: true },
			availability: { state: 'available', gpus: 4, widest: 4 },
		});
		expect(plan([open, restricted], 8, 2)).toBeNull();
		expect(plan([open, restricted], 8, 2, { admitted: [listingId(2)] })).toEqual([4, 4]);
	});

	it('looks only at what can be routed to', () => {
		const elsewhere = quote({ id: 'big', availability: { state: 'available', gpus: 64, widest: 64 } });
		expect(plan([elsewhere, ...market([free(4)])], 8, 4)).toBeNull();
	});

	it('counts what its own parts do to the price of a dynamic listing', () => {
		// From 1 to 6 dollars: half taken costs 3.50, three quarters 4.75, and the job pays at most 5.
		const rising = listed(1, 0n, {
			price: { ...hall(1, free(8)).price, model: 'dynamic', amount: '0' },
			terms: { total: 8, floor: microUsd(1_000_000n), ceiling: microUsd(6_000_000n) },
			availability: { state: 'available', gpus: 8, widest: 2 },
		});
		expect(plan([rising], 8, 4)).toEqual([2, 2, 2, 2]);
		const dearer = { ...rising, listing: rising.listing && { ...rising.listing, ceiling: microUsd(9_000_000n) } };
		expect(plan([dearer], 8, 4)).toBeNull();
	});

	const machines = fc.array(
		fc
			.record({
				rate: fc.bigInt({ min: 1n, max: 5_500_000n }),
				total: fc.integer({ min: 1, max: 12 }),
				taken: fc.integer({ min: 0, max: 12 }),
				widest: fc.integer({ min: 1, max: 12 }),
			})
			.map(
				({ rate, total, taken, widest }): Machine => ({
					rate,
					total,
					reserved: Math.min(taken, total),
					widest: Math.min(widest, total),
				}),
			),
		{ maxLength: 7 },
	);
	const count = fc.integer({ min: 1, max: 40 });
	const parts = fc.integer({ min: 0, max: 6 });

	it('adds up, keeps to the parts allowed, and each part in its turn is routed', () => {
		fc.assert(
			fc.property(machines, count, parts, (generated, gpuCount, maxParts) => {
				const halls = generated.map((machine) => ({ ...machine }));
				let quotes = market(halls);
				const found = plan(quotes, gpuCount, maxParts);
				if (found === null) return;
				expect(found.reduce((sum, size) => sum + size, 0)).toBe(gpuCount);
				expect(found.length).toBeGreaterThan(1);
				expect(found.length).toBeLessThanOrEqual(maxParts);
				for (const size of found) {
					const part = request({ gpuCount: size });
					const { chosen } = decide({ job, request: part, snapshot: snapshot(quotes), policy: defaultPolicy });
					expect(chosen).not.toBeNull();
					quotes = quotes.map((each, index) => {
						const machine = halls[index];
						if (each.key !== chosen?.key || machine === undefined) return each;
						machine.reserved += size;
						return hall(index + 1, machine);
					});
				}
			}),
		);
	});

	it('is found exactly when the largest rooms together are enough', () => {
		fc.assert(
			fc.property(machines, count, parts, (halls, gpuCount, maxParts) => {
				const rooms = halls.flatMap(({ rate, total, reserved, widest }) => {
					const sizes: number[] = [];
					for (let left = rate <= 5_000_000n ? total - reserved : 0; left > 0; left -= widest) {
						sizes.push(Math.min(left, widest));
					}
					return sizes;
				});
				const [widest = 0] = rooms.sort((a, b) => b - a);
				const most = rooms.slice(0, maxParts).reduce((sum, room) => sum + room, 0);
				// One that fits a single machine is only split where the cheapest machine is too small for it: never by an unservable job.
				fc.pre(widest < gpuCount);
				expect(plan(market(halls), gpuCount, maxParts) !== null).toBe(most >= gpuCount && maxParts > 1);
			}),
		);
	});

	it('does not depend on the order of the quotes', () => {
		fc.assert(
			fc.property(machines, count, parts, (halls, gpuCount, maxParts) => {
				const quotes = market(halls);
				expect(plan(quotes.toReversed(), gpuCount, maxParts)).toEqual(plan(quotes, gpuCount, maxParts));
			}),
		);
	});
});
