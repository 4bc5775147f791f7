/** Watches against a real database: who waits for what, and when it is told. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { apiErrorSchema, type Quote, unixSeconds, type Watch, watchSchema } from '@necto/core';
import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import type { Api, Env } from '../../src/http/context.ts';
import { emptyApi } from '../../src/http/document.ts';
import { Limits } from '../../src/http/limits/limits.ts';
import { addWatches } from '../../src/http/watches.ts';
import { migrate, openPool } from '../../src/journal/database.ts';
import { Locks } from '../../src/journal/locks.ts';
import { Watches } from '../../src/journal/watches.ts';
import { Watcher } from '../../src/watches/watcher.ts';
import { freshDatabase } from '../support/database.ts';
import { listingRow } from '../support/indexer.ts';
import { logger, movingSource, NOW, offer, type TestMarket, testMarket } from '../support/market.ts';
import { until } from '../support/network.ts';
import { standIn } from '../support/standIns.ts';

let database: string;
let pool: Pool;
const ends: (() => Promise<unknown>)[] = [];
const never = { gpuModel: 'h100', maxPricePerGpuHour: '1' };

beforeAll(async () => {
	database = await freshDatabase(inject('network').ready.database, 'agent_watches_test');
	pool = openPool(database, logger);
	await migrate(pool);
});

afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

afterAll(async () => {
	await pool?.end();
});

interface World {
	app: OpenAPIHono<Env>;
	made: TestMarket;
	watches: Watches;
	watcher: Watcher;
	/** Lets Akash say something, and looks at the watches. */
	says(...quotes: Quote[]): Promise<void>;
	watch(wish: Record<string, unknown>, caller?: string): Promise<Response>;
	/** A watch that is begun. */
	begin(wish: Record<string, unknown>): Promise<Watch>;
	read(id: string): Promise<Watch>;
}

/** An agent of a deployment; several of one name share its watches. */
async function agentOf(deployment: string, asked = true, refreshSeconds = 300): Promise<World> {
	const akash = Object.assign(movingSource('akash'), { refreshSeconds });
	const made = await testMarket([akash]);
	made.indexer.rows = [];
	const watches = new Watches(pool, deployment);
	const locks = new Locks(database, logger);
	const { feed, answers } = made;
	const watcher = new Watcher({ feed, answers, watches, locks, logger, now: () => made.clock.now });
	ends.push(async () => {
		await watcher.close();
		await made.close();
		await locks.close();
	});
	const app = emptyApi(logger);
	const limits = new Limits();
	app.use(limits.middleware);
	addWatches(app, { watches, lookAtWatches: () => watcher.check() }, limits);
	const watch = (wish: Record<string, unknown>, caller = '198.51.100.1') =>
		Promise.resolve(
			app.request('/watches', {
				method: 'POST',
				headers: { 'content-type': 'application/json', 'x-forwarded-for': caller },
				body: JSON.stringify(wish),
			}),
		);
	if (asked) await made.refresh();
	return {
		app,
		made,
		watches,
		watcher,
		watch,
		async says(...quotes) {
			akash.says = { ...akash.says, quotes };
			await made.refresh();
			await watcher.check();
		},
		async begin(wish) {
			const answer = await watch(wish);
			expect(answer.status).toBe(201);
			return watchSchema.parse(await answer.json());
		},
		async read(id) {
			const answer = await app.request(`/watches?ids=${id}`);
			const [found] = z.object({ watches: z.array(watchSchema) }).parse(await answer.json()).watches;
			if (found === undefined) throw new Error('The watch is gone.');
			return found;
		},
	};
}

const underTwo = { gpuModel: 'h100', maxPricePerGpuHour: '2000000' };
const frankfurt = { continent: 'europe', country: 'DE', raw: 'Frankfurt, DE' } as const;

