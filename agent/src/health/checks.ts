/** The health checks of the agent. */
import type { Deployment } from '@necto/contracts';
import type { Pool } from 'pg';
import type { Address } from 'viem';
import { bondAdvice, readBond } from '../chain/bond.ts';
import type { ChainClient } from '../chain/clients.ts';
import { gasAdvice, readRouterFunds } from '../chain/funds.ts';
import type { Metrics } from '../metrics.ts';
import { BoundedHttp } from '../sources/asking/http.ts';
import { indexedBlock, indexerHttp } from '../sources/necto.ts';
import { scanAdvice } from '../worker/completeness.ts';
import type { ScanTrouble } from '../worker/scanner.ts';
import { readStorageFunds, storageAdvice } from '../zerog/funds.ts';
import type { Storage } from '../zerog/storage.ts';
import type { ChainClock } from './clock.ts';
import { CheckError } from './failure.ts';
import type { Check } from './health.ts';
import { lagAdvice, readIndexLag } from './indexLag.ts';

export interface CheckOptions {
	client: ChainClient;
	deployment: Deployment;
	router: Address;
	pool: Pool;
	indexerUrl: string;
	storage: Storage;
	zeroGRpcUrl: string;
	clock: ChainClock;
	metrics: Metrics;
	/** Number of routes that both accounts must be able to pay for. */
	routes: number;
	worker: { lastBlock: bigint | null; failure: string | null };
	scanner: { readonly trouble: ScanTrouble };
	/** Number of jobs that exist on chain at the indexer's block and are missing in the indexer. */
	comparison: { readonly indexerLacks: bigint };
	/** Fires when the agent stops. */
	draining: AbortSignal;
}

/** Amounts of 10^-18 as a number for metrics. */
const inWhole = (wei: bigint) => Number(wei) / 1e18;

export function createChecks(options: CheckOptions): Readonly<Record<string, Check>> {
	const { client, deployment, router, pool, storage, clock, metrics, routes, worker, scanner, comparison } = options;
	const { symbol } = client.chain.nativeCurrency;
	return {
		draining: () => insist(options.draining.aborted ? 'The agent is shutting down.' : null),
		database: async () => {
			await pool.query('SELECT 1');
		},
		chain: async () => {
			await client.getBlockNumber();
		},
		clock: async () => {
			await clock.lookAhead();
			metrics.clockSkew.set(clock.skew ?? 0);
			insist(clock.advice());
		},
		indexer: async (signal) => {
			const [head, indexed] = await Promise.all([
				client.getBlockNumber(),
				indexedBlock(indexerHttp(signal), options.indexerUrl, deployment.chainId),
			]);
			const lag = await readIndexLag(client, head, indexed);
			metrics.indexLag.set({ unit: 'blocks' }, Number(lag.blocks));
			metrics.indexLag.set({ unit: 'seconds' }, lag.seconds);
			insist(lagAdvice(lag), 'behind');
			const { indexerLacks } = comparison;
			insist(
				indexerLacks > 0n
					? `The indexer is missing ${indexerLacks} jobs at its own block. See GET /health/index of the indexer.`
					: null,
				'incomplete',
			);
		},
		'0g': () => storage.check(),
		gas: async () => {
			const funds = await readRouterFunds(client, router, routes);
			metrics.balance.set({ key: 'router', kind: 'balance' }, inWhole(funds.balance));
			metrics.balance.set({ key: 'router', kind: 'required' }, inWhole(funds.needed));
			insist(gasAdvice(funds, router, routes, symbol));
		},
		'0g-balance': async (signal) => {
			const funds = await readStorageFunds(
				new BoundedHttp(signal, 'The 0G chain'),
				options.zeroGRpcUrl,
				storage.address,
				routes,
			);
			metrics.balance.set({ key: 'storage', kind: 'balance' }, inWhole(funds.balance));
			metrics.balance.set({ key: 'storage', kind: 'required' }, inWhole(funds.needed));
			insist(storageAdvice(funds, storage.address, routes));
		},
		bond: async () => {
			const bond = await readBond(client, deployment, router);
			metrics.bond.set({ kind: 'standing' }, Number(bond.standing) / 1e6);
			metrics.bond.set({ kind: 'required' }, Number(bond.required) / 1e6);
			insist(bondAdvice(bond, router));
		},
		startup: () => insist(worker.lastBlock === null ? 'The first scan of the chain is still running.' : null),
		scan: () => {
			insist(scanAdvice(scanner.trouble));
		},
		work: () => insist(worker.failure),
	};
}

function insist(problem: string | null, reason?: string): void {
	if (problem === null) return;
	throw reason === undefined ? new Error(problem) : new CheckError(reason, problem);
}
