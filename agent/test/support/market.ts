/** A market whose sources say what a test wants them to say. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { gpuModelKey, offerKey, type Quote, sourceId, type TokenPrice, unixSeconds } from '@necto/core';
import { price, quote } from '../../../core/test/build.ts';
import type { Env } from '../../src/http/context.ts';
import { emptyApi } from '../../src/http/document.ts';
import { addOffers } from '../../src/http/offers.ts';
import { createLogger } from '../../src/logger.ts';
import { Answers } from '../../src/market/answers.ts';
import type { AskedSources } from '../../src/market/asked.ts';
import { MarketFeed } from '../../src/market/feed.ts';
import { Market } from '../../src/market/market.ts';
import type { Source, SourceAnswer } from '../../src/sources/asking/source.ts';
import { TokenPrices } from '../../src/tokenPrices/tokenPrices.ts';
import { askedSources } from './asked.ts';
import { type FakeIndexer, fakeIndexer } from './indexer.ts';

export const NOW = 1_790_000_000;
export const logger = createLogger('silent');

/** An offer of a source, at a price in USD per GPU-hour. */
export function offer(source: string, id: string, usd: string, changes: Partial<Quote> = {}): Quote {
	const of = sourceId(source);
	return {
		...quote({ observedAt: unixSeconds(NOW), network: source, price: price({ amount: usd }) }),
		source: of,
		key: offerKey(of, id),
		...changes,
	};
}

export interface MovingSource extends Source {
	/** What it answers from now on. */
	says: SourceAnswer;
}

export function movingSource(id: string, ...quotes: Quote[]): MovingSource {
	const made: MovingSource = {
		id,
		name: id.toUpperCase(),
		network: id,
		url: null,
		refreshSeconds: 300,
		timeoutMs: null,
		maxBytes: null,
		says: { quotes, left: {}, incomplete: null },
		fetch: async () => made.says,
	};
	return made;
}

export interface TestMarket {
	indexer: FakeIndexer;
	asked: AskedSources;
	market: Market;
	feed: MarketFeed;
	answers: Answers;
	/** Stands still by itself: unix seconds, and the milliseconds by which answers are shared. */
	clock: { now: number; milliseconds: number };
	/** Lets every source say what it says now. */
	refresh(): Promise<void>;
	close(): Promise<void>;
}

export async function testMarket(live: readonly Source[] = [], tokenPrices: TokenPrice[] = []): Promise<TestMarket> {
	const indexer = await fakeIndexer();
	const clock = { now: NOW, milliseconds: 0 };
	const asked = askedSources({ offers: live, now: () => clock.now });
	const market = new Market({
		indexerUrl: indexer.url,
		chainId: 31337,
		listingCount: async () => 0,
		timeoutMs: 30_000,
		readings: asked,
		dated: { sources: [], notConfigured: [] },
		tokenPrices: new TokenPrices({ dated: tokenPrices, rule: { maxAge: 900, maxSpreadBps: 500 } }),
		now: () => clock.now,
		monotonic: () => clock.milliseconds,
	});
	const feed = new MarketFeed(market, logger);
	return {
		indexer,
		asked,
		market,
		feed,
		answers: new Answers(),
		clock,
		refresh: () => asked.refresh(),
		async close() {
			await feed.close();
			await asked.close();
			await indexer.close();
		},
	};
}

/** The routes about offers alone. */
export function offersApp({ feed, answers }: TestMarket): OpenAPIHono<Env> {
	const app = emptyApi(logger);
	addOffers(app, { feed, answers });
	return app;
}

export const H100 = gpuModelKey('h100');
export const A100 = gpuModelKey('a100');