describe('DISC-03 watches', () => {
	it('tell once when an offer begins to fit, and again after it was gone', async () => {
		const { begin, says, read } = await agentOf('once');
		await says(offer('akash', 'a', '2.01'));
		const { id, met, hits } = await begin(underTwo);
		expect([met, hits]).toEqual([false, []]);
		await says(offer('akash', 'a', '1.90', { region: frankfurt }), offer('akash', 'b', '1.80', { region: frankfurt }));
		const first = await read(id);
		expect(first).toMatchObject({ met: true, hits: [{ at: NOW, key: 'akash:b', usdPerGpuHour: '1800000' }] });
		expect(first.hits[0]?.text).toBe('H100 for $1.80 per GPU-hour from AKASH; Frankfurt, DE.');
		await says(offer('akash', 'a', '1.70'));
		expect((await read(id)).hits.length).toBe(1);
		await says(offer('akash', 'a', '2.10'));
		expect(await read(id)).toMatchObject({ met: false, hits: first.hits });
		await says(offer('akash', 'a', '2.00'));
		expect((await read(id)).hits.map(({ key, usdPerGpuHour }) => [key, usdPerGpuHour])).toEqual([
			['akash:a', '2000000'],
			['akash:b', '1800000'],
		]);
	});

	it('tell at once of what is there already', async () => {
		const { begin, says } = await agentOf('at-once');
		await says(offer('akash', 'a', '1.90'));
		expect(await begin(underTwo)).toMatchObject({ met: true, hits: [{ key: 'akash:a' }] });
	});

	it('keep the last twenty times', async () => {
		const { begin, says, read } = await agentOf('twenty');
		const { id } = await begin(underTwo);
		for (let time = 0; time < 22; time++) {
			await says(offer('akash', `${time}`, '1.50'));
			await says();
		}
		const { hits } = await read(id);
		expect([hits.length, hits[0]?.key, hits.at(-1)?.key]).toEqual([20, 'akash:21', 'akash:2']);
	});

	it.each<[string, Partial<Quote>]>([
		['a dated figure', { evidence: 'snapshot' }],
		['what others once paid', { meaning: 'bid-history' }],
		['the floor of a bid', { meaning: 'floor' }],
		['an estimate', { meaning: 'estimate' }],
		['an offer that is taken', { availability: { state: 'none', gpus: 0, widest: null } }],
		['an answer of two hours ago', { observedAt: (NOW - 7_200) as never }],
	])('never tell of %s', async (what, changes) => {
		const { begin, says, read } = await agentOf(`never ${what}`);
		const { id } = await begin(underTwo);
		await says(offer('akash', 'a', '1.50', changes));
		expect(await read(id)).toMatchObject({ met: false, hits: [] });
		await says(offer('akash', 'a', '1.50'));
		expect((await read(id)).met).toBe(true);
	});

	it('never tell of a figure that nobody would believe', async () => {
		const { made, begin, read, watcher } = await agentOf('doubt');
		const { id } = await begin(underTwo);
		const others = await testMarket(
			['a', 'b', 'c', 'd'].map((id) => movingSource(id, offer(id, 'x', id === 'a' ? '0.10' : '3.00'))),
		);
		ends.push(() => others.close());
		await others.refresh();
		const { rows } = made.answers.index(await others.feed.current(), 'default');
		expect(rows.find(({ quote }) => quote.key === 'a:x')?.doubt?.code).toBe('far-below');
		const looking = new Watcher({
			feed: others.feed,
			answers: made.answers,
			watches: new Watches(pool, 'doubt'),
			locks: standIn<Locks>({
				tryAcquire: async () => ({ signal: new AbortController().signal, release: async () => undefined }),
			}),
			logger,
			now: () => NOW,
		});
		others.indexer.rows = [];
		await watcher.close();
		await looking.check();
		expect((await read(id)).met).toBe(false);
	});

	it.each<[string, Record<string, unknown>, Partial<Quote>, Partial<Quote>]>([
		[
			'a place',
			{ continents: ['europe'], countries: ['US'] },
			{ region: { continent: 'asia', country: 'JP', raw: '' } },
			{ region: frankfurt },
		],
		['memory', { minMemoryGiB: 80 }, { gpu: { ...offer('akash', 'a', '1').gpu, memoryGiB: null } }, {}],
		['room', { gpuCount: 4 }, { availability: { state: 'available', gpus: 8, widest: 2 } }, {}],
		['room that is known', { gpuCount: 2 }, { availability: { state: 'unknown', gpus: null, widest: null } }, {}],
	])('wait for %s', async (what, wish, other, fitting) => {
		const { begin, says, read } = await agentOf(`wait for ${what}`);
		const { id } = await begin({ ...underTwo, ...wish });
		await says(offer('akash', 'a', '1.50', other));
		expect((await read(id)).met).toBe(false);
		await says(offer('akash', 'a', '1.50', fitting));
		expect((await read(id)).met).toBe(true);
	});

	it('can wait for what Necto can route to', async () => {
		const { made, begin, says, read, watcher } = await agentOf('routable');
		const { id } = await begin({ ...underTwo, routableOnly: true });
		await says(offer('akash', 'a', '1.50'));
		expect((await read(id)).met).toBe(false);
		for (const row of [listingRow({ rate: '1900000', allowListOnly: true }), listingRow({ rate: '1900000' })]) {
			made.indexer.rows = [row];
			made.indexer.block++;
			await says();
			await watcher.check();
		}
		const { hits } = await read(id);
		expect(hits.map(({ text }) => text)).toEqual([
			'H100 for $1.90 per GPU-hour from Necto registry, Test hall; Frankfurt, DE.',
		]);
	});

	it('are told once by several agents on one database', async () => {
		const first = await agentOf('shared');
		const second = await agentOf('shared');
		const { id } = await first.begin(underTwo);
		await Promise.all([first, second].map(({ says }) => says(offer('akash', 'a', '1.90'))));
		await Promise.all([first.watcher.check(), second.watcher.check()]);
		expect((await second.read(id)).hits.length).toBe(1);
		// Even two that both believe that it is theirs to tell.
		const hit = { at: NOW as never, key: 'akash:a' as never, usdPerGpuHour: '1', text: 'x' };
		const { id: other } = await first.begin(never);
		expect((await Promise.all([first, second].map(({ watches }) => watches.meet(other, hit)))).sort()).toEqual([
			false,
			true,
		]);
		// The other one takes over when the first stops.
		await first.watcher.close();
		await second.says();
		expect((await second.read(id)).met).toBe(false);
	});

	it('tell nothing again after a restart, before every source was asked', async () => {
		const before = await agentOf('restart');
		const { id } = await before.begin(underTwo);
		await before.says(offer('akash', 'a', '1.90'));
		expect((await before.read(id)).hits.length).toBe(1);
		await before.watcher.close();
		const { watcher, made, says, read } = await agentOf('restart', false);
		await watcher.check();
		expect((await read(id)).met).toBe(true);
		made.clock.now += 60;
		await says(offer('akash', 'a', '1.90', { observedAt: unixSeconds(made.clock.now) }));
		expect((await read(id)).hits.length).toBe(1);
		await says();
		expect((await read(id)).met).toBe(false);
	});

	it('tell once of a source that is asked every few hours', async () => {
		const { made, begin, says, read, watcher } = await agentOf('slow', true, 7_200);
		const { id } = await begin(underTwo);
		await says(offer('akash', 'a', '1.90'));
		for (const hour of [1, 2, 3]) {
			made.clock.now = NOW + hour * 7_200 - 60;
			await watcher.check();
			expect(await read(id)).toMatchObject({ met: true });
			made.clock.now = NOW + hour * 7_200;
			await says(offer('akash', 'a', '1.90', { observedAt: unixSeconds(made.clock.now) }));
		}
		expect((await read(id)).hits.length).toBe(1);
	});

	it('begin even when they cannot be looked at now', async () => {
		const { watches } = await agentOf('broken');
		const app = emptyApi(logger);
		addWatches(app, standIn<Api>({ watches, lookAtWatches: () => Promise.reject(new Error('no')) }));
		const answer = await app.request('/watches', {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(never),
		});
		expect(watchSchema.parse(await answer.json()).met).toBe(false);
	});

	it('are looked at when the market moves, without anybody asking', async () => {
		const { made, begin, read, watcher } = await agentOf('moves');
		const { id } = await begin({ ...underTwo, routableOnly: true });
		made.feed.start();
		watcher.start();
		await until(() => made.indexer.requests.some(({ url }) => url.startsWith('/live')));
		made.indexer.rows = [listingRow({ rate: '1900000' })];
		made.indexer.block++;
		made.indexer.tellLive();
		await until(async () => (await read(id)).met);
	});

	it('end when somebody says so, and by themselves', async () => {
		const { app, begin, made, watches } = await agentOf('end');
		const { id } = await begin(never);
		expect(id).toMatch(/^[A-Za-z0-9_-]{32}$/);
		expect((await app.request(`/watches/${id}`, { method: 'DELETE' })).status).toBe(204);
		const again = await app.request(`/watches/${id}`, { method: 'DELETE' });
		expect([again.status, apiErrorSchema.parse(await again.json()).code]).toEqual([404, 'not_found']);
		const old = await watches.add({ ...never, continents: [], countries: [] } as never, made.clock.now);
		if (old === null) throw new Error('no watch');
		const end = old.expiresAt;
		expect(end - old.createdAt).toBe(30 * 86_400);
		expect((await watches.open(end - 1)).map((watch) => watch.id)).toContain(old.id);
		expect((await watches.open(end)).map((watch) => watch.id)).not.toContain(old.id);
		expect(await watches.get([old.id], end)).toEqual([]);
	});

	it('are bounded: a minute, a caller, all', async () => {
		const { watch, watches } = await agentOf('bounded');
		for (let count = 0; count < 10; count++) expect((await watch(never)).status).toBe(201);
		const eleventh = await watch(never);
		expect([eleventh.status, apiErrorSchema.parse(await eleventh.json()).code]).toEqual([429, 'too_many_requests']);
		expect((await watch(never, '198.51.100.2')).status).toBe(201);
		const wish = (await watches.open(NOW))[0]?.wish;
		if (wish === undefined) throw new Error('no watch');
		expect(await watches.add(wish, Math.floor(Date.now() / 1000), 11)).toBeNull();
	});

	it('name nobody', async () => {
		const { watch } = await agentOf('nobody');
		await watch(never, '203.0.113.77');
		const { rows } = await pool.query('SELECT * FROM agent.watch');
		expect(JSON.stringify(rows)).not.toContain('203.0.113.77');
	});

	it.each<[string, Record<string, unknown>]>([
		['gpuModel', { ...never, gpuModel: 'H100 SXM' }],
		['maxPricePerGpuHour', { gpuModel: 'h100' }],
		['continents', { ...never, continents: ['mars'] }],
		['colour', { ...never, colour: 'red' }],
	])('refuse a wrong %s', async (field, wish) => {
		const { watch } = await agentOf(`wrong ${field}`);
		const answer = await watch(wish);
		expect(answer.status).toBe(400);
		expect(apiErrorSchema.parse(await answer.json()).message).toContain(field);
	});

	it.each<[string, string]>([
		['no ids', '/watches'],
		['an empty id', '/watches?ids='],
		['what is no id', '/watches?ids=abc'],
		['endless ids', `/watches?ids=${'x'.repeat(5_000)}`],
	])('refuse %s', async (_, path) => {
		const { app } = await agentOf('ids');
		const answer = await app.request(path);
		expect([answer.status, apiErrorSchema.parse(await answer.json()).code]).toEqual([400, 'invalid_request']);
	});
});
