import fc from 'fast-check';
import { keccak256, stringToBytes } from 'viem';
import { describe, expect, test } from 'vitest';
import {
	emptyJobForm,
	type JobForm,
	type JobFormField,
	jobFormSchema,
	knownPolicy,
	lockFor,
	offlinePolicy,
	policyHash,
	requestFromChain,
	requestToChain,
	toRequest,
	ZERO_HASH,
} from '../src/index.ts';
import { NOW } from './build.ts';

const filled: JobForm = {
	...emptyJobForm,
	gpuModel: 'h100',
	gpuCount: 8,
	minMemoryGiB: 80,
	formFactors: ['nvl', 'sxm'],
	durationHours: '48',
	maxUsdPerGpuHour: '1.99',
	continents: ['europe'],
	countries: ['us', 'CA'],
	excludedPricing: ['token'],
	weights: { uptime: 500, latency: 0, rating: 0, risk: 10_000 },
	spec: 'image: trainer',
};

function errorOf(change: Partial<JobForm>): Partial<Record<JobFormField, string>> {
	const result = toRequest({ ...filled, ...change }, NOW);
	return result.ok ? {} : result.errors;
}

describe('BUY-01 the job form', () => {
	test('becomes the request it says', () => {
		expect(toRequest(filled, NOW)).toEqual({
			ok: true,
			request: {
				gpuModel: 'h100',
				minMemoryGiB: 80,
				formFactors: ['sxm', 'nvl'],
				gpuCount: 8,
				maxParts: 0,
				duration: 172_800,
				maxPricePerGpuHour: 1_990_000n,
				continents: ['europe'],
				countries: ['CA', 'US'],
				excludedPricing: ['token'],
				attestations: [],
				weights: { uptime: 500, latency: 0, rating: 0, risk: 10_000 },
				routeDeadline: NOW + 3600,
				startWindow: 1800,
				specHash: keccak256(stringToBytes('image: trainer')),
				policyHash: ZERO_HASH,
				team: 0,
				tracked: true,
			},
		});
	});

	test('RES-01 may be split into a job for each GPU, sixteen at most', () => {
		const partsOf = (gpuCount: number) => toRequest({ ...filled, gpuCount, maySplit: true }, NOW);
		expect(partsOf(8)).toMatchObject({ ok: true, request: { maxParts: 8 } });
		expect(partsOf(64)).toMatchObject({ ok: true, request: { maxParts: 16 } });
	});

	test('COMP-02 asks for attestations in the order of their table', () => {
		expect(toRequest({ ...filled, attestations: ['soc2', 'kyc'] }, NOW)).toMatchObject({
			request: { attestations: ['kyc', 'soc2'] },
		});
	});

	test('names the policy of networks without the internet when dated token prices are taken', () => {
		expect(toRequest({ ...filled, datedTokenPrices: true }, NOW)).toMatchObject({
			request: { policyHash: policyHash(offlinePolicy) },
		});
		expect(knownPolicy(policyHash(offlinePolicy))).toBe(offlinePolicy);
		expect(knownPolicy(keccak256(stringToBytes('another')))).toBeNull();
	});

	test('as first shown it lacks a model and a price, and nothing else', () => {
		const result = toRequest(emptyJobForm, NOW);
		expect(result).toEqual({
			ok: false,
			errors: { gpuModel: 'Choose a GPU model.', maxUsdPerGpuHour: 'The ceiling is missing.' },
		});
	});

	test.each<[JobFormField, Partial<JobForm>, string]>([
		['gpuModel', { gpuModel: 'H100 NVL' }, 'Did you mean h100?'],
		['gpuModel', { gpuModel: 'RTX 6000' }, 'Did you mean rtx6000ada or quadrortx6000?'],
		['gpuModel', { gpuModel: 'abacus' }, 'Choose a model from the catalogue'],
		['gpuCount', { gpuCount: 0 }, 'from 1 to 65,535'],
		['gpuCount', { gpuCount: 1.5 }, 'whole number'],
		['minMemoryGiB', { minMemoryGiB: -1 }, 'from 0'],
		['durationHours', { durationHours: 'a weekend' }, 'must be a number'],
		['durationHours', { durationHours: '0.01' }, 'from one minute to 90 days'],
		['durationHours', { durationHours: '2160.1' }, 'from one minute to 90 days'],
		['durationHours', { durationHours: '' }, 'missing'],
		['maxUsdPerGpuHour', { maxUsdPerGpuHour: '0' }, 'above zero'],
		['maxUsdPerGpuHour', { maxUsdPerGpuHour: '-1' }, 'above zero'],
		['maxUsdPerGpuHour', { maxUsdPerGpuHour: '1.0000001' }, 'at most 6 decimals'],
		['maxUsdPerGpuHour', { maxUsdPerGpuHour: '1,99' }, 'must be a number'],
		['maxUsdPerGpuHour', { maxUsdPerGpuHour: '1000001' }, 'a million'],
		['maxUsdPerGpuHour', { maxUsdPerGpuHour: '1000000', gpuCount: 65_535, durationHours: '2160' }, 'can be locked'],
		['countries', { countries: ['XX'] }, '"XX" is not'],
		['countries', { countries: ['DEU'] }, '"DEU" is not'],
		['countries', { countries: ['AT', 'BE', 'CH', 'DE', 'ES', 'FR', 'GB', 'IT', 'NL'] }, '8 countries'],
		['excludedPricing', { excludedPricing: ['fixed', 'dynamic', 'token'] }, 'Allow at least one'],
		['weights', { weights: { uptime: 10_001, latency: 0, rating: 0, risk: 0 } }, 'weight of uptime'],
		['waitMinutes', { waitMinutes: 43_201 }, 'from 1 to 43,200'],
		['startWindowMinutes', { startWindowMinutes: 0 }, 'from 1 to 10,080'],
		['team', { team: 3, tracked: false }, 'always tracked'],
		['team', { team: -1 }, 'whole number'],
	])('says what is wrong with %s: %j', (field, change, words) => {
		expect(errorOf(change)).toEqual({ [field]: expect.stringContaining(words) });
	});

	test('at the contract’s limits it is still good', () => {
		expect(errorOf({ durationHours: '2160', waitMinutes: 43_200, startWindowMinutes: 10_080 })).toEqual({});
		expect(errorOf({ durationHours: '0.0167', waitMinutes: 1, startWindowMinutes: 1 })).toEqual({});
	});

	test('collects all errors at once', () => {
		expect(Object.keys(errorOf({ gpuModel: '', gpuCount: 0, durationHours: 'x' })).sort()).toEqual([
			'durationHours',
			'gpuCount',
			'gpuModel',
		]);
	});

	test('reads a dollar sign and blanks around a price', () => {
		expect(toRequest({ ...filled, maxUsdPerGpuHour: ' $2 ' }, NOW)).toMatchObject({
			request: { maxPricePerGpuHour: 2_000_000n },
		});
	});

	test('whatever is filled in gives a request that the chain can hold, or words', () => {
		const form = fc.record({
			...Object.fromEntries(Object.entries(filled).map(([name, value]) => [name, fc.constant(value)])),
			gpuCount: fc.oneof(fc.integer(), fc.double()),
			minMemoryGiB: fc.integer({ min: -1, max: 70_000 }),
			durationHours: fc.oneof(fc.string(), fc.integer({ min: 0, max: 3000 }).map(String)),
			maxUsdPerGpuHour: fc.oneof(fc.string(), fc.integer({ min: 0, max: 2_000_000 }).map(String)),
			countries: fc.array(fc.string({ maxLength: 3 })),
			waitMinutes: fc.integer({ min: -5, max: 50_000 }),
			team: fc.integer({ min: -5, max: 5 }),
			tracked: fc.boolean(),
		});
		fc.assert(
			fc.property(form, (one) => {
				// Built from a form field by field.
				const result = toRequest(one as JobForm, NOW);
				if (result.ok) {
					expect(requestFromChain(requestToChain(result.request))).toEqual(result.request);
					expect(lockFor(result.request)).toBeGreaterThan(0n);
				} else {
					for (const message of Object.values(result.errors)) expect(message).toMatch(/\.$|\?$/);
				}
			}),
			{ numRuns: 300 },
		);
	});

	test('its schema refuses what the form does not have', () => {
		expect(jobFormSchema.safeParse(filled).success).toBe(true);
		expect(jobFormSchema.safeParse({ ...filled, requester: 'me' }).success).toBe(false);
		expect(jobFormSchema.partial().safeParse({ gpuModel: 'h100' }).success).toBe(true);
	});
});
