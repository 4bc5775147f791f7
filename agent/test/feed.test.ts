/** The market for looking at: which states it goes through, and what stays the same between them. */
import { marketQuerySchema, type OffersDelta, offersDeltaSchema } from '@necto/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { MarketState } from '../src/market/feed.ts';
import { listingRow } from './support/indexer.ts';
import { A100, movingSource, NOW, offer, type TestMarket, testMarket } from './support/market.ts';
import { until } from './support/network.ts';

/** More than the time for which the feed does not ask the indexer again. */
const ASK_AGAIN_MS = 300;

const open: TestMarket[] = [];
const all = marketQuerySchema.parse({});

afterEach(async () => {
	for (const made of open.splice(0)) await made.close();
});

async function marketOf(...args: Parameters<typeof testMarket>): Promise<TestMarket> {
	const made = await testMarket(...args);
	open.push(made);
	await made.refresh();
	return made;
}

function deltas({ answers }: TestMarket, from: MarketState | null, to: MarketState, query = all): OffersDelta[] {
	return [...answers.events(from, to, query)].map(({ data }) => offersDeltaSchema.parse(JSON.parse(data)));
}

const keysOf = ({ changed }: OffersDelta) => changed.map(({ quote }) => quote.key);

describe('DISC-01 the market’s states', () => {
	it('is the same state while nothing moves, and another once a source says something else', async () => {
		const akash = movingSource('akash', offer('akash', 'a', '1.50'));
		const made = await marketOf([akash]);
		const first = await made.feed.current();
		expect(await made.feed.current()).toBe(first);
		akash.says = { ...akash.says, quotes: [offer('akash', 'a', '1.40')] };
		await made.refresh();
		const second = await made.feed.current();
		expect(second.version).not.toBe(first.version);
		expect(made.feed.known(first.version)).toBe(first);
	});

	it('is another state once a listing changes, and the same when only a block went by', async () => {
		const made = await marketOf();
		const first = await made.feed.current();
		made.indexer.block = 11;
		made.clock.milliseconds += ASK_AGAIN_MS;
		expect(await made.feed.current()).toBe(first);
		made.indexer.block = 12;
		made.indexer.rows = [listingRow({ rate: '1990000', version: 4 })];
		made.clock.milliseconds += ASK_AGAIN_MS;
		const second = await made.feed.current();
		expect(second.block).toBe(12n);
		expect(deltas(made, first, second).map(keysOf)).toEqual([['necto:1']]);
	});

	it('is complete once everybody was asked, whatever they answered', async () => {
		const made = await testMarket([movingSource('akash'), { ...movingSource('golem'), fetch: () => Promise.reject() }]);
		open.push(made);
		made.indexer.broken = true;
		expect((await made.feed.current()).complete).toBe(false);
		await made.refresh();
		expect((await made.feed.current()).complete).toBe(false);
		made.indexer.broken = false;
		made.clock.milliseconds += ASK_AGAIN_MS;
		expect((await made.feed.current()).complete).toBe(true);
	});

	it('asks the indexer once for many who look at the same time', async () => {
		const made = await marketOf();
		const states = await Promise.all(Array.from({ length: 50 }, () => made.feed.current()));
		expect(new Set(states).size).toBe(1);
		expect(made.indexer.requests.filter(({ body }) => body.includes('listings(')).length).toBe(1);
	});

	it('tells who follows when the indexer says that listings changed', async () => {
		const made = await marketOf();
		const first = await made.feed.current();
		made.feed.start();
		await until(() => made.indexer.requests.some(({ url }) => url.startsWith('/live')));
		const moved = new Promise<void>((resolve) => made.feed.subscribe(resolve));
		made.indexer.block = 11;
		made.indexer.rows = [listingRow(), listingRow({ id: 2 })];
		made.indexer.tellLive();
		await moved;
		const second = made.feed.latest;
		if (second === null) throw new Error('no state');
		expect(deltas(made, first, second).map(keysOf)).toEqual([['necto:2']]);
	});

	it('can still be looked at when the indexer is down, and says since when', async () => {
		const made = await marketOf();
		await made.feed.current();
		made.indexer.broken = true;
		made.indexer.block = 11;
		made.clock.now = NOW + 60;
		made.clock.milliseconds += ASK_AGAIN_MS;
		const { quotes, sources } = await made.feed.current();
		expect(quotes.map(({ key }) => key)).toEqual(['necto:1']);
		expect(sources[0]).toMatchObject({
			id: 'necto',
			state: 'stale',
			failingSince: NOW + 60,
			note: expect.stringContaining('500'),
		});
	});

	it('forgets states after the last 32', async () => {
		const akash = movingSource('akash');
		const made = await marketOf([akash]);
		const versions: string[] = [];
		for (let step = 0; step < 34; step++) {
			akash.says = { ...akash.says, quotes: [offer('akash', 'a', `1.${10 + step}`)] };
			await made.refresh();
			versions.push((await made.feed.current()).version);
		}
		expect(new Set(versions).size).toBe(34);
		expect(versions.map((version) => made.feed.known(version) !== null)).toEqual([
			false,
			false,
			...Array.from({ length: 32 }, () => true),
		]);
	});
});

