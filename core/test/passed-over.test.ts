import { describe, expect, it } from 'vitest';
import { decide, defaultPolicy, type JobRef, listingId } from '../src/index.ts';
import { listed, REGISTRY, request, snapshot } from './build.ts';

const job: JobRef = { chainId: 31337, registry: REGISTRY, id: null, requester: null };
const market = snapshot([listed(1, 2_000_000n), listed(2, 3_000_000n)]);

const decideOver = (passedOver: number[], tracked = true) =>
	decide({
		job,
		request: request({ tracked }),
		snapshot: market,
		policy: defaultPolicy,
		passedOver: passedOver.map(listingId),
	});

describe('RES-04 listings that had the job and did not take it', () => {
	it('are passed over by a rule of their own, tracked or not', () => {
		for (const tracked of [true, false]) {
			const decision = decideOver([1], tracked);
			expect(decision.chosen?.listing).toBe(2);
			expect(decision.exclusions).toMatchObject([{ rule: 'passed-over', found: 'listing 1' }]);
			expect(decision.summary).toContain('Passed over: listing 1');
		}
	});

	it('are kept with the decision in one order, each once', () => {
		expect(decideOver([2, 1, 2]).passedOver).toEqual([1, 2]);
		expect(decideOver([2, 1, 2])).toEqual(decideOver([1, 2]));
		expect(decideOver([1, 2]).outcome).toBe('unservable');
	});

	it('change nothing for others', () => {
		expect(decideOver([7]).chosen?.listing).toBe(1);
		expect(decideOver([7]).exclusions).toEqual([]);
	});
});
