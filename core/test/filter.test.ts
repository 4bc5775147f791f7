import { describe, expect, test } from 'vitest';
import {
	defaultPolicy,
	exclusionOf,
	gpuModelKey,
	type JobRequest,
	listingId,
	microUsd,
	normalise,
	type Quote,
	type RoutingPolicy,
	RULES,
	unixSeconds,
} from '../src/index.ts';
import { listed, NOW, price, quote, request } from './build.ts';

function excluded(one: Quote, wanted: Partial<JobRequest> = {}, policy: Partial<RoutingPolicy> = {}) {
	const rules = { ...defaultPolicy, ...policy };
	const offer = { quote: one, price: normalise(one, [], NOW, rules) };
	return exclusionOf(offer, request(wanted), rules, NOW);
}

const ruleOf = (...parts: Parameters<typeof excluded>) => excluded(...parts)?.rule ?? null;
const gpu = (parts: Partial<Quote['gpu']>) => quote({ gpu: { ...quote().gpu, ...parts } });
const machine = (numerator: number, denominator = 1, widest: number | null = null) =>
	quote({
		price: price({ per: 'instance' }),
		gpus: { numerator, denominator },
		availability: { state: 'available', gpus: 64, widest },
	});

describe('AGT-04 an offer is excluded by', () => {
	test('nothing, when it fits', () => {
		expect(excluded(quote())).toBeNull();
		expect(excluded(listed(1, 2_000_000n))).toBeNull();
	});

	test('price-refused, with the reason', () => {
		expect(excluded(quote({ price: price({ amount: '0' }) }))).toMatchObject({
			rule: 'price-refused',
			found: 'zero-price',
		});
	});

	test('gpu-model, by key and not by likeness', () => {
		expect(ruleOf(gpu({ model: gpuModelKey('h800') }))).toBe('gpu-model');
		expect(ruleOf(gpu({ model: gpuModelKey('a100') }), { gpuModel: gpuModelKey('a10') })).toBe('gpu-model');
	});

	test('memory, inclusive; unknown memory fails a limit and passes none', () => {
		expect(ruleOf(gpu({ memoryGiB: 80 }), { minMemoryGiB: 80 })).toBeNull();
		expect(ruleOf(gpu({ memoryGiB: 79 }), { minMemoryGiB: 80 })).toBe('memory');
		expect(excluded(gpu({ memoryGiB: null }), { minMemoryGiB: 1 })).toMatchObject({ rule: 'memory', found: 'unknown' });
		expect(ruleOf(gpu({ memoryGiB: null }))).toBeNull();
	});

	test('form-factor', () => {
		expect(ruleOf(gpu({ formFactor: 'pcie' }), { formFactors: ['sxm', 'nvl'] })).toBe('form-factor');
		expect(ruleOf(gpu({ formFactor: 'unknown' }), { formFactors: ['sxm'] })).toBe('form-factor');
		expect(ruleOf(gpu({ formFactor: 'nvl' }), { formFactors: ['sxm', 'nvl'] })).toBeNull();
	});

	test('region, unless continent or country matches', () => {
		const berlin = quote({ region: { continent: 'europe', country: 'DE', raw: 'Berlin' } });
		const nowhere = quote({ region: { continent: 'unknown', country: null, raw: '' } });
		expect(ruleOf(berlin, { continents: ['asia'] })).toBe('region');
		expect(ruleOf(berlin, { continents: ['asia'], countries: ['DE'] })).toBeNull();
		expect(ruleOf(berlin, { continents: ['europe'], countries: ['FR'] })).toBeNull();
		expect(ruleOf(nowhere, { countries: ['DE'] })).toBe('region');
		expect(ruleOf(nowhere, { continents: ['unknown'] })).toBeNull();
		expect(ruleOf(nowhere)).toBeNull();
	});

	test('pricing-model', () => {
		expect(ruleOf(quote(), { excludedPricing: ['fixed'] })).toBe('pricing-model');
		expect(ruleOf(quote(), { excludedPricing: ['dynamic', 'token'] })).toBeNull();
	});

	test('network, which is the policy’s', () => {
		expect(ruleOf(quote(), {}, { excludedNetworks: ['akash', 'lambda'] })).toBe('network');
		expect(ruleOf(quote(), {}, { excludedNetworks: ['lamb'] })).toBeNull();
	});

	test('gpu-count, because all GPUs are in one machine', () => {
		const widest = (count: number | null) => quote({ availability: { state: 'available', gpus: 64, widest: count } });
		expect(ruleOf(widest(7), { gpuCount: 8 })).toBe('gpu-count');
		expect(ruleOf(widest(8), { gpuCount: 8 })).toBeNull();
		expect(ruleOf(widest(null), { gpuCount: 8 })).toBeNull();
	});

	test('gpu-count, because a machine of eight is not sold for one GPU at an eighth', () => {
		expect(excluded(machine(8), { gpuCount: 1 })).toMatchObject({ rule: 'gpu-count', found: 'sold by 8 GPUs' });
		expect(ruleOf(machine(8), { gpuCount: 8 })).toBeNull();
		expect(ruleOf(machine(8), { gpuCount: 12 })).toBe('gpu-count');
		expect(excluded(machine(1, 6), { gpuCount: 1 })).toMatchObject({ rule: 'gpu-count' });
		expect(ruleOf(machine(1, 6, 1), { maxPricePerGpuHour: microUsd(18_000_000n) })).toBeNull();
	});

	test('gpu-count, because eight machines of one GPU are not a machine of eight', () => {
		expect(ruleOf(machine(1), { gpuCount: 8 })).toBe('gpu-count');
		expect(ruleOf(machine(1, 1, 8), { gpuCount: 8 })).toBeNull();
	});

	test('capacity: a price without capacity is no offer; unknown capacity stays', () => {
		const free = (state: Quote['availability']['state'], gpus: number | null) =>
			quote({ availability: { state, gpus, widest: 8 } });
		expect(ruleOf(free('none', null))).toBe('capacity');
		expect(ruleOf(free('available', 3), { gpuCount: 4 })).toBe('capacity');
		expect(ruleOf(free('available', 4), { gpuCount: 4 })).toBeNull();
		expect(ruleOf(free('unknown', null), { gpuCount: 4 })).toBeNull();
	});

	test('PROV-03 capacity: a listing’s free GPUs are its total without the reserved', () => {
		expect(ruleOf(listed(1, 1n, { terms: { total: 8, reserved: 7 } }), { gpuCount: 2 })).toBe('capacity');
		expect(ruleOf(listed(1, 1n, { terms: { total: 8, reserved: 6 } }), { gpuCount: 2 })).toBeNull();
	});

	test('PROV-03 offline', () => {
		expect(ruleOf(listed(1, 1n, { terms: { offline: true } }))).toBe('offline');
	});

	test('PROV-01 availability-window: start window and duration have to fit', () => {
		const until = (seconds: number) => listed(1, 1n, { terms: { availableUntil: unixSeconds(NOW + seconds) } });
		const wanted = { startWindow: 600, duration: 3600 };
		expect(ruleOf(until(4200), wanted)).toBeNull();
		expect(ruleOf(until(4199), wanted)).toBe('availability-window');
		expect(ruleOf(listed(1, 1n, { terms: { availableFrom: unixSeconds(NOW + 1) } }))).toBe('availability-window');
		expect(ruleOf(listed(1, 1n, { terms: { availableFrom: NOW } }))).toBeNull();
	});

	test('COMP-02 attestations: all of them, until the job would have to be over', () => {
		const wanted: Partial<JobRequest> = { attestations: ['kyc', 'soc2'], startWindow: 600, duration: 3600 };
		const held = (kyc: number, soc2: number) =>
			listed(1, 1n, {
				terms: {
					attestations: [
						{ kind: 'kyc', expiresAt: unixSeconds(NOW + kyc) },
						{ kind: 'soc2', expiresAt: unixSeconds(NOW + soc2) },
						{ kind: 'gdpr', expiresAt: unixSeconds(NOW) },
					],
				},
			});
		expect(ruleOf(held(4200, 4200), wanted)).toBeNull();
		expect(excluded(held(4200, 4199), wanted)).toEqual({
			rule: 'attestations',
			wanted: `kyc and soc2 until ${NOW + 4200}`,
			found: `kyc until ${NOW + 4200}, soc2 until ${NOW + 4199}, gdpr until ${NOW}`,
			message: 'Its provider is not attested soc2 until the job’s end.'.replace('’', "'"),
		});
		expect(ruleOf(held(4199, 4200), wanted)).toBe('attestations');
		expect(ruleOf(held(0, 0), { attestations: ['gdpr'] })).toBe('attestations');
		expect(ruleOf(held(0, 0), { attestations: [] })).toBeNull();
		expect(excluded(listed(1, 1n), wanted)).toMatchObject({ rule: 'attestations', found: 'none' });
	});

	test('COMP-02 attestations: what is not known of an offer from outside is not taken for granted', () => {
		expect(excluded(quote(), { attestations: ['kyc'] })).toMatchObject({ rule: 'attestations', found: 'unknown' });
	});

	test('PROV-09 access: a restricted listing is out unless it admits this buyer', () => {
		const offer = (id: number, restricted: boolean) => {
			const one = listed(id, 1n, { terms: { restricted } });
			return { quote: one, price: normalise(one, [], NOW, defaultPolicy) };
		};
		const rule = (id: number, restricted: boolean, admitted: number[]) =>
			exclusionOf(offer(id, restricted), request(), defaultPolicy, NOW, new Set(admitted.map(listingId)))?.rule ?? null;
		expect(rule(4, true, [])).toBe('access');
		expect(rule(4, true, [5])).toBe('access');
		expect(rule(4, true, [5, 4])).toBeNull();
		expect(rule(4, false, [])).toBeNull();
		expect(excluded(listed(4, 1n, { terms: { restricted: true } }))).toMatchObject({ found: 'restricted' });
	});

	test('max-price, inclusive', () => {
		expect(ruleOf(listed(1, 2_000_000n), { maxPricePerGpuHour: microUsd(2_000_000n) })).toBeNull();
		expect(excluded(listed(1, 2_000_001n), { maxPricePerGpuHour: microUsd(2_000_000n) })).toEqual({
			rule: 'max-price',
			wanted: '$2.00 or less',
			found: '$2.000001',
			message: 'Costs $2.000001 per GPU-hour; the job pays $2.00 or less.',
		});
	});

	test('stale: live answers by age, dated files by policy, listings never', () => {
		const seen = (age: number) => quote({ observedAt: unixSeconds(NOW - age) });
		expect(ruleOf(seen(3600))).toBeNull();
		expect(ruleOf(seen(3601))).toBe('stale');
		expect(ruleOf(seen(-301))).toBe('stale');
		const dated = quote({ evidence: 'snapshot', observedAt: unixSeconds(NOW - 9_999_999) });
		expect(ruleOf(dated)).toBeNull();
		expect(ruleOf(dated, {}, { snapshotOffers: 'ignore' })).toBe('stale');
		expect(ruleOf(listed(1, 1n, { observedAt: unixSeconds(0) }))).toBeNull();
	});

	test('the first rule that fails, in the order of the rules', () => {
		const wrong = listed(1, 9_000_000n, {
			gpu: { model: gpuModelKey('a100'), formFactor: 'pcie', memoryGiB: 40, rawName: '' },
			terms: { offline: true, reserved: 16 },
		});
		const wanted: Partial<JobRequest> = { minMemoryGiB: 80, formFactors: ['sxm'], continents: ['asia'] };
		const seen: string[] = [];
		// Put right what each rule complains about, and hear the next one.
		const repairs: [Quote, Partial<JobRequest>][] = [
			[wrong, wanted],
			[wrong, { ...wanted, gpuModel: gpuModelKey('a100') }],
			[wrong, { gpuModel: gpuModelKey('a100'), formFactors: ['sxm'], continents: ['asia'] }],
			[wrong, { gpuModel: gpuModelKey('a100'), continents: ['asia'] }],
			[wrong, { gpuModel: gpuModelKey('a100') }],
			[{ ...wrong, listing: listed(1, 1n, { terms: { offline: true } }).listing }, { gpuModel: gpuModelKey('a100') }],
			[{ ...wrong, listing: listed(1, 1n).listing }, { gpuModel: gpuModelKey('a100') }],
		];
		for (const [one, limits] of repairs) seen.push(ruleOf(one, limits) ?? 'none');
		expect(seen).toEqual(['gpu-model', 'memory', 'form-factor', 'region', 'capacity', 'offline', 'max-price']);
		const places = RULES.map((rule) => seen.indexOf(rule)).filter((place) => place >= 0);
		expect(places).toEqual([0, 1, 2, 3, 4, 5, 6]);
	});
});