describe('DISC-02 what is other than before', () => {
	it('names what changed, came and went; what was only seen again by its time alone', async () => {
		const akash = movingSource(
			'akash',
			offer('akash', 'same', '1.50'),
			offer('akash', 'cheaper', '1.50'),
			offer('akash', 'gone', '1.50'),
		);
		const made = await marketOf([akash, movingSource('lambda', offer('lambda', 'x', '3'))]);
		const first = await made.feed.current();
		const later = { observedAt: (NOW + 60) as never };
		made.clock.now = NOW + 60;
		akash.says = {
			...akash.says,
			quotes: [
				offer('akash', 'same', '1.50', later),
				offer('akash', 'cheaper', '1.20', later),
				offer('akash', 'new', '9', later),
			],
		};
		await made.refresh();
		const second = await made.feed.current();
		const [delta, ...more] = deltas(made, first, second);
		expect(more).toEqual([]);
		expect(delta).toMatchObject({
			from: first.version,
			version: second.version,
			more: false,
			total: 5,
			removed: ['akash:gone'],
			seen: [{ observedAt: NOW + 60, keys: ['akash:same'] }],
			tokenPrices: null,
			references: null,
		});
		expect(delta === undefined ? [] : keysOf(delta).sort()).toEqual(['akash:cheaper', 'akash:new']);
		expect(delta?.sources?.find(({ id }) => id === 'akash')?.fetchedAt).toBe(NOW + 60);
	});

	it('follows a token’s price into the offers that are priced in it', async () => {
		const akt = (usd: string, observedAt: number): Parameters<typeof testMarket>[1] => [
			{ symbol: 'AKT', usd, source: 'snapshot', observedAt: observedAt as never },
		];
		const inTokens = offer('akash', 'a', '1', { price: { ...offer('akash', 'a', '1').price, currency: 'AKT' } });
		const prices = akt('1.5', NOW) ?? [];
		const made = await marketOf([movingSource('akash', inTokens, offer('akash', 'b', '2'))], prices);
		const first = await made.feed.current();
		prices.splice(0, 1, ...(akt('2.5', NOW) ?? []));
		await made.refresh();
		const second = await made.feed.current();
		const [delta] = deltas(made, first, second);
		expect(delta === undefined ? [] : keysOf(delta)).toEqual(['akash:a']);
		expect(delta?.changed[0]?.usdPerGpuHour).toBe('2500000');
		expect(delta?.tokenPrices).toEqual(akt('2.5', NOW));
	});

	it('is about the answer to a query: what leaves it is removed, what it never held is not told', async () => {
		const akash = movingSource('akash', offer('akash', 'a', '1.50'), offer('akash', 'b', '1.60'));
		const made = await marketOf([akash]);
		const first = await made.feed.current();
		akash.says = {
			...akash.says,
			quotes: [
				offer('akash', 'a', '2.50'),
				offer('akash', 'b', '1.55'),
				offer('akash', 'c', '1', { gpu: { ...offer('akash', 'c', '1').gpu, model: A100 } }),
			],
		};
		await made.refresh();
		const query = marketQuerySchema.parse({ gpu: 'h100', maxUsd: '2', source: 'akash' });
		const [delta] = deltas(made, first, await made.feed.current(), query);
		expect(delta).toMatchObject({ removed: ['akash:a'], total: 1 });
		expect(delta === undefined ? [] : keysOf(delta)).toEqual(['akash:b']);
	});

	it('comes in parts when it is long, each going on after the one before', async () => {
		const quotes = Array.from({ length: 4_500 }, (_, at) => offer('akash', `${at}`, '1.50'));
		const made = await marketOf([movingSource('akash', ...quotes)]);
		const state = await made.feed.current();
		const parts = deltas(made, null, state);
		expect(parts.map(({ from, more, changed }) => [from, more, changed.length])).toEqual([
			[null, true, 2_000],
			[state.version, true, 2_000],
			[state.version, false, 501],
		]);
		expect(new Set(parts.flatMap(keysOf)).size).toBe(4_501);
	});
});
