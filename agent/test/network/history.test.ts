/** The history against a real database: stretches that grow, agents that share them, restarts, and what is asked of it over HTTP. */

import {
	gpuModelKey,
	historyResponseSchema,
	type Quote,
	type SourceStatus,
	sourceId,
	tokenHistoryResponseSchema,
} from '@necto/core';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Look, Recorder } from '../../src/history/recorder.ts';
import { emptyApi } from '../../src/http/document.ts';
import { addHistory } from '../../src/http/history.ts';
import { migrate, openPool } from '../../src/journal/database.ts';
import {
	type NewPoints,
	readPricePoints,
	readTokenPoints,
	tidyPoints,
	writePoints,
} from '../../src/journal/history.ts';
import { Journal } from '../../src/journal/jobs.ts';
import { createLogger } from '../../src/logger.ts';
import { Market } from '../../src/market/market.ts';
import { Offers } from '../../src/sources/reading/offers.ts';
import { nowSeconds } from '../../src/time.ts';
import { kraken } from '../../src/tokenPrices/kraken.ts';
import { TokenPriceSource } from '../../src/tokenPrices/source.ts';
import { TokenPrices } from '../../src/tokenPrices/tokenPrices.ts';
import { askedSources } from '../support/asked.ts';
import { freshDatabase } from '../support/database.ts';
import { fakeServer, sendJson } from '../support/http.ts';
import { fakeIndexer, listingRow } from '../support/indexer.ts';

const logger = createLogger('silent');
const DAY = 86_400;
let pool: Pool;
let other: Pool;

beforeAll(async () => {
	const database = await freshDatabase(inject('network').ready.database, 'agent_history_test');
	[pool, other] = [openPool(database, logger), openPool(database, logger)];
	await migrate(pool);
});

beforeEach(async () => {
	await pool.query('TRUNCATE agent.price_point, agent.token_point, agent.source_point');
});

afterAll(async () => {
	await pool?.end();
	await other?.end();
});

const NOW = nowSeconds();
const price = (low: bigint, changes: Partial<NewPoints['prices'][number]> = {}): NewPoints['prices'][number] => ({
	deployment: '',
	source: 'akash',
	gpuModel: 'h100',
	pricing: 'token',
	low,
	median: low,
	high: low,
	offers: 3,
	free: 8,
	...changes,
});
const seen = (at: number, ...prices: NewPoints['prices'][number][]): NewPoints => ({
	at,
	gap: 3_600,
	prices,
	tokens: [],
	sources: [],
});
const stored = (changes: Partial<Parameters<typeof readPricePoints>[1]> = {}) =>
	readPricePoints(pool, { deployment: 'test', gpuModel: 'h100', sources: null, from: 0, ...changes });
const stretches = async () => (await stored()).map(({ since, until, low }) => [since - NOW, until - NOW, low]);

