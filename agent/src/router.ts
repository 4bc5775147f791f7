/** Starts and stops the router: everything that decides, signs and polls sources. Public requests are served by `api.ts`, in another process. */
import { createBlockWatcher, createChainClient, createNodes, deploymentName, routerAccount } from './chain/clients.ts';
import { JobRegistry } from './chain/jobs.ts';
import { Lane } from './chain/lane.ts';
import { listingCount } from './chain/listings.ts';
import { createChecks } from './health/checks.ts';
import { ChainClock } from './health/clock.ts';
import { Health } from './health/health.ts';
import { Pulse } from './health/pulse.ts';
import { createPrivateApi } from './health/server.ts';
import { Recorder } from './history/recorder.ts';
import { closeServer, listen, urlOf } from './http/server.ts';
import { migrate, openPool } from './journal/database.ts';
import { Journal } from './journal/jobs.ts';
import { Locks } from './journal/locks.ts';
import { ReadingStore } from './journal/readings.ts';
import { Routers } from './journal/routers.ts';
import { Transactions } from './journal/transactions.ts';
import type { Logger } from './logger.ts';
import { AskedSources } from './market/asked.ts';
import { Market } from './market/market.ts';
import { Publisher } from './market/publisher.ts';
import { StoredReadings } from './market/stored.ts';
import { Metrics } from './metrics.ts';
import type { Running } from './process.ts';
import type { RouterSettings } from './settings/router.ts';
import { bindSource } from './sources/asking/source.ts';
import { readDatedMarket } from './sources/snapshot.ts';
import { nowSeconds, withDeadline } from './time.ts';
import { readDatedTokenPrices } from './tokenPrices/dated.ts';
import { TokenPriceSource } from './tokenPrices/source.ts';
import { TokenPrices } from './tokenPrices/tokenPrices.ts';
import { version } from './version.ts';
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

const DATA = new URL('../data/', import.meta.url);

/**
 * Starts everything and resolves once the private HTTP server listens.
 *
 * @throws Error in one sentence when the database or the chain is not what the settings say
 */
export async function startRouter(settings: RouterSettings, logger: Logger): Promise<Running> {
	const { deployment } = settings.chain;
	const metrics = new Metrics();
	const pool = openPool(settings.databaseUrl, logger);
	await withDeadline('Preparing the database', 60_000, migrate(pool, settings.apiRole));
	const client = createChainClient(settings.chain);
	const nodes = createNodes(settings.chain);
	const name = await deploymentName(client, deployment);
	const journal = new Journal(pool, name);
	const locks = new Locks(settings.databaseUrl, logger);

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
	const asked = createSources(settings, logger);
	const store = new ReadingStore(pool, name);
	const publisher = new Publisher({ readings: asked, store, locks, logger });
	const market = new Market({
		indexerUrl: settings.indexerUrl,
		chainId: deployment.chainId,
		listingCount: (block) => listingCount(nodes, deployment.providerRegistry, block),
		timeoutMs: settings.timeoutMs,
		readings: asked,
		dated: readDatedMarket(new URL('market-snapshot.json', DATA)),
		tokenPrices: new TokenPrices({
			dated: readDatedTokenPrices(new URL('token-prices.json', DATA)),
			rule: settings.tokenPriceRule,
		}),
		history,
	});
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
			await market.observeOwn(signal).catch((error: unknown) => logger.debug({ error }, 'The listings cannot be read'));
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

	const pulse = new Pulse({
		routers: new Routers(pool, name),
		look: async () => ({
			ready: await health.look(),
			deciding: worker.deciding,
			lastBlock: worker.lastBlock?.toString() ?? null,
		}),
		logger,
	});
	const app = createPrivateApi({
		version,
		ready: () => health.look(),
		metrics,
		measure: async () => {
			for (const [state, count] of Object.entries(await journal.counts())) metrics.jobs.set({ state }, count);
			metrics.sources.reset();
			for (const { id, state } of market.statuses) metrics.sources.set({ source: id, state }, 1);
		},
		metricsClients: settings.metricsClients,
		logger,
	});

	// At the start once, for the log; from then on in every round.
	const first = await health.look();
	for (const { name, ok, detail } of first.checks) {
		if (!ok && name !== 'startup') logger.warn({ check: name, detail }, 'Not ready');
	}
	await restoreReadings(asked, store, logger);

	const server = await listen(app, { ...settings.http, setting: 'ROUTER_PORT' });
	asked.start();
	publisher.start();
	worker.start();
	pulse.start();
	const url = urlOf(server, settings.http.host);
	logger.info({ url, chain: deployment.chainId, router: account.address, storage: storage.address }, 'The router runs');

	return {
		url,
		async close() {
			draining.abort();
			// Order matters: stop new work, then new requests, then what both depend on.
			await Promise.allSettled([worker.close(), pulse.close(), asked.close(), publisher.close()]);
			await closeServer(server);
			await history.close();
			storage.close();
			await locks.close();
			await pool.end();
			logger.info('The router has stopped');
		},
	};
}

function createSources({ sources, timeoutMs }: RouterSettings, logger: Logger): AskedSources {
	const notAsked = ({
		definition,
		note,
	}: {
		definition: { id: string; name: string; url: string | null };
		note: string;
	}) => ({
		source: definition,
		note,
	});
	return new AskedSources({
		timeoutMs,
		offers: sources.live.map(({ definition, settings }) => bindSource(definition, settings)),
		tokens: sources.tokenPrices.live.map(({ definition, settings }) => new TokenPriceSource(definition, settings)),
		missing: { offers: sources.missing.map(notAsked), tokens: sources.tokenPrices.missing.map(notAsked) },
		logger,
		now: nowSeconds,
	});
}

/** Restores the readings from before the restart, with their age, until the sources have been polled. */
async function restoreReadings(asked: AskedSources, store: ReadingStore, logger: Logger): Promise<void> {
	const stored = new StoredReadings({ store, logger });
	try {
		await stored.refresh();
		asked.restore(stored);
	} catch (error) {
		logger.warn({ error }, 'The stored source readings could not be restored');
	}
}
