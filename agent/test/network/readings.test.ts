/** What the router's sources say, on its way to the public API through a real PostgreSQL. */
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { migrate, openPool } from '../../src/journal/database.ts';
import { Locks } from '../../src/journal/locks.ts';
import { Notifications } from '../../src/journal/notifications.ts';
import { ReadingStore } from '../../src/journal/readings.ts';
import { Routers } from '../../src/journal/routers.ts';
import { Publisher } from '../../src/market/publisher.ts';
import { MarketSources } from '../../src/market/sources.ts';
import { StoredReadings } from '../../src/market/stored.ts';
import { SourceError } from '../../src/sources/asking/source.ts';
import { lambda } from '../../src/sources/lambda.ts';
import { kraken } from '../../src/tokenPrices/kraken.ts';
import { TokenPriceSource } from '../../src/tokenPrices/source.ts';
import { TokenPrices } from '../../src/tokenPrices/tokenPrices.ts';
import { askedSources } from '../support/asked.ts';
import { freshDatabase } from '../support/database.ts';
import { type Fake, fakeServer, sendJson } from '../support/http.ts';
import { logger, movingSource, NOW, offer } from '../support/market.ts';
import { until } from '../support/network.ts';

let url: string;
let pool: Pool;
let exchange: Fake;
let deployment = '';
let count = 0;
let now = NOW;

beforeAll(async () => {
	url = await freshDatabase(inject('network').ready.database, 'agent_readings');
	pool = openPool(url, logger);
	await migrate(pool);
	exchange = await fakeServer((_, response) =>
		sendJson(response, { error: [], result: { AKTUSD: { a: ['0.52', '1', '1'], b: ['0.51', '1', '1'] } } }),
	);
}, 60_000);
afterAll(async () => {
	await exchange.close();
	await pool.end();
}, 60_000);
beforeEach(() => {
	deployment = `d${++count}`;
	now = NOW;
});

const settings = () => ({ baseUrl: exchange.url, keys: null, options: {}, refreshSeconds: 300, timeoutMs: 3_000 });

/** A router's side. */
function asking(...offers: ReturnType<typeof movingSource>[]) {
	const locks = new Locks(url, logger);
	const asked = askedSources({
		offers,
		tokens: [new TokenPriceSource(kraken, settings())],
		missing: { offers: [{ source: lambda, note: 'Not asked: set LAMBDA_API_KEY.' }], tokens: [] },
		now: () => now,
	});
	const publisher = new Publisher({ readings: asked, store: new ReadingStore(pool, deployment), locks, logger });
	return {
		asked,
		publisher,
		close: async () => {
			await publisher.close();
			await asked.close();
			await locks.close();
		},
	};
}

/** The public API's side. */
function reading() {
	const readings = new StoredReadings({ store: new ReadingStore(pool, deployment), logger });
	const sources = marketOf(readings);
	return { readings, sources };
}

function marketOf(readings: StoredReadings | ReturnType<typeof askedSources>): MarketSources {
	return new MarketSources({
		readings,
		dated: { sources: [], notConfigured: [] },
		tokenPrices: new TokenPrices({ dated: [], rule: { maxAge: 900, maxSpreadBps: 500 } }),
		now: () => now,
	});
}

const versions = async () =>
	new Map((await new ReadingStore(pool, deployment).list()).map(({ source, version }) => [source, version]));