describe('AGT-10 the history of prices', () => {
	it('grows a stretch while the figures stand, and begins another when they change', async () => {
		await writePoints(pool, seen(NOW, price(5n)));
		await writePoints(pool, seen(NOW + 300, price(5n, { offers: 4, free: null })));
		await writePoints(pool, seen(NOW + 600, price(6n)));
		await writePoints(pool, seen(NOW + 900, price(6n)));
		expect(await stretches()).toEqual([
			[0, 300, 5n],
			[600, 900, 6n],
		]);
		expect((await stored())[0]).toMatchObject({ offers: 4, free: null });
	});

	it('is written once however often, and an older look changes nothing', async () => {
		await writePoints(pool, seen(NOW, price(5n)));
		await writePoints(pool, seen(NOW, price(5n)));
		await writePoints(pool, seen(NOW, price(9n)));
		await writePoints(pool, seen(NOW - 60, price(7n)));
		expect(await stretches()).toEqual([[0, 0, 5n]]);
	});

	it('begins anew after a time in which nobody looked', async () => {
		await writePoints(pool, seen(NOW, price(5n)));
		await writePoints(pool, seen(NOW + 3_601, price(5n)));
		expect(await stretches()).toEqual([
			[0, 0, 5n],
			[3_601, 3_601, 5n],
		]);
	});

	it('is one line of two agents that write at the same time', async () => {
		for (let round = 0; round < 20; round++) {
			const at = NOW + round * 300;
			const low = BigInt(100 + Math.floor(round / 4));
			await Promise.all([
				writePoints(pool, seen(at, price(low))),
				writePoints(other, seen(at + 2, price(low))),
				writePoints(pool, seen(at + 1, price(low))),
			]);
		}
		const line = await stored();
		expect(line.map(({ low }) => low)).toEqual([100n, 101n, 102n, 103n, 104n]);
		for (const [index, point] of line.entries()) expect(point.since).toBeGreaterThan(line[index - 1]?.until ?? 0);
	});

	it('keeps lines apart by source, GPU, pricing model and, for own listings, deployment', async () => {
		await writePoints(
			pool,
			seen(
				NOW,
				price(1n),
				price(2n, { gpuModel: 'a100' }),
				price(3n, { pricing: 'fixed' }),
				price(4n, { source: 'necto', deployment: 'test' }),
				price(5n, { source: 'necto', deployment: 'elsewhere' }),
			),
		);
		expect((await stored()).map(({ low }) => low)).toEqual([3n, 1n, 4n]);
		expect((await stored({ sources: ['necto'] })).map(({ low }) => low)).toEqual([4n]);
		expect(await stored({ from: NOW + 1 })).toEqual([]);
	});

	it('holds the largest price there is', async () => {
		await writePoints(pool, seen(NOW, price(2n ** 64n - 1n)));
		expect((await stored())[0]?.low).toBe(2n ** 64n - 1n);
	});

	it('forgets what is too old, and thins a month to the lows and highs of its days', async () => {
		const day = Math.floor((NOW - 40 * DAY) / DAY) * DAY;
		for (const [index, low] of [5n, 3n, 9n, 4n].entries()) await writePoints(pool, seen(day + index * 600, price(low)));
		// A stretch over a night says what the next day began with.
		await writePoints(pool, { ...seen(day + 3_000, price(6n)), gap: DAY });
		await writePoints(pool, { ...seen(day + DAY + 600, price(6n)), gap: DAY });
		await writePoints(pool, seen(NOW - 401 * DAY, price(1n, { source: 'gone' })));
		await writePoints(pool, seen(NOW, price(7n)));
		await tidyPoints(pool, NOW, 400);
		expect((await stored()).map(({ source, low }) => [source, low])).toEqual([
			['akash', 3n],
			['akash', 9n],
			['akash', 6n],
			['akash', 7n],
		]);
		await tidyPoints(pool, NOW, 400);
		expect(await stored()).toHaveLength(4);
		const tokens = (usd: string) => [{ symbol: 'AKT', usd, source: 'kraken alone' }];
		for (const [index, usd] of ['0.9', '0.10', '0.5', '1.0'].entries())
			await writePoints(pool, { at: day + index * 600, gap: 3_600, prices: [], tokens: tokens(usd), sources: [] });
		await tidyPoints(pool, NOW, 400);
		expect((await readTokenPoints(pool, 'AKT', 0)).map(({ usd }) => usd)).toEqual(['0.10', '1.0']);
	});
});

const H100 = { gpu: 'H100 80GB', meaning: 'offer' as const, per: 'gpu' as const };

function quotes(...amounts: string[]): Quote[] {
	const offers = new Offers({ id: 'akash', network: 'akash' }, NOW);
	for (const [index, amount] of amounts.entries()) offers.add({ ...H100, id: `${index}`, amount });
	return offers.answer().quotes;
}

function look(at: number, offered: Quote[], changes: Partial<SourceStatus> = {}): Look {
	return {
		status: {
			id: sourceId('akash'),
			name: 'Akash',
			state: 'fresh',
			fetchedAt: null,
			failingSince: null,
			quotes: offered.length,
			left: {},
			note: null,
			url: null,
			...changes,
		},
		quotes: offered,
		tokenPrices: [],
		at,
		refreshSeconds: 300,
	};
}

const recorder = (of: Pool, now = () => NOW) =>
	new Recorder({ pool: of, deployment: 'test', days: 400, logger, now, restMs: 10 });

