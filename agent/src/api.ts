/** Starts and stops the public API. It reads what the router wrote to the database with a role that cannot change it, and has no signing key. */
import { local } from '@necto/contracts';
import { type AgentConfig, address } from '@necto/core';
import type { Pool } from 'pg';
import { createChainClient, createNodes, deploymentName } from './chain/clients.ts';
import { listingCount } from './chain/listings.ts';
import { leadingRouter, lookFromApi } from './health/ofRouters.ts';
import { createApp } from './http/app.ts';
import { closeServer, listen, urlOf } from './http/server.ts';
import { shared } from './http/shared.ts';
import { isPrepared, openPool, PUBLIC_READS } from './journal/database.ts';
import { Journal } from './journal/jobs.ts';
import { Locks } from './journal/locks.ts';
import { Notifications } from './journal/notifications.ts';
import { ReadingStore } from './journal/readings.ts';
import { tooManyRights } from './journal/rights.ts';
import { Routers } from './journal/routers.ts';
import { Watches } from './journal/watches.ts';
import type { Logger } from './logger.ts';
import { Answers } from './market/answers.ts';
import { MarketFeed } from './market/feed.ts';
import { Market } from './market/market.ts';
import { StoredReadings } from './market/stored.ts';
import { ApiMetrics } from './metrics.ts';
import { ClaudeParser } from './parse/parse.ts';
import type { Running } from './process.ts';
import type { ApiSettings } from './settings/api.ts';
import { readDatedMarket } from './sources/snapshot.ts';
import { pause } from './time.ts';
import { readDatedTokenPrices } from './tokenPrices/dated.ts';
import { TokenPrices } from './tokenPrices/tokenPrices.ts';
import { version } from './version.ts';
import { Watcher } from './watches/watcher.ts';
import { ZeroGReader } from './zerog/reader.ts';

const DATA = new URL('../data/', import.meta.url);
/** The router's state is read at most this often, for any number of requests. Milliseconds. */
const LOOK_MS = 500;

/**
 * Waits until the router has migrated the database, starts everything and resolves once the HTTP server listens.
 *
 * @throws Error in one sentence when the database or the chain is not what the settings say
 */
export async function startApi(settings: ApiSettings, logger: Logger): Promise<Running> {
	const { deployment } = settings.chain;
	const metrics = new ApiMetrics();
	const pool = openPool(settings.databaseUrl, logger, PUBLIC_READS);
	await prepared(pool, logger);
	const name = await deploymentName(createChainClient(settings.chain), deployment);
	const nodes = createNodes(settings.chain);
	const journal = new Journal(pool, name);
	const routers = new Routers(pool, name);
	const leading = shared(() => leadingRouter(routers), LOOK_MS);
	const locks = new Locks(settings.databaseUrl, logger);
	const notifications = new Notifications(['activity', 'reading']);
	const readings = new StoredReadings({
		store: new ReadingStore(pool, name),
		subscribe: (listener) => notifications.subscribe('reading', listener),
		logger,
	});
	const market = new Market({
		indexerUrl: settings.indexerUrl,
		chainId: deployment.chainId,
		listingCount: (block) => listingCount(nodes, deployment.providerRegistry, block),
		timeoutMs: settings.timeoutMs,
		readings,
		dated: readDatedMarket(new URL('market-snapshot.json', DATA)),
		tokenPrices: new TokenPrices({
			dated: readDatedTokenPrices(new URL('token-prices.json', DATA)),
			rule: settings.tokenPriceRule,
		}),
	});
	const feed = new MarketFeed(market, logger);
	const answers = new Answers();
	const watches = new Watches(pool, name);
	const watcher = new Watcher({ feed, answers, watches, locks, logger });
	const parser = new ClaudeParser(settings.anthropic);
	const storage = new ZeroGReader(settings.storageIndexerUrl);
	const draining = new AbortController();

	const app = createApp({
		market,
		feed,
		answers,
		watches,
		lookAtWatches: () => watcher.check(),
		journal,
		notifications,
		parser,
		metrics,
		logger,
		origins: originsOf(settings),
		proxies: settings.proxies,
		metricsClients: settings.metricsClients,
		limits: settings.limits,
		chainId: deployment.chainId,
		registry: deployment.jobRegistry,
		tokenPriceMaxAge: settings.tokenPriceRule.maxAge,
		config: configOf(settings, parser.unavailable),
		version,
		download: (root) => storage.download(root),
		ready: () => lookFromApi(leading, draining.signal),
		router: leading,
	});

	notifications.start(settings.databaseUrl, logger);
	readings.start();
	const server = await listen(app, { ...settings.http, setting: 'AGENT_PORT' }, settings);
	feed.start();
	watcher.start();
	const url = urlOf(server, settings.http.host);
	logger.info({ url, chain: deployment.chainId }, 'The public API runs');

	return {
		url,
		async close() {
			draining.abort();
			await Promise.allSettled([watcher.close(), feed.close(), readings.close()]);
			await closeServer(server);
			parser.close();
			await notifications.close();
			await locks.close();
			await pool.end();
			logger.info('The public API has stopped');
		},
	};
}

/** Waits for the router, which creates the tables and grants this process's role access to them. */
async function prepared(pool: Pool, logger: Logger): Promise<void> {
	for (let looks = 0; !(await isPrepared(pool)); looks++) {
		if (looks === 0) logger.warn('Waiting for the router to migrate the database and grant access to this role');
		await pause(500);
	}
	const tables = await tooManyRights(pool);
	if (tables.length > 0) {
		logger.warn(
			{ tables },
			"The role in API_DATABASE_URL can change the router's tables: give the public API a role of its own (docs/operating.md)",
		);
	}
}

/** On the local chain any page may call; elsewhere only the pages that the operator names. */
function originsOf(settings: ApiSettings): string[] {
	if (settings.http.origins.length > 0) return settings.http.origins;
	return settings.chain.deployment.chainId === local.id ? ['*'] : [];
}

function configOf(settings: ApiSettings, parseUnavailable: string | null): AgentConfig {
	const { chainId, accessControl, escrow, providerRegistry, jobRegistry, usdc } = settings.chain.deployment;
	return {
		chainId,
		contracts: {
			accessControl: address(accessControl),
			escrow: address(escrow),
			providerRegistry: address(providerRegistry),
			jobRegistry: address(jobRegistry),
			usdc: address(usdc),
		},
		parse: { available: parseUnavailable === null, reason: parseUnavailable },
		zerog: { gateway: settings.storageIndexerUrl },
	};
}
