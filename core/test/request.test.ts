import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
	ATTESTATION_KINDS,
	CONTINENTS,
	FORM_FACTORS,
	gpuModelKey,
	hashRequest,
	hex32,
	type JobRequest,
	microUsd,
	PRICING_MODELS,
	RequestError,
	requestFromChain,
	requestSchema,
	requestToChain,
	teamId,
	unixSeconds,
} from '../src/index.ts';
import { request } from './build.ts';

const subset = <Word extends string>(words: readonly Word[]) => fc.subarray([...words]);
const hash = fc
	.uint8Array({ minLength: 32, maxLength: 32 })
	.map((bytes) => hex32(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`));
const bps = fc.integer({ min: 0, max: 10_000 });

const anyRequest: fc.Arbitrary<JobRequest> = fc.record({
	gpuModel: fc.stringMatching(/^[a-z0-9-]{1,16}$/).map(gpuModelKey),
	minMemoryGiB: fc.integer({ min: 0, max: 0xffff }),
	formFactors: subset(FORM_FACTORS),
	gpuCount: fc.integer({ min: 1, max: 0xffff }),
	maxParts: fc.integer({ min: 0, max: 0xff }),
	duration: fc.integer({ min: 1, max: 0xffff_ffff }),
	maxPricePerGpuHour: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(microUsd),
	continents: subset(CONTINENTS),
	countries: fc.uniqueArray(fc.stringMatching(/^[A-Z]{2}$/), { maxLength: 8 }),
	excludedPricing: subset(PRICING_MODELS),
	attestations: subset(ATTESTATION_KINDS),
	weights: fc.record({ uptime: bps, latency: bps, rating: bps, risk: bps }),
	routeDeadline: fc.integer({ min: 0, max: 2 ** 40 - 1 }).map(unixSeconds),
	startWindow: fc.integer({ min: 0, max: 0xffff_ffff }),
	specHash: hash,
	policyHash: hash,
	team: fc.oneof(fc.constant(0 as const), fc.integer({ min: 1, max: 0xffff_ffff }).map(teamId)),
	tracked: fc.boolean(),
});

describe('a request', () => {
	test('goes to the chain and back unchanged', () => {
		fc.assert(
			fc.property(anyRequest, (one) => {
				expect(requestFromChain(requestToChain(one))).toEqual(one);
			}),
		);
	});

	test('goes to JSON and back unchanged', () => {
		fc.assert(
			fc.property(anyRequest, (one) => {
				const text = JSON.stringify(z.encode(requestSchema, one));
				expect(requestSchema.parse(JSON.parse(text))).toEqual(one);
			}),
		);
	});

	test('has another hash when anything in it differs', () => {
		fc.assert(
			fc.property(anyRequest, anyRequest, (one, other) => {
				for (const name of Object.keys(one)) {
					// Both records have exactly the fields of a request.
					const field = name as keyof JobRequest;
					const changed = { ...one, [field]: other[field] };
					const differs = JSON.stringify(requestToChain(changed), big) !== JSON.stringify(requestToChain(one), big);
					expect(hashRequest(changed) !== hashRequest(one)).toBe(differs);
				}
			}),
			{ numRuns: 20 },
		);
	});

	test('hashes bits, so the order of words does not matter', () => {
		expect(hashRequest(request({ formFactors: ['sxm', 'pcie'] }))).toBe(
			hashRequest(request({ formFactors: ['pcie', 'sxm'] })),
		);
	});
});

function big(_key: string, value: unknown): unknown {
	return typeof value === 'bigint' ? `${value}` : value;
}

describe('a request on chain that Necto’s form did not make', () => {
	const good = requestToChain(request({ countries: ['DE', 'FR'] }));

	test.each([
		['unknown form factors', { formFactors: 0b1000_0000 }],
		['an unknown pricing model', { excludedPricing: 8 }],
		['a hole in the model’s name', { gpuModel: '0x68003130000000000000000000000000' }],
		['no model', { gpuModel: '0x00000000000000000000000000000000' }],
		['small letters as a country', { countries: '0x64650000000000000000000000000000' }],
		['half a country', { countries: '0x44454600000000000000000000000000' }],
		['a country twice', { countries: '0x44454445000000000000000000000000' }],
		['a weight above all', { riskWeight: 10_001 }],
		['bytes that are no text', { countries: '0xffffffffffffffffffffffffffffffff' }],
	] as const)('is refused in words when it has %s', (_what, change) => {
		expect(() => requestFromChain({ ...good, ...change })).toThrow(RequestError);
	});
});

describe('requestSchema', () => {
	const json = z.encode(requestSchema, request());

	test('money is a string of digits in one spelling', () => {
		expect(json.maxPricePerGpuHour).toBe('5000000');
		for (const maxPricePerGpuHour of ['05', '1.0', '-1', '1e3', 5, `${2n ** 64n}`, '']) {
			expect(requestSchema.safeParse({ ...json, maxPricePerGpuHour }).success).toBe(false);
		}
	});

	test('refuses fields it does not know, so that nothing unread gets into a record', () => {
		expect(requestSchema.safeParse({ ...json, requester: 'me' }).success).toBe(false);
	});
});