describe('AGT-10 the recorder', () => {
	it('writes lowest, median and highest of a look, and goes on after a restart', async () => {
		const first = recorder(pool);
		first.look(look(NOW, quotes('3', '1', '2')));
		await first.close();
		const second = recorder(pool);
		second.look(look(NOW + 300, quotes('3', '1', '2')));
		await second.close();
		expect(await stored()).toEqual([
			{
				source: 'akash',
				pricing: 'fixed',
				since: NOW,
				until: NOW + 300,
				low: 1_000_000n,
				median: 2_000_000n,
				high: 3_000_000n,
				offers: 3,
				free: null,
			},
		]);
	});

	it('remembers how a source stood', async () => {
		const one = recorder(pool);
		const note = 'Failing since noon: It did not answer in time.';
		for (const [at, changes] of [
			[0, {}],
			[300, { state: 'stale', note }],
			[360, { state: 'stale', note }],
			[420, {}],
		] as const) {
			one.look(look(NOW + at, [], changes));
			await one.flush();
		}
		const { rows } = await pool.query(
			'SELECT state, note, (until - since)::int AS long FROM agent.source_point ORDER BY since',
		);
		expect(rows).toEqual([
			{ state: 'fresh', note: null, long: 0 },
			{ state: 'stale', note, long: 60 },
			{ state: 'fresh', note: null, long: 0 },
		]);
		await one.close();
	});

	it('two at once on one database make one line', async () => {
		const both = [recorder(pool), recorder(other)];
		for (let round = 0; round < 10; round++) {
			const low = round < 5 ? '1' : '2';
			for (const [index, one] of both.entries()) one.look(look(NOW + round * 300 + index, quotes(low)));
			await Promise.all(both.map((one) => one.flush()));
		}
		await Promise.all(both.map((one) => one.close()));
		expect((await stored()).map(({ low }) => low)).toEqual([1_000_000n, 2_000_000n]);
	});

	it('breaks nothing when the database is away', async () => {
		const dead = openPool('postgres://nobody@127.0.0.1:9/nothing', logger);
		const one = recorder(dead);
		one.look(look(NOW, quotes('1')));
		await expect(one.close()).resolves.toBeUndefined();
		await dead.end();
	});

	it('keeps token prices of sources that agree, and none that are dated or disputed', async () => {
		const one = recorder(pool);
		const token = (symbol: string, usd: string, others: string[]) => ({
			symbol,
			usd,
			source: 'median of a, b',
			observedAt: NOW as never,
			sources: others.map((text, index) => ({ source: `s${index}`, usd: text, observedAt: NOW as never })),
			maxSpreadBps: 500,
		});
		one.look({
			...look(NOW, [], { id: sourceId('kraken'), gives: 'token-prices' }),
			tokenPrices: [
				token('AKT', '0.51', ['0.5', '0.52']),
				token('IO', '1.5', ['1', '2']),
				{ symbol: 'NOS', usd: '0.3', source: 'snapshot', observedAt: NOW as never },
			],
		});
		await one.close();
		const { rows } = await pool.query('SELECT symbol, usd FROM agent.token_point');
		expect(rows).toEqual([{ symbol: 'AKT', usd: '0.51' }]);
		expect(await readTokenPoints(pool, 'AKT', 0)).toEqual([
			{ since: NOW, until: NOW, usd: '0.51', source: 'median of a, b' },
		]);
	});
});

