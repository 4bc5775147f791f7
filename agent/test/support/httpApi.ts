/** The whole HTTP API on a database of its own, with a market of two listings and the dated figures. */
import { agentConfigSchema, apiErrorSchema } from '@necto/core';
import type { Hex } from 'viem';
import { expect, inject } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { Api } from '../../src/http/context.ts';
import { migrate, openPool } from '../../src/journal/database.ts';
import { Journal } from '../../src/journal/jobs.ts';
import { Notifications } from '../../src/journal/notifications.ts';
import { Watches } from '../../src/journal/watches.ts';
import { createLogger } from '../../src/logger.ts';
import { Answers } from '../../src/market/answers.ts';
import { MarketFeed } from '../../src/market/feed.ts';
import { Market } from '../../src/market/market.ts';
import { ApiMetrics } from '../../src/metrics.ts';
import { readDatedMarket } from '../../src/sources/snapshot.ts';
import { readDatedTokenPrices } from '../../src/tokenPrices/dated.ts';
import { TokenPrices } from '../../src/tokenPrices/tokenPrices.ts';
import { StorageError } from '../../src/zerog/reader.ts';
import { askedSources } from './asked.ts';
import { freshDatabase } from './database.ts';
import { fakeIndexer, listingRow } from './indexer.ts';
import { movingSource } from './market.ts';

const logger = createLogger('silent');
const REGISTRY: Hex = `0x${'11'.repeat(20)}`;

export type HttpApi = Awaited<ReturnType<typeof startHttpApi>>;

/** @param name of its database */
export async function startHttpApi(name: string) {
	const indexer = await fakeIndexer();
	const database = await freshDatabase(inject('network').ready.database, name);
	indexer.rows = [listingRow(), listingRow({ id: 2, rate: '1990000', country: 'US', continent: 'north-america' })];
	const pool = openPool(database, logger);
	await migrate(pool);
	const journal = new Journal(pool, 'http');
	const notifications = new Notifications(['activity']);
	notifications.start(database, logger);
	const chatty = movingSource('chatty');
	const asked = askedSources({ timeoutMs: 3_000, offers: [chatty] });
	const market = new Market({
		indexerUrl: indexer.url,
		chainId: 31337,
		listingCount: async () => 0,
		timeoutMs: 3_000,
		readings: asked,
		dated: readDatedMarket(new URL('../../data/market-snapshot.json', import.meta.url)),
		tokenPrices: new TokenPrices({
			dated: readDatedTokenPrices(new URL('../../data/token-prices.json', import.meta.url)),
			rule: { maxAge: 900, maxSpreadBps: 500 },
		}),
	});
	const feed = new MarketFeed(market, logger);
	/** What 0G Storage has. */
	const stored = new Map<Hex, Uint8Array>();
	const api: Api = {
		market,
		feed,
		answers: new Answers(),
		watches: new Watches(pool, 'http'),
		lookAtWatches: async () => undefined,
		journal,
		notifications,
		parser: {
			unavailable: null,
			parse: async (text) => ({ fields: { gpuModel: text }, missing: [], notes: [], model: 'test' }),
			close: () => undefined,
		},
		metrics: new ApiMetrics(),
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
		router: async () => ({ deciding: false, lastBlock: '12' }),
	};
	await journal.observe(
		[{ id: 4n, requester: null, request: {}, block: 1n, requestedAt: 1, locked: 1n, parent: null }],
		{ block: 1n, hash: `0x${'aa'.repeat(32)}` },
	);
	const app = createApp(api);
	return {
		app,
		api,
		journal,
		market,
		asked,
		stored,
		/** A source that also sells tokens of language models. */
		chatty,
		post: (path: string, body: unknown): Promise<Response> =>
			Promise.resolve(
				app.request(path, {
					method: 'POST',
					headers: { 'content-type': 'application/json' },
					body: typeof body === 'string' ? body : JSON.stringify(body),
				}),
			),
		async close() {
			await notifications.close();
			await feed.close();
			await asked.close();
			await pool.end();
			await indexer.close();
		},
	};
}

/** What an answer says is wrong, in the shape that all of them have. */
export async function problemOf(response: Response | Promise<Response>) {
	const answer = await response;
	const body = apiErrorSchema.parse(await answer.json());
	expect(body.requestId).toBe(answer.headers.get('x-request-id'));
	expect(body.suggestion).not.toBe('');
	return { status: answer.status, ...body };
}
