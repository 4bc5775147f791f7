/** Puts the agent together and takes it apart again. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { local } from '@necto/contracts';
import { type AgentConfig, address } from '@necto/core';
import { createBlockWatcher, createChainClient, createNodes, deploymentName, routerAccount } from './chain/clients.ts';
import { JobRegistry } from './chain/jobs.ts';
import { Lane } from './chain/lane.ts';
import { listingCount } from './chain/listings.ts';
import type { ChainNodes } from './chain/nodes.ts';
import { createChecks } from './health/checks.ts';
import { ChainClock } from './health/clock.ts';
import { Health } from './health/health.ts';
import { Recorder } from './history/recorder.ts';
import { createApp } from './http/app.ts';
import { closeServer, listen } from './http/server.ts';
import { ActivitySignal } from './journal/activity.ts';
import { migrate, openPool, PUBLIC_READS } from './journal/database.ts';
import { Journal } from './journal/jobs.ts';
import { Locks } from './journal/locks.ts';
import { Transactions } from './journal/transactions.ts';
import { Watches } from './journal/watches.ts';
import type { Logger } from './logger.ts';
import { Answers } from './market/answers.ts';
import { MarketFeed } from './market/feed.ts';
import { Market } from './market/market.ts';
import { Metrics } from './metrics.ts';
import { ClaudeParser } from './parse/parse.ts';
import type { Settings } from './settings.ts';
import { bindSource } from './sources/asking/source.ts';
import { readDatedMarket } from './sources/snapshot.ts';
import { nowSeconds, withDeadline } from './time.ts';
import { readDatedTokenPrices } from './tokenPrices/dated.ts';
import { TokenPrices } from './tokenPrices/tokenPrices.ts';
import { Watcher } from './watches/watcher.ts';
import { Agreements } from './worker/agreement.ts';
import { Caretaker } from './worker/caretaker.ts';
import { measure } from './worker/completeness.ts';
import { Confirmer } from './worker/confirmer.ts';
import { IndexerComparison } from './worker/indexerComparison.ts';
import { Pipeline } from './worker/pipeline.ts';
import { Recovery } from './worker/recovery.ts';
import { Scanner } from './worker/scanner.ts';
import { Worker } from './worker/worker.ts';
import { ZeroGStorage } from './zerog/storage.ts';

// Our own package file, read once at the start.
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
	version: string;
};
const DATA = new URL('../data/', import.meta.url);

export interface RunningAgent {
	url: string;
	close(): Promise<void>;
}

/**
 * Starts everything and answers once HTTP listens.
 *
 * @throws Error in one sentence when the database or the chain is not what the settings say
 */