describe('readings of sources', () => {
	it('are the same to the public API as to the router: offers, states, notes and token prices', async () => {
		const moving = movingSource('moving', offer('moving', 'a', '1.10'), offer('moving', 'b', '1.20'));
		moving.says = { ...moving.says, left: { 'no price': 3 }, incomplete: 'Page 2 is missing.' };
		const broken = movingSource('broken');
		broken.fetch = () => Promise.reject(new SourceError('refused', 'It wants another key.'));
		const router = asking(moving, broken);
		await router.asked.refresh();
		await router.publisher.publish();
		const { readings, sources } = reading();
		await readings.refresh();
		const own = marketOf(router.asked);
		expect(sources.rows).toEqual(own.rows);
		expect(sources.tokenPrices).toEqual(own.tokenPrices);
		expect(sources.tokenPrices).toHaveLength(1);
		expect(sources.tokenStatuses).toEqual(own.tokenStatuses);
		expect(sources.rows.map(({ status }) => [status.id, status.state])).toEqual([
			['moving', 'fresh'],
			['broken', 'failing'],
			['lambda', 'not-configured'],
		]);
		await router.close();
	});

	it('that did not change are neither written nor read again; offers that were only seen anew keep their bytes', async () => {
		const moving = movingSource('moving', offer('moving', 'a', '1.10'));
		const router = asking(moving, movingSource('other'));
		await router.asked.refresh();
		await router.publisher.publish();
		const first = await versions();
		await router.publisher.publish();
		expect(await versions()).toEqual(first);
		const { readings } = reading();
		await readings.refresh();
		const before = readings.offers[0];
		await readings.refresh();
		expect(readings.offers[0]).toBe(before);

		now += 300;
		moving.says = { ...moving.says, quotes: [offer('moving', 'a', '1.10', { observedAt: now as never })] };
		await router.asked.refresh();
		const hash = async () => (await new ReadingStore(pool, deployment).list())[0]?.hash;
		const kept = await hash();
		await router.publisher.publish();
		expect(await hash()).toBe(kept);
		await readings.refresh();
		expect(readings.offers[0]?.reading.quotes[0]?.observedAt).toBe(now);
		expect(readings.offers[0]?.reading.fetchedAt).toBe(now);
		await router.close();
	});

	it('reach the public API when they are written, not at its next look', async () => {
		const moving = movingSource('moving', offer('moving', 'a', '1.10'));
		const router = asking(moving);
		const notifications = new Notifications(['reading']);
		notifications.start(url, logger);
		const readings = new StoredReadings({
			store: new ReadingStore(pool, deployment),
			subscribe: (listener) => notifications.subscribe('reading', listener),
			logger,
		});
		readings.start();
		router.publisher.start();
		await router.asked.refresh();
		await until(() => readings.offers[0]?.reading.quotes.length === 1, 10_000);
		moving.says = { ...moving.says, quotes: [offer('moving', 'a', '0.90'), offer('moving', 'b', '0.95')] };
		const began = performance.now();
		await router.asked.refresh();
		await until(() => readings.offers[0]?.reading.quotes.length === 2, 10_000);
		// By itself it looks once a minute.
		process.stdout.write(`A new reading was there after ${Math.round(performance.now() - began)} ms.\n`);
		await readings.close();
		await notifications.close();
		await router.close();
	});

	it('are written by one router of several, and by the next when that one ends', async () => {
		const [one, two] = [asking(movingSource('moving')), asking(movingSource('moving', offer('moving', 'a', '1.10')))];
		await Promise.all([one.asked.refresh(), two.asked.refresh()]);
		await one.publisher.publish();
		await two.publisher.publish();
		const { readings } = reading();
		await readings.refresh();
		expect(readings.offers[0]?.reading.quotes).toEqual([]);
		await one.close();
		await two.publisher.publish();
		await readings.refresh();
		expect(readings.offers[0]?.reading.quotes).toHaveLength(1);
		await two.close();
	});

	it('stand over a restart of the router until the source is asked again; a source that is no longer chosen goes', async () => {
		const router = asking(movingSource('moving', offer('moving', 'a', '1.10')), movingSource('gone'));
		await router.asked.refresh();
		await router.publisher.publish();
		await router.close();

		const next = asking(movingSource('moving', offer('moving', 'b', '1.20')));
		const { readings } = reading();
		await readings.refresh();
		next.asked.restore(readings);
		expect(marketOf(next.asked).rows[0]?.quotes.map(({ key }) => key)).toEqual(['moving:a']);
		expect(marketOf(next.asked).tokenPrices).toHaveLength(1);
		await next.publisher.publish();
		await readings.refresh();
		expect(readings.offers.map(({ source, reading }) => [source.id, reading.quotes.length])).toEqual([['moving', 1]]);
		await next.asked.refresh();
		await next.publisher.publish();
		await readings.refresh();
		expect(readings.offers[0]?.reading.quotes.map(({ key }) => key)).toEqual(['moving:b']);
		await next.close();
	});

	it('one that is damaged leaves the others as they are', async () => {
		const router = asking(movingSource('first', offer('first', 'a', '1.10')), movingSource('second'));
		await router.asked.refresh();
		await router.publisher.publish();
		const { readings } = reading();
		await readings.refresh();
		await pool.query(
			"UPDATE agent.reading SET body = 'x', hash = 'x', version = nextval('agent.reading_version') WHERE deployment = $1 AND source = 'first'",
			[deployment],
		);
		await readings.refresh();
		expect(readings.offers.map(({ source, reading }) => [source.id, reading.quotes.length])).toEqual([
			['first', 1],
			['second', 0],
		]);
		await router.close();
	});

	it('before they were read no source was asked; a router that asks none publishes none', async () => {
		const { readings, sources } = reading();
		expect(sources.rows.length).toBeGreaterThan(20);
		expect(sources.rows.every(({ status }) => status.state === 'failing' && status.note === 'Not asked yet.')).toBe(
			true,
		);
		await readings.refresh();
		expect(sources.rows).toEqual([]);
	});
});

describe('signs of life of routers', () => {
	const state = (ready: boolean) => ({ ready: { ready, checks: [] }, deciding: false, lastBlock: '7' });

	it('are those of now, and go when a router leaves', async () => {
		const [one, two] = [new Routers(pool, deployment), new Routers(pool, deployment)];
		expect(await one.alive()).toEqual([]);
		await one.beat(state(false));
		await two.beat(state(true));
		expect(await one.alive()).toEqual([state(true), state(false)]);
		await two.leave();
		expect(await one.alive()).toEqual([state(false)]);
		await pool.query("UPDATE agent.router SET at = now() - interval '1 minute' WHERE deployment = $1", [deployment]);
		expect(await one.alive()).toEqual([]);
	});
});
