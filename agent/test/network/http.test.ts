/** Every route, with what it should take and what it should not. Through `app.request`: no port is opened. */
import {
	activityEventSchema,
	gpuModelKey,
	inferenceResponseSchema,
	offersResponseSchema,
	snapshotToBytes,
	sourceStatusSchema,
	zeroGRoot,
} from '@necto/core';
import { keccak256 } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../src/http/app.ts';
import { HEARTBEAT } from '../../src/http/heartbeat.ts';
import { SourceError } from '../../src/sources/asking/source.ts';
import { type HttpApi, problemOf, startHttpApi } from '../support/httpApi.ts';

let world: HttpApi;

beforeAll(async () => {
	world = await startHttpApi('agent_http_test');
});

afterAll(async () => {
	await world?.close();
});

async function offers(query = '') {
	const response = await world.app.request(`/offers${query}`);
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
		const prices = (await offers('?gpu=h100&sort=price')).offers.map((offer) => offer.usdPerGpuHour);
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
		const first = await world.app.request('/offers');
		const etag = first.headers.get('etag') ?? '';
		expect(etag).toMatch(/^".+"$/);
		const again = await world.app.request('/offers', { headers: { 'if-none-match': etag } });
		expect(again.status).toBe(304);
		expect(await again.text()).toBe('');
		expect((await world.app.request('/offers', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
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
		const error = await problemOf(world.app.request(`/offers?${query}`));
		expect(error).toMatchObject({ status: 400, code: 'invalid_request' });
		expect(error.message).toContain(query.split('=')[0]);
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
			.filter((line) => line.startsWith('data: ') && line !== `data: ${HEARTBEAT.data}`)
			.map((line) => activityEventSchema.parse(JSON.parse(line.slice(6))));
	}

	it('streams what was and what comes, of one job', async () => {
		await world.journal.append(
			{ jobId: 4n, step: 'collecting', title: 'one' },
			{ jobId: 5n, step: 'collecting', title: 'other job' },
		);
		const response = await world.app.request('/activity?job=4');
		expect(response.headers.get('content-type')).toContain('text/event-stream');
		const events = readEvents(response, 3);
		await world.journal.append({ jobId: 4n, step: 'chosen', title: 'two' });
		expect((await events).map((event) => event.title)).toEqual(['Job 4 was requested on chain', 'one', 'two']);
	});

	it('resumes after the last event that was seen', async () => {
		const { events } = z
			.object({ events: z.array(activityEventSchema) })
			.parse(await (await world.app.request('/jobs/4/activity')).json());
		const [first, second] = events;
		const response = await world.app.request('/activity?job=4', { headers: { 'last-event-id': String(first?.id) } });
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
		expect(await problemOf(world.app.request(path))).toMatchObject({ status: 400, code: 'invalid_request' });
	});

	it('refuses to resume from nowhere', async () => {
		expect((await problemOf(world.app.request('/activity', { headers: { 'last-event-id': 'x' } }))).status).toBe(400);
	});

	it('knows no job that is not there', async () => {
		expect(await problemOf(world.app.request('/jobs/999/activity'))).toMatchObject({ status: 404, code: 'not_found' });
	});
});

describe('VER-03 GET /records', () => {
	it('gives exactly the bytes, to be kept for ever', async () => {
		const { snapshot } = await world.market.collect(0n, [gpuModelKey('h100')], new AbortController().signal);
		const bytes = snapshotToBytes(snapshot);
		const root = zeroGRoot(bytes);
		world.stored.set(root, bytes);
		const response = await world.app.request(`/records/${root.toUpperCase().replace('0X', '0x')}`);
		expect(response.status).toBe(200);
		expect(keccak256(new Uint8Array(await response.arrayBuffer()))).toBe(keccak256(bytes));
		expect(response.headers.get('cache-control')).toContain('immutable');
		const again = await world.app.request(`/records/${root}`, {
			headers: { 'if-none-match': response.headers.get('etag') ?? '' },
		});
		expect(again.status).toBe(304);
	});

	it('is no gateway to other people’s files', async () => {
		const bytes = new TextEncoder().encode('{"hello":"necto"}');
		world.stored.set(zeroGRoot(bytes), bytes);
		expect(await problemOf(world.app.request(`/records/${zeroGRoot(bytes)}`))).toMatchObject({ status: 404 });
	});

	it('says when there is no such file, and does not let that be kept', async () => {
		const response = await world.app.request(`/records/0x${'77'.repeat(32)}`);
		expect(response.status).toBe(404);
		expect(response.headers.get('cache-control') ?? '').not.toContain('immutable');
	});

	it.each(['0x12', 'abc', `0x${'zz'.repeat(32)}`, '..%2f..%2fetc%2fpasswd'])('refuses %s', async (root) => {
		expect((await problemOf(world.app.request(`/records/${root}`))).status).toBe(400);
	});
});

describe('the rest of the API', () => {
	it('says how it is', async () => {
		expect(await (await world.app.request('/health')).json()).toMatchObject({ status: 'ok', version: '0.0.0' });
		expect((await world.app.request('/ready')).status).toBe(200);
		const unready = createApp({
			...world.api,
			ready: async () => ({ ready: false, checks: [{ name: 'database', ok: false, detail: 'down' }] }),
		});
		expect((await unready.request('/ready')).status).toBe(503);
		expect(await (await world.app.request('/status')).json()).toMatchObject({
			state: 'idle',
			waiting: 0,
			lastBlock: '12',
			jobs: { observed: 1 },
		});
	});

	it('RES-03 is measured', async () => {
		const text = await (await world.app.request('/metrics')).text();
		expect(text).toMatch(/necto_agent_http_seconds_count\{route="\/offers",status="200"\} \d+/);
		expect(text).toContain('necto_agent_open_streams 0');
		// The router's figures are the router's to give.
		expect(text).not.toContain('necto_agent_jobs');
	});

	it('SYS-05 metrics are for the operator: a visitor behind the proxy gets none', async () => {
		const visitor = world.app.request('/metrics', { headers: { 'x-forwarded-for': '198.51.100.1' } });
		expect(await problemOf(visitor)).toMatchObject({ status: 403, code: 'metrics_private' });
		const open = createApp({ ...world.api, metricsClients: ['198.51.100.1'] });
		expect((await open.request('/metrics', { headers: { 'x-forwarded-for': '198.51.100.1' } })).status).toBe(200);
		expect((await open.request('/metrics')).status).toBe(403);
	});

	it('SYS-05 every limit is in the document, with when to try again', async () => {
		const limited = z.object({ headers: z.object({ 'retry-after': z.unknown() }) });
		const { paths } = z
			.object({
				paths: z.record(z.string(), z.record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) }))),
			})
			.parse(await (await world.app.request('/openapi.json')).json());
		const without = Object.entries(paths).flatMap(([path, methods]) =>
			Object.entries(methods)
				.filter(([, { responses }]) => !limited.safeParse(responses['429']).success)
				.map(([method]) => `${method} ${path}`),
		);
		expect(without).toEqual(['get /health']);
	});

	it('SYS-05 checks are made once for all who look at the same time', async () => {
		let checks = 0;
		const app = createApp({
			...world.api,
			ready: async () => ({ ready: true, checks: [{ name: `check ${++checks}`, ok: true, detail: null }] }),
		});
		await Promise.all(Array.from({ length: 20 }, () => app.request('/ready')));
		expect(checks).toBe(1);
	});

	it('lists sources and token prices', async () => {
		const { sources } = z
			.object({ sources: z.array(z.object({ id: z.string() })) })
			.parse(await (await world.app.request('/sources')).json());
		expect(sources.map((source) => source.id)).toContain('necto');
		expect(await (await world.app.request('/token-prices')).json()).toMatchObject({
			prices: expect.arrayContaining([
				expect.objectContaining({ symbol: 'AKT', source: 'snapshot', old: true, dispute: null }),
			]),
		});
	});

	it('DISC-01 says since when a source fails and what made no offer, and keeps prices of tokens apart', async () => {
		const { chatty } = world;
		const offer = {
			key: 'chatty:gpt' as never,
			source: 'chatty' as never,
			provider: 'Chatty',
			model: 'gpt-oss-120b',
			service: 'chat',
			evidence: 'live' as const,
			observedAt: 1_790_000_000 as never,
			currency: 'USD',
			inputPerMillion: '0.15',
			outputPerMillion: null,
			verifiability: 'TeeML',
		};
		chatty.says = { quotes: [], left: { 'no price': 3 }, incomplete: null, inference: [offer] };
		await world.asked.refresh();
		const answer = inferenceResponseSchema.parse(await (await world.app.request('/inference')).json());
		expect(answer.offers).toEqual([offer]);
		expect(answer.sources).toMatchObject([{ id: 'chatty', failingSince: null, left: { 'no price': 3 } }]);
		chatty.fetch = () => Promise.reject(new SourceError('refused', 'It wants another key.'));
		await world.asked.refresh();
		const { sources } = z
			.object({ sources: z.array(sourceStatusSchema) })
			.parse(await (await world.app.request('/sources')).json());
		expect(sources.find(({ id }) => id === 'chatty')).toMatchObject({
			state: 'stale',
			failingSince: expect.any(Number),
			note: expect.stringContaining('wants another key.'),
		});
	});

	it('SYS-02 documents itself', async () => {
		const document = z
			.object({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) })
			.parse(await (await world.app.request('/openapi.json')).json());
		expect(document.openapi).toBe('3.1.0');
		for (const path of [
			'/offers',
			'/offers.csv',
			'/offers/stream',
			'/offers/{key}',
			'/watches',
			'/inference',
			'/history',
			'/quotes',
			'/parse',
			'/activity',
			'/records/{root}',
			'/config',
			'/history',
		])
			expect(Object.keys(document.paths)).toContain(path);
	});

	it('answers unknown pages in the same shape, and serves pages of known origins only', async () => {
		expect(await problemOf(world.app.request('/nothing'))).toMatchObject({ status: 404, code: 'not_found' });
		const known = await world.app.request('/config', { headers: { origin: 'https://necto.example' } });
		expect(known.headers.get('access-control-allow-origin')).toBe('https://necto.example');
		const stranger = await world.app.request('/config', { headers: { origin: 'https://evil.example' } });
		expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
	});
});