export async function startAgent(settings: Settings, logger: Logger): Promise<RunningAgent> {
	const { deployment } = settings.chain;
	const metrics = new Metrics();
	const pool = openPool(settings.databaseUrl, logger);
	await withDeadline('Preparing the database', 60_000, migrate(pool));
	const client = createChainClient(settings.chain);
	const nodes = createNodes(settings.chain);
	const name = await deploymentName(client, deployment);
	const journal = new Journal(pool, name);
	const apiPool = openPool(settings.apiDatabaseUrl, logger, PUBLIC_READS);
	const locks = new Locks(settings.databaseUrl, logger);
	const activity = new ActivitySignal();
	activity.start(settings.databaseUrl, logger);

	const account = routerAccount(settings.chain);
	const agreements = new Agreements(nodes, deployment, journal);
	const lane = new Lane(client, account, new Transactions(pool, name), locks, logger, (id) =>
		agreements.requesterOf(id),
	);
	const registry = new JobRegistry(nodes, deployment.jobRegistry);
	const storage = new ZeroGStorage(settings.zeroG, async (work) => {
		const lock = await locks.acquire(`zerog:${storage.address}`, AbortSignal.timeout(60_000));
		try {
			return await work();
		} finally {
			await lock.release();
		}
	});
	const history = new Recorder({ pool, deployment: name, days: settings.historyDays, logger, now: nowSeconds });
	const market = createMarket(settings, nodes, history, logger);
	const feed = new MarketFeed(market, logger);
	const answers = new Answers();
	const watches = new Watches(pool, name);
	const watcher = new Watcher({ feed, answers, watches, locks, logger });
	const clock = new ChainClock({ client, tolerance: settings.clockTolerance, now: nowSeconds });
	const recovery = new Recovery({
		nodes,
		journal,
		registry,
		proves: (...read) => agreements.proves(...read),
		logger,
	});
	const pipeline = new Pipeline({
		chainId: deployment.chainId,
		journal,
		registry,
		agreements,
		recover: (job, onChain) => recovery.recover(job, onChain),
		lane,
		market,
		storage,
		clock,
		metrics,
		logger,
	});
	const scanner = new Scanner({
		nodes,
		journal,
		registry,
		startBlock: BigInt(deployment.startBlock),
		logger,
	});
	const caretaker = new Caretaker({
		indexerUrl: settings.indexerUrl,
		registry,
		agreements,
		recover: (job, onChain) => recovery.recover(job, onChain),
		lane,
		journal,
		locks,
		logger,
		chainTime: async () => Number((await nodes.latest()).timestamp),
	});
	const comparison = new IndexerComparison({
		indexerUrl: settings.indexerUrl,
		chainId: deployment.chainId,
		nodes,
		registry,
		journal,
		expect: (count) => scanner.expect(count),
	});
	const confirmer = new Confirmer({
		journal,
		registry,
		agreements,
		recover: (job, onChain) => recovery.recover(job, onChain),
		locks,
		logger,
	});
	const worker = new Worker({
		scanner,
		pipeline,
		care: async (signal) => {
			// For the metrics, whether anybody asks `/ready` or not.
			await health.look();
			await confirmer.round(signal);
			// The indexer's absence must not keep late jobs from care that needs it no more than this does.
			await comparison
				.round(signal)
				.catch((error: unknown) => logger.debug({ error }, 'The indexer could not be compared'));
			measure(metrics, scanner.trouble, scanner.late, comparison);
			await caretaker.round(signal);
		},
		clock,
		journal,
		locks,
		metrics,
		logger,
		indexerUrl: settings.indexerUrl,
		watcher: createBlockWatcher(settings.chain),
		pollMs: settings.chain.pollMs,
	});
	const parser = new ClaudeParser(settings.anthropic);
	const draining = new AbortController();
	const health = new Health(
		createChecks({
			client,
			deployment,
			router: account.address,
			pool,
			indexerUrl: settings.indexerUrl,
			storage,
			zeroGRpcUrl: settings.zeroG.rpcUrl,
			clock,
			metrics,
			routes: settings.minRoutes,
			worker,
			scanner,
			comparison,
			draining: draining.signal,
		}),
		metrics,
	);

	const app = createApp({
		market,
		feed,
		answers,
		watches: new Watches(apiPool, name),
		lookAtWatches: () => watcher.check(),
		journal: new Journal(apiPool, name),
		activity,
		parser,
		metrics,
		logger,
		origins: originsOf(settings),
		proxies: settings.proxies,
		metricsClients: settings.metricsClients,
		limits: settings.limits,
		chainId: deployment.chainId,
		registry: deployment.jobRegistry,
		tokenPriceMaxAge: settings.sources.tokenPriceMaxAgeSeconds,
		config: configOf(settings, parser.unavailable),
		version,
		download: (root) => storage.download(root),
		ready: () => health.look(),
		status: () => ({ deciding: worker.deciding, lastBlock: worker.lastBlock }),
	});

	// At the start once, for the log; from then on in every round.
	const first = await health.look();
	for (const { name, ok, detail } of first.checks) {
		if (!ok && name !== 'scan') logger.warn({ check: name, detail }, 'Not ready');
	}

	const server = await listen(app, settings);
	market.start();
	feed.start();
	watcher.start();
	worker.start();
	// A server that listens on a port has an address of this kind.
	const { port } = server.address() as AddressInfo;
	const url = `http://${settings.http.host}:${port}`;
	logger.info({ url, chain: deployment.chainId, router: account.address, storage: storage.address }, 'The agent runs');

	return {
		url,
		async close() {
			draining.abort();
			// Order matters: no new work, then no new answers, then the things both stood on.
			await Promise.allSettled([worker.close(), watcher.close(), feed.close(), market.close()]);
			await closeServer(server);
			parser.close();
			await history.close();
			storage.close();
			await activity.close();
			await locks.close();
			await apiPool.end();
			await pool.end();
			logger.info('The agent has stopped');
		},
	};
}

function createMarket(settings: Settings, nodes: ChainNodes, history: Recorder, logger: Logger): Market {
	const { sources } = settings;
	return new Market({
		indexerUrl: settings.indexerUrl,
		chainId: settings.chain.deployment.chainId,
		listingCount: (block) => listingCount(nodes, settings.chain.deployment.providerRegistry, block),
		timeoutMs: sources.timeoutMs,
		live: sources.live.map(({ definition, settings }) => bindSource(definition, settings)),
		missing: sources.missing,
		dated: readDatedMarket(new URL('market-snapshot.json', DATA)),
		tokenPrices: new TokenPrices({
			...sources.tokenPrices,
			dated: readDatedTokenPrices(new URL('token-prices.json', DATA)),
			rule: { maxAge: sources.tokenPriceMaxAgeSeconds, maxSpreadBps: sources.tokenPriceMaxSpreadBps },
		}),
		history,
		logger,
	});
}

/** On the local chain any page may call; elsewhere only the pages that the operator names. */
function originsOf(settings: Settings): string[] {
	if (settings.http.origins.length > 0) return settings.http.origins;
	return settings.chain.deployment.chainId === local.id ? ['*'] : [];
}

function configOf(settings: Settings, parseUnavailable: string | null): AgentConfig {
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
		zerog: { gateway: settings.zeroG.indexerUrl },
	};
}
