/** Every route, with what it should take and what it should not. Through `app.request`: no port is opened. */
import {
	activityEventSchema,
	agentConfigSchema,
	apiErrorSchema,
	gpuModelKey,
	type JobRequestJson,
	offersResponseSchema,
	quoteResponseSchema,
	snapshotToBytes,
	ZERO_HASH,
	zeroGRoot,
} from '@necto/core';
import type { Pool } from 'pg';
import { type Hex, keccak256 } from 'viem';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { UserError } from '../../src/errors.ts';
import { createApp } from '../../src/http/app.ts';
import type { Api } from '../../src/http/context.ts';
import { RateLimit } from '../../src/http/rateLimit.ts';
import { ActivitySignal } from '../../src/journal/activity.ts';
import { migrate, openPool } from '../../src/journal/database.ts';
import { Journal } from '../../src/journal/jobs.ts';
import { Watches } from '../../src/journal/watches.ts';
import { createLogger } from '../../src/logger.ts';
import { Answers } from '../../src/market/answers.ts';
import { MarketFeed } from '../../src/market/feed.ts';
import { Market } from '../../src/market/market.ts';
import { Metrics } from '../../src/metrics.ts';
import { readDatedMarket } from '../../src/sources/snapshot.ts';
import { readDatedTokenPrices } from '../../src/tokenPrices/dated.ts';
import { TokenPrices } from '../../src/tokenPrices/tokenPrices.ts';
import { StorageError } from '../../src/zerog/storage.ts';
import { freshDatabase } from '../support/database.ts';
import { type FakeIndexer, fakeIndexer, listingRow } from '../support/indexer.ts';

const logger = createLogger('silent');
const REGISTRY: Hex = `0x${'11'.repeat(20)}`;
let pool: Pool;
let indexer: FakeIndexer;
let journal: Journal;
let market: Market;
let feed: MarketFeed;
let activity: ActivitySignal;
let app: ReturnType<typeof createApp>;
/** What 0G Storage has. */
const stored = new Map<Hex, Uint8Array>();

beforeAll(async () => {
	indexer = await fakeIndexer();
	const database = await freshDatabase(inject('network').ready.database, 'agent_http_test');
	indexer.rows = [listingRow(), listingRow({ id: 2, rate: '1990000', country: 'US', continent: 'north-america' })];
	pool = openPool(database, logger);
	await migrate(pool);
	journal = new Journal(pool, 'http');
	activity = new ActivitySignal();
	activity.start(database, logger);
	market = new Market({
		indexerUrl: indexer.url,
		chainId: 31337,
		timeoutMs: 3_000,
		live: [],
		missing: [],
		dated: readDatedMarket(new URL('../../data/market-snapshot.json', import.meta.url)),
		tokenPrices: new TokenPrices({
			live: [],
			missing: [],
			dated: readDatedTokenPrices(new URL('../../data/token-prices.json', import.meta.url)),
			rule: { maxAge: 900, maxSpreadBps: 500 },
		}),
		logger,
	});
	feed = new MarketFeed(market, logger);
	app = createApp(api());
	await journal.observe(
		[{ id: 4n, requester: null, request: {}, block: 1n, requestedAt: 1, locked: 1n, parent: null }],
		{
			block: 1n,
			hash: `0x${'aa'.repeat(32)}`,
		},
	);
});

afterAll(async () => {
	await activity?.close();
	await pool?.end();
	await feed?.close();
	await market?.close();
	await indexer?.close();
});

function api(changes: Partial<Api> = {}): Api {
	return {
		market,
		feed,
		answers: new Answers(),
		watches: new Watches(pool, 'http'),
		lookAtWatches: async () => undefined,
		journal,
		activity,
		parser: {
			unavailable: null,
			parse: async (text) => ({ fields: { gpuModel: text }, missing: [], notes: [], model: 'test' }),
		},
		metrics: new Metrics(),
		logger,
		origins: ['https://necto.example'],
		chainId: 31337,
		registry: REGISTRY,
		tokenPriceMaxAge: 900,
		config: agentConfigSchema.parse({
			chainId: 31337,
			contracts: {
				accessControl: REGISTRY,
				escrow: REGISTRY,
				providerRegistry: REGISTRY,
				jobRegistry: REGISTRY,
				usdc: REGISTRY,
			},
			parse: { available: true, reason: null },
			zerog: { gateway: null },
		}),
		version: '0.0.0',
		download: async (root) => {
			const bytes = stored.get(root);
			if (bytes === undefined) throw new StorageError('not-found', '0G Storage does not have this file.');
			return bytes;
		},
		ready: async () => ({ ready: true, checks: [] }),
		status: () => ({ deciding: false, lastBlock: 12n }),
		...changes,
	};
}

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
	routeDeadline: 1_900_000_000 as never,
	startWindow: 3_600,
	specHash: ZERO_HASH,
	policyHash: ZERO_HASH,
	team: 0,
	tracked: true,
};