describe('AGT-10 GET /history', () => {
	const app = () => {
		const made = emptyApi(logger);
		addHistory(made, { journal: new Journal(pool, 'test') });
		return made;
	};
	const get = async (path: string) => {
		const response = await app().request(path);
		return { status: response.status, body: await response.json() };
	};

	it('gives a series for each source and pricing model, with how much it moves', async () => {
		for (let day = 12; day >= 0; day--) {
			const at = NOW - day * DAY;
			await writePoints(
				pool,
				seen(at, price(day % 2 === 0 ? 1_000_000n : 1_010_000n), price(2n, { pricing: 'fixed' })),
			);
		}
		const { body } = await get('/history?gpu=H100&days=30');
		const { series, gpu } = historyResponseSchema.parse(body);
		expect(gpu).toBe(gpuModelKey('h100'));
		expect(
			series.map(({ pricing, dated, points, volatilityBps }) => [pricing, dated, points.length, volatilityBps]),
		).toEqual([
			['fixed', false, 13, 0],
			['token', false, 13, 104],
		]);
		expect(series[0]?.staleSeconds).toBeLessThan(600);
	});

	it('keeps lows and highs however few points are asked for', async () => {
		for (let at = 0; at < 60; at++)
			await writePoints(pool, seen(NOW - 6_000 + at * 60, price(BigInt(1_000 + ((at * 37) % 60)))));
		const { series } = historyResponseSchema.parse((await get('/history?gpu=h100&source=akash&points=5')).body);
		expect(series[0]?.points).toHaveLength(5);
		const lows = series[0]?.points.map(({ low }) => Number(low)) ?? [];
		const highs = series[0]?.points.map(({ high }) => Number(high)) ?? [];
		expect([Math.min(...lows), Math.max(...highs)]).toEqual([1_000, 1_059]);
	});

	it('marks the dated series that ship with the agent, and gives no daily change of weekly figures', async () => {
		const { series } = historyResponseSchema.parse((await get('/history?gpu=h100&days=3650&source=aws,aws-spot')).body);
		expect(series.map(({ source, pricing, dated, volatilityBps }) => [source, pricing, dated, volatilityBps])).toEqual([
			['aws', 'fixed', true, null],
			['aws-spot', 'dynamic', true, null],
		]);
		// p5.48xlarge: 98.32 USD for eight.
		expect(series[0]?.points[0]).toMatchObject({ low: '12290000', high: '12290000' });
		expect(series[0]?.origin).toContain('p5.48xlarge');
	});

	it('gives what a running market saw of its listings and of what tokens are worth', async () => {
		const indexer = await fakeIndexer();
		const exchange = await fakeServer((_, response) =>
			sendJson(response, { error: [], result: { AKTUSD: { a: ['0.52', '1', '1'], b: ['0.51', '1', '1'] } } }),
		);
		indexer.rows = [listingRow(), listingRow({ id: 2, rate: '1990000' })];
		const history = recorder(pool, nowSeconds);
		const settings = { baseUrl: exchange.url, keys: null, options: {}, refreshSeconds: 300, timeoutMs: 3_000 };
		const asked = askedSources({ timeoutMs: 3_000, tokens: [new TokenPriceSource(kraken, settings)] });
		const market = new Market({
			indexerUrl: indexer.url,
			chainId: 31337,
			listingCount: async () => 0,
			timeoutMs: 3_000,
			readings: asked,
			dated: { sources: [], notConfigured: [] },
			tokenPrices: new TokenPrices({ dated: [], rule: { maxAge: 900, maxSpreadBps: 500 } }),
			history,
		});
		await asked.refresh();
		await market.collect(0n, [], new AbortController().signal);
		await history.flush();
		const { series } = historyResponseSchema.parse((await get('/history?gpu=h100&source=necto')).body);
		expect(series.map(({ source, pricing, points }) => [source, pricing, points])).toEqual([
			['necto', 'fixed', [expect.objectContaining({ low: '1990000', high: '2490000', offers: 2, free: 12 })]],
		]);
		const { points } = tokenHistoryResponseSchema.parse((await get('/history/tokens?symbol=AKT')).body);
		expect(points).toEqual([expect.objectContaining({ usd: '0.515', source: 'kraken alone' })]);
		await asked.close();
		await history.close();
		await exchange.close();
		await indexer.close();
	});

	it('gives nothing for a GPU that nobody has seen, and refuses what is no question', async () => {
		expect((await get('/history?gpu=b300')).body).toMatchObject({ gpu: 'b300', series: [] });
		for (const path of [
			'/history',
			'/history?gpu=H%20100',
			'/history?gpu=h100&days=0',
			'/history?gpu=h100&points=1',
			'/history?gpu=h100&x=1',
			'/history/tokens?symbol=%27',
		]) {
			expect((await get(path)).status, path).toBe(400);
		}
	});

	it('gives the line of a token, of whose prices only real ones are left', async () => {
		for (let at = 0; at < 40; at++) {
			const tokens = [{ symbol: 'AKT', usd: `0.${500 + ((at * 7) % 40)}`, source: 'median of a, b' }];
			await writePoints(pool, { at: NOW - 4_000 + at * 60, gap: 3_600, prices: [], tokens, sources: [] });
		}
		const { points, volatilityBps } = tokenHistoryResponseSchema.parse(
			(await get('/history/tokens?symbol=akt&points=6')).body,
		);
		expect(points.length).toBeLessThanOrEqual(6);
		expect(points.map(({ usd }) => usd)).toEqual(expect.arrayContaining(['0.500', '0.539']));
		expect(volatilityBps).toBeNull();
	});
});
