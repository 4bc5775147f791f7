/** `POST /quotes` and `POST /parse`, with what they should take and what they should not. */
import { type JobRequestJson, quoteResponseSchema, ZERO_HASH } from '@necto/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { createApp } from '../../src/http/app.ts';
import { type HttpApi, problemOf, startHttpApi } from '../support/httpApi.ts';

let world: HttpApi;

beforeAll(async () => {
	world = await startHttpApi('agent_quotes_test');
});

afterAll(async () => {
	await world?.close();
});

const request: JobRequestJson = {
	gpuModel: 'h100' as never,
	minMemoryGiB: 0,
	formFactors: [],
	gpuCount: 1,
	maxParts: 0,
	duration: 3_600,
	maxPricePerGpuHour: '3000000',
	continents: [],
	countries: [],
	excludedPricing: [],
	attestations: [],
	weights: { uptime: 0, latency: 0, rating: 0, risk: 0 },
	routeDeadline: (Math.floor(Date.now() / 1_000) + 3_600) as never,
	startWindow: 3_600,
	specHash: ZERO_HASH,
	policyHash: ZERO_HASH,
	team: 0,
	tracked: true,
};

describe('POST /quotes', () => {
	it('AGT-04 AGT-05 decides without a job: nothing is stored', async () => {
		const before = await world.journal.counts();
		const response = await world.post('/quotes', { request });
		expect(response.status).toBe(200);
		const { decision } = quoteResponseSchema.parse(await response.json());
		expect(decision.outcome).toBe('routed');
		expect(decision.chosen).toMatchObject({ listing: 2, pricePerGpuHour: '1990000' });
		expect(decision.exclusions.length + decision.ranking.length).toBe(decision.offers.length);
		expect(await world.journal.counts()).toEqual(before);
	});

	it('says that nothing fits, and why', async () => {
		const response = await world.post('/quotes', { request: { ...request, maxPricePerGpuHour: '1989999' } });
		const { decision } = quoteResponseSchema.parse(await response.json());
		expect(decision.chosen).toBeNull();
		expect(decision.exclusions.find((exclusion) => exclusion.key === 'necto:2')).toMatchObject({ rule: 'max-price' });
	});

	it('tries another policy', async () => {
		const policy = {
			format: 'necto.policy/1',
			tokenPriceMaxAge: 900,
			liveOfferMaxAge: 3_600,
			snapshotOffers: 'ignore',
			excludedNetworks: [],
		};
		const { decision } = quoteResponseSchema.parse(await (await world.post('/quotes', { request, policy })).json());
		expect(decision.ranking.map((offer) => offer.key)).toEqual(['necto:2', 'necto:1']);
	});

	it('AGT-10 decides several jobs together: none counts on GPUs that one before it got', async () => {
		// Listing 2 has six free GPUs at the lower price.
		const requests = [4, 4, 2].map((gpuCount) => ({ ...request, gpuCount }));
		const { decisions, decision } = quoteResponseSchema.parse(await (await world.post('/quotes', { requests })).json());
		expect(decisions?.map(({ chosen }) => chosen?.listing)).toEqual([2, 1, 2]);
		expect(decision).toEqual(decisions?.[0]);
		const alone = quoteResponseSchema.parse(await (await world.post('/quotes', { request: requests[1] })).json());
		expect([alone.decision.chosen?.listing, alone.decisions]).toEqual([2, undefined]);
	});

	it.each<[string, string, Partial<JobRequestJson>, string]>([
		['unknown_gpu_model', 'request.gpuModel', { gpuModel: 'foo' as never }, 'h100'],
		['unknown_gpu_model', 'request.gpuModel', { gpuModel: 'h10' as never }, 'Did you mean h100'],
		['unknown_policy', 'request.policyHash', { policyHash: `0x${'ab'.repeat(32)}` }, 'default policy'],
		['route_deadline_out_of_range', 'request.routeDeadline', { routeDeadline: 1_000 as never }, '30 days'],
		['duration_out_of_range', 'request.duration', { duration: 5 }, ''],
		['duration_out_of_range', 'request.duration', { duration: -1 }, ''],
		['gpu_count_out_of_range', 'request.gpuCount', { gpuCount: 0 }, ''],
		['gpu_count_out_of_range', 'request.gpuCount', { gpuCount: -1 }, ''],
		['gpu_count_out_of_range', 'request.gpuCount', { gpuCount: 1.5 }, ''],
		['gpu_count_out_of_range', 'request.gpuCount', { gpuCount: 1e300 }, ''],
		['memory_out_of_range', 'request.minMemoryGiB', { minMemoryGiB: -1 }, ''],
		['memory_out_of_range', 'request.minMemoryGiB', { minMemoryGiB: 65_536 }, ''],
		['parts_out_of_range', 'request.maxParts', { maxParts: 256 }, ''],
		['start_window_out_of_range', 'request.startWindow', { startWindow: -1 }, ''],
		['weight_out_of_range', 'request.weights', { weights: { uptime: 0, latency: -1, rating: 0, risk: 0 } }, ''],
		['unknown_country', 'request.countries', { countries: ['Germany'] }, 'DE'],
		['too_many_countries', 'request.countries', { countries: 'DE FR IT ES PL NL BE AT CZ'.split(' ') }, ''],
		['no_pricing_left', 'request.excludedPricing', { excludedPricing: ['fixed', 'dynamic', 'token'] }, ''],
	])('SYS-05 answers 422 %s, as the job would never be decided', async (code, field, changes, suggestion) => {
		const error = await problemOf(world.post('/quotes', { request: { ...request, ...changes } }));
		expect(error).toMatchObject({ status: 422, code, fields: [{ field, code }] });
		expect(error.message).toContain(field);
		expect(error.suggestion).toContain(suggestion);
	});

	it('SYS-05 names which of several requests is at fault, and all faults', async () => {
		const requests = [request, { ...request, excludedPricing: ['fixed', 'dynamic', 'token'], duration: 5 }];
		const error = await problemOf(world.post('/quotes', { requests }));
		expect(error).toMatchObject({ status: 422, code: 'request_refused' });
		expect(error.fields?.map(({ field }) => field)).toEqual(['requests.1.duration', 'requests.1.excludedPricing']);
	});

	it.each<[string, Partial<Record<keyof JobRequestJson, unknown>>]>([
		['gpuCount', { gpuCount: '1' }],
		['minMemoryGiB', { minMemoryGiB: null }],
		['team', { team: -1 }],
		['maxPricePerGpuHour', { maxPricePerGpuHour: -1 }],
	])('SYS-05 says once what is wrong with %s: %j', async (field, changes) => {
		const error = await problemOf(world.post('/quotes', { request: { ...request, ...changes } }));
		expect(error).toMatchObject({ status: 400, code: 'invalid_request' });
		expect(error.message.split(field).length - 1).toBe(1);
		expect(error.message).not.toContain(';');
	});

	it('SYS-05 previews the parts of a job that no machine has room for', async () => {
		const large = { ...request, gpuCount: 12, maxParts: 4 };
		const { decision, split } = quoteResponseSchema.parse(
			await (await world.post('/quotes', { request: large })).json(),
		);
		expect(decision.chosen).toBeNull();
		expect(split?.parts.reduce((sum, part) => sum + part.gpuCount, 0)).toBe(12);
		expect(split?.parts.every(({ chosen }) => chosen !== null)).toBe(true);
		expect(split?.locked).toBe('36000000');
		const whole = quoteResponseSchema.parse(await (await world.post('/quotes', { request })).json());
		expect(whole.split).toBeNull();
	});

	it.each<[string, unknown]>([
		['requests', { requests: [] }],
		['requests', { requests: Array.from({ length: 17 }, () => request) }],
		['either a request or requests', { request, requests: [request] }],
		['gpuCount', { request: { ...request, gpuCount: 'one' } }],
		['maxPricePerGpuHour', { request: { ...request, maxPricePerGpuHour: 2 } }],
		['maxPricePerGpuHour', { request: { ...request, maxPricePerGpuHour: '99999999999999999999999' } }],
		['continents', { request: { ...request, continents: ['mars'] } }],
		['colour', { request: { ...request, colour: 'red' } }],
		['request', {}],
		['extra', { request, extra: 1 }],
	])('refuses a wrong %s', async (field, body) => {
		const error = await problemOf(world.post('/quotes', body));
		expect(error).toMatchObject({ status: 400, code: 'invalid_request' });
		expect(error.message).toContain(field);
	});

	it.each(['', '{', '[1,', '\u0000'])('refuses %j instead of JSON', async (body) => {
		expect((await problemOf(world.post('/quotes', body))).status).toBe(400);
	});

	it('refuses a body that is too large', async () => {
		expect(await problemOf(world.post('/quotes', { request, filler: 'x'.repeat(300_000) }))).toMatchObject({
			status: 413,
			code: 'too_large',
		});
	});

	it('refuses a body that is not called JSON', async () => {
		const response = world.app.request('/quotes', {
			method: 'POST',
			headers: { 'content-type': 'text/plain' },
			body: 'x',
		});
		expect((await problemOf(response)).status).toBe(400);
	});
});

describe('POST /parse', () => {
	it('hands the words to the parser, ten a minute', async () => {
		const fresh = createApp(world.api);
		const ask = () =>
			fresh.request('/parse', {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: '{"text":"h100"}',
			});
		for (let i = 0; i < 10; i++) expect((await ask()).status).toBe(200);
		expect(await problemOf(ask())).toMatchObject({ status: 429, code: 'too_many_requests' });
	});

	it('says what is off without a key', async () => {
		const off = createApp({
			...world.api,
			parser: {
				unavailable: 'off',
				close: () => undefined,
				parse: () => Promise.reject(new UserError(503, 'parse_unavailable', 'Off.', 'Fill in the form by hand.')),
			},
		});
		const response = off.request('/parse', {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: '{"text":"h100"}',
		});
		expect(await problemOf(response)).toMatchObject({ status: 503, code: 'parse_unavailable' });
	});

	it.each([{}, { text: '' }, { text: '   ' }, { text: 7 }, { text: 'x'.repeat(2_001) }, { text: 'x', model: 'mine' }])(
		'refuses %j',
		async (body) => {
			expect(await problemOf(world.post('/parse', body))).toMatchObject({ status: 400, code: 'invalid_request' });
		},
	);
});