function post(path: string, body: unknown): Promise<Response> {
	return Promise.resolve(
		app.request(path, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: typeof body === 'string' ? body : JSON.stringify(body),
		}),
	);
}

async function problemOf(response: Response | Promise<Response>) {
	const answer = await response;
	const body = apiErrorSchema.parse(await answer.json());
	expect(body.requestId).toBe(answer.headers.get('x-request-id'));
	expect(body.suggestion).not.toBe('');
	return { status: answer.status, ...body };
}

async function offers(query = '') {
	const response = await app.request(`/offers${query}`);
	expect(response.status).toBe(200);
	return offersResponseSchema.parse(await response.json());
}

describe('BUY-02 GET /offers', () => {
	it('gives every offer with its price, steps, source and age', async () => {
		const answer = await offers();
		expect(answer.block).toBe('10');
		expect(answer.total).toBe(answer.offers.length);
		expect(answer.offers.length).toBeGreaterThan(100);
		const own = answer.offers.find((offer) => offer.quote.key === 'necto:2');
		expect(own).toMatchObject({ usdPerGpuHour: '1990000', routable: true, refusal: null });
		expect(answer.offers.find((offer) => offer.quote.source === 'lambda')?.routable).toBe(false);
	});

	it('filters and sorts', async () => {
		expect((await offers('?source=necto')).offers.map((offer) => offer.quote.key)).toEqual(['necto:2', 'necto:1']);
		expect((await offers('?source=necto&sort=-price')).offers.map((offer) => offer.quote.key)).toEqual([
			'necto:1',
			'necto:2',
		]);
		expect((await offers('?routable=true&region=de')).offers.map((offer) => offer.quote.key)).toEqual(['necto:1']);
		expect((await offers('?routable=true&region=north-america')).offers.map((offer) => offer.quote.key)).toEqual([
			'necto:2',
		]);
		for (const { quote, usdPerGpuHour } of (await offers('?gpu=h100,a100&maxUsd=2')).offers) {
			expect(['h100', 'a100']).toContain(quote.gpu.model);
			expect(BigInt(usdPerGpuHour ?? -1)).toBeLessThanOrEqual(2_000_000n);
			expect(usdPerGpuHour).not.toBeNull();
		}
		const prices = (await offers('?gpu=h100')).offers.map((offer) => offer.usdPerGpuHour);
		const known = prices.filter((price) => price !== null).map(BigInt);
		expect(prices.slice(0, known.length)).not.toContain(null);
		expect(known).toEqual(known.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
	});

	it('pages, and says how many there are', async () => {
		const all = await offers();
		const page = await offers('?limit=5&offset=3');
		expect(page.total).toBe(all.total);
		expect(page.offers.map((offer) => offer.quote.key)).toEqual(all.offers.slice(3, 8).map((offer) => offer.quote.key));
	});

	it('sends nothing twice', async () => {
		const first = await app.request('/offers');
		const etag = first.headers.get('etag') ?? '';
		expect(etag).toMatch(/^".+"$/);
		const again = await app.request('/offers', { headers: { 'if-none-match': etag } });
		expect(again.status).toBe(304);
		expect(await again.text()).toBe('');
		expect((await app.request('/offers', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
	});

	it.each([
		'maxUsd=two',
		'maxUsd=-1',
		'maxUsd=1e9',
		'region=atlantis',
		'sort=worst',
		'routable=maybe',
		'limit=0',
		'colour=red',
		'gpu=',
	])('refuses ?%s and says what is wrong', async (query) => {
		const error = await problemOf(app.request(`/offers?${query}`));
		expect(error).toMatchObject({ status: 400, code: 'invalid_request' });
		expect(error.message).toContain(query.split('=')[0]);
	});
});

describe('POST /quotes', () => {
	it('AGT-04 AGT-05 decides without a job: nothing is stored', async () => {
		const before = await journal.counts();
		const response = await post('/quotes', { request });
		expect(response.status).toBe(200);
		const { decision } = quoteResponseSchema.parse(await response.json());
		expect(decision.outcome).toBe('routed');
		expect(decision.chosen).toMatchObject({ listing: 2, pricePerGpuHour: '1990000' });
		expect(decision.exclusions.length + decision.ranking.length).toBe(decision.offers.length);
		expect(await journal.counts()).toEqual(before);
	});

	it('says that nothing fits, and why', async () => {
		const response = await post('/quotes', { request: { ...request, maxPricePerGpuHour: '1989999' } });
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
		const { decision } = quoteResponseSchema.parse(await (await post('/quotes', { request, policy })).json());
		expect(decision.ranking.map((offer) => offer.key)).toEqual(['necto:2', 'necto:1']);
	});

	it.each<[string, unknown]>([
		['gpuCount', { request: { ...request, gpuCount: 0 } }],
		['maxPricePerGpuHour', { request: { ...request, maxPricePerGpuHour: 2 } }],
		['maxPricePerGpuHour', { request: { ...request, maxPricePerGpuHour: '99999999999999999999999' } }],
		['continents', { request: { ...request, continents: ['mars'] } }],
		['colour', { request: { ...request, colour: 'red' } }],
		['request', {}],
		['extra', { request, extra: 1 }],
	])('refuses a wrong %s', async (field, body) => {
		const error = await problemOf(post('/quotes', body));
		expect(error).toMatchObject({ status: 400, code: 'invalid_request' });
		expect(error.message).toContain(field);
	});

	it.each(['', '{', '[1,', '\u0000'])('refuses %j instead of JSON', async (body) => {
		expect((await problemOf(post('/quotes', body))).status).toBe(400);
	});

	it('refuses a body that is too large', async () => {
		expect(await problemOf(post('/quotes', { request, filler: 'x'.repeat(300_000) }))).toMatchObject({
			status: 413,
			code: 'too_large',
		});
	});

	it('refuses a body that is not called JSON', async () => {
		const response = app.request('/quotes', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' });
		expect((await problemOf(response)).status).toBe(400);
	});
});

describe('POST /parse', () => {
	it('hands the words to the parser, ten a minute', async () => {
		const fresh = createApp(api());
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
		const off = createApp(
			api({
				parser: {
					unavailable: 'off',
					parse: () => Promise.reject(new UserError(503, 'parse_unavailable', 'Off.', 'Fill in the form by hand.')),
				},
			}),
		);
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
			expect(await problemOf(post('/parse', body))).toMatchObject({ status: 400, code: 'invalid_request' });
		},
	);

	it('counts callers apart', () => {
		const limit = new RateLimit(1, 1_000);
		expect(limit.take('a', 0)).toBe(true);
		expect(limit.take('a', 999)).toBe(false);
		expect(limit.take('b', 999)).toBe(true);
		expect(limit.take('a', 1_000)).toBe(true);
	});
});

describe('AGT-07 activity', () => {
	async function readEvents(response: Response, count: number) {
		const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
		if (reader === undefined) throw new Error('no stream');
		let text = '';
		while ((text.match(/^event: activity$/gm) ?? []).length < count) {
			const { value, done } = await reader.read();
			if (done) break;
			text += value;
		}
		await reader.cancel();
		return text
			.split('\n')
			.filter((line) => line.startsWith('data: '))
			.map((line) => activityEventSchema.parse(JSON.parse(line.slice(6))));
	}

	it('streams what was and what comes, of one job', async () => {
		await journal.append(
			{ jobId: 4n, step: 'collecting', title: 'one' },
			{ jobId: 5n, step: 'collecting', title: 'other job' },
		);
		const response = await app.request('/activity?job=4');
		expect(response.headers.get('content-type')).toContain('text/event-stream');
		const events = readEvents(response, 3);
		await journal.append({ jobId: 4n, step: 'chosen', title: 'two' });
		expect((await events).map((event) => event.title)).toEqual(['Job 4 was requested on chain', 'one', 'two']);
	});

	it('resumes after the last event that was seen', async () => {
		const { events } = z
			.object({ events: z.array(activityEventSchema) })
			.parse(await (await app.request('/jobs/4/activity')).json());
		const [first, second] = events;
		const response = await app.request('/activity?job=4', { headers: { 'last-event-id': String(first?.id) } });
		const [resumed] = await readEvents(response, 1);
		expect(resumed).toEqual(second);
	});

	it.each([
		'/activity?job=abc',
		'/activity?job=-1',
		'/activity?job=0',
		'/activity?who=me',
		'/jobs/abc/activity',
		'/jobs/4/activity?after=-1',
	])('refuses %s', async (path) => {
		expect(await problemOf(app.request(path))).toMatchObject({ status: 400, code: 'invalid_request' });
	});

	it('refuses to resume from nowhere', async () => {
		expect((await problemOf(app.request('/activity', { headers: { 'last-event-id': 'x' } }))).status).toBe(400);
	});

	it('knows no job that is not there', async () => {
		expect(await problemOf(app.request('/jobs/999/activity'))).toMatchObject({ status: 404, code: 'not_found' });
	});
});

describe('VER-03 GET /records', () => {
	it('gives exactly the bytes, to be kept for ever', async () => {
		const { snapshot } = await market.collect(0n, [gpuModelKey('h100')], new AbortController().signal);
		const bytes = snapshotToBytes(snapshot);
		const root = zeroGRoot(bytes);
		stored.set(root, bytes);
		const response = await app.request(`/records/${root.toUpperCase().replace('0X', '0x')}`);
		expect(response.status).toBe(200);
		expect(keccak256(new Uint8Array(await response.arrayBuffer()))).toBe(keccak256(bytes));
		expect(response.headers.get('cache-control')).toContain('immutable');
		const again = await app.request(`/records/${root}`, {
			headers: { 'if-none-match': response.headers.get('etag') ?? '' },
		});
		expect(again.status).toBe(304);
	});

	it('is no gateway to other people’s files', async () => {
		const bytes = new TextEncoder().encode('{"hello":"necto"}');
		stored.set(zeroGRoot(bytes), bytes);
		expect(await problemOf(app.request(`/records/${zeroGRoot(bytes)}`))).toMatchObject({ status: 404 });
	});

	it('says when there is no such file, and does not let that be kept', async () => {
		const response = await app.request(`/records/0x${'77'.repeat(32)}`);
		expect(response.status).toBe(404);
		expect(response.headers.get('cache-control') ?? '').not.toContain('immutable');
	});

	it.each(['0x12', 'abc', `0x${'zz'.repeat(32)}`, '..%2f..%2fetc%2fpasswd'])('refuses %s', async (root) => {
		expect((await problemOf(app.request(`/records/${root}`))).status).toBe(400);
	});
});

describe('the rest of the API', () => {
	it('says how it is', async () => {
		expect(await (await app.request('/health')).json()).toMatchObject({ status: 'ok', version: '0.0.0' });
		expect((await app.request('/ready')).status).toBe(200);
		const unready = createApp(
			api({ ready: async () => ({ ready: false, checks: [{ name: 'database', ok: false, detail: 'down' }] }) }),
		);
		expect((await unready.request('/ready')).status).toBe(503);
		expect(await (await app.request('/status')).json()).toMatchObject({
			state: 'idle',
			waiting: 0,
			lastBlock: '12',
			jobs: { observed: 1 },
		});
	});

	it('RES-03 is measured', async () => {
		const text = await (await app.request('/metrics')).text();
		expect(text).toContain('necto_agent_jobs{state="observed"} 1');
		expect(text).toContain('necto_agent_source_state{source="aethir",state="not-configured"} 1');
	});

	it('lists sources and token prices', async () => {
		const { sources } = z
			.object({ sources: z.array(z.object({ id: z.string() })) })
			.parse(await (await app.request('/sources')).json());
		expect(sources.map((source) => source.id)).toContain('necto');
		expect(await (await app.request('/token-prices')).json()).toMatchObject({
			prices: expect.arrayContaining([
				expect.objectContaining({ symbol: 'AKT', source: 'snapshot', old: true, dispute: null }),
			]),
		});
	});

	it('SYS-02 documents itself', async () => {
		const document = z
			.object({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) })
			.parse(await (await app.request('/openapi.json')).json());
		expect(document.openapi).toBe('3.1.0');
		for (const path of ['/offers', '/quotes', '/parse', '/activity', '/records/{root}', '/config', '/history'])
			expect(Object.keys(document.paths)).toContain(path);
	});

	it('answers unknown pages in the same shape, and serves pages of known origins only', async () => {
		expect(await problemOf(app.request('/nothing'))).toMatchObject({ status: 404, code: 'not_found' });
		const known = await app.request('/config', { headers: { origin: 'https://necto.example' } });
		expect(known.headers.get('access-control-allow-origin')).toBe('https://necto.example');
		const stranger = await app.request('/config', { headers: { origin: 'https://evil.example' } });
		expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
	});
});
