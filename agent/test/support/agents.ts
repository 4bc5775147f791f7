/** Real agents on the tests' network, and all that can be looked up about their jobs. */
import { chainReader } from '@necto/contracts';
import {
	type ChainBlock,
	type ChainReader,
	hashTerms,
	type RegistryListing,
	readDecisionRegistry,
	readJob,
	recordFromBytes,
	verify,
} from '@necto/core';
import pg from 'pg';
import { type Hex, keccak256 } from 'viem';
import { afterAll, afterEach, expect, inject } from 'vitest';
import { z } from 'zod';
import { createBuyer } from './buyer.ts';
import { type AgentProcess, startAgentProcess } from './network.ts';

/** For one test file: agents are ended after each test. */
export function useAgents() {
	const network = inject('network');
	const buyer = createBuyer(network.ready);
	const reader: ChainReader = chainReader(buyer.reader, network.ready.contracts);
	const database = new pg.Pool({ connectionString: network.ready.database, max: 2 });
	const running: AgentProcess[] = [];

	afterEach(async () => {
		for (const process of running.splice(0)) await process.stop('SIGKILL');
	}, 60_000);
	afterAll(() => database.end(), 60_000);

	async function bytesOf(root: Hex): Promise<Uint8Array> {
		const response = await fetch(`${network.ready.zerog.indexer}/file?root=${root}`);
		expect(response.status).toBe(200);
		return new Uint8Array(await response.arrayBuffer());
	}

	/** How far the chain's clock is ahead of this machine's, in seconds: tests move it. */
	async function ahead(): Promise<number> {
		const { timestamp } = await buyer.reader.getBlock({ blockTag: 'pending' });
		return Number(timestamp) - Math.floor(Date.now() / 1000);
	}

	/** A block with the time that it would have if nobody had moved the chain's clock. */
	async function blockOf(number: bigint): Promise<ChainBlock> {
		const { timestamp } = await buyer.reader.getBlock({ blockNumber: number });
		return { number, timestamp: Number(timestamp) - (await ahead()) };
	}

	async function rows(sql: string, job: bigint): Promise<Record<string, unknown>[]> {
		return (await database.query<Record<string, unknown>>(sql, [job])).rows;
	}

	return {
		buyer,
		rows,

		/** A router. Its address is that of its private server. */
		async agent(extra: Record<string, string> = {}): Promise<AgentProcess> {
			const started = await startAgentProcess({ ...network.env, ...extra });
			running.push(started);
			return started;
		},

		/** A public API, which waits for a router. */
		async publicApi(extra: Record<string, string> = {}): Promise<AgentProcess> {
			const started = await startAgentProcess({ ...network.apiEnv, ...extra }, undefined, 'apiMain.ts');
			running.push(started);
			return started;
		},

		/** A router that is killed at a point of its work (`crash.ts`). */
		async crashing(point: string): Promise<void> {
			const preload = new URL('./crash.ts', import.meta.url);
			const killed = await startAgentProcess({ ...network.env, CRASH_POINT: point }, preload);
			running.push(killed);
			expect(await killed.ended, killed.lines.join('\n')).toBe('SIGKILL');
		},

		async stateOf(job: bigint): Promise<string | undefined> {
			return z
				.string()
				.optional()
				.parse((await rows('SELECT state FROM agent.job WHERE id = $1', job))[0]?.state);
		},

		async titles(job: bigint): Promise<string> {
			const found = await rows('SELECT step, title, detail FROM agent.activity WHERE job = $1 ORDER BY id', job);
			return found.map((row) => `${row.step}: ${row.title} ${row.detail ?? ''}`).join('\n');
		},

		/** Everything that the journal keeps about a job, in one text of small letters. */
		async kept(job: bigint): Promise<string> {
			return JSON.stringify([
				await rows('SELECT * FROM agent.job WHERE id = $1', job),
				await rows('SELECT * FROM agent.change WHERE job = $1', job),
				await rows('SELECT * FROM agent.activity WHERE job = $1', job),
				await rows('SELECT * FROM agent.transaction WHERE job = $1', job),
			]).toLowerCase();
		},

		/** Everything anyone can check about a routed job, from the chain and 0G alone; of several routings, the last. */
		async verified(job: bigint) {
			const routes = await buyer.routes(job);
			const route = routes.at(-1);
			if (route === undefined) throw new Error(`Job ${job} was never routed.`);
			const recordBytes = await bytesOf(route.args.recordRoot);
			expect(keccak256(recordBytes)).toBe(route.args.recordHash);
			const record = recordFromBytes(recordBytes);
			const snapshotBytes = await bytesOf(record.snapshot.root);
			const { routed, ...facts } = await readJob({
				reader,
				jobRegistry: network.ready.contracts.jobRegistry,
				startBlock: 0n,
				jobId: job,
				hint: { requestedBlock: null, routedBlock: null },
			});
			if (routed === null) throw new Error(`Job ${job} has no place.`);
			expect(routed.routedIn.number).toBe(route.blockNumber);
			const { terms, refusals } = await buyer.terms(job);
			expect(hashTerms(facts.terms)).toBe(hashTerms(terms));
			expect(routed.refusals).toEqual(refusals);
			const chain = { ...facts, ...routed };
			const { registryState, standing } = await readDecisionRegistry({ reader, startBlock: 0n }, chain, snapshotBytes);
			if ('missing' in registryState) throw new Error(registryState.missing);
			// The state's own way and the way by events alone have to agree.
			const forgetful = { reader: withoutOldState(reader), startBlock: 0n };
			const byEvents = await readDecisionRegistry(forgetful, chain, snapshotBytes);
			expect(byEvents.registryState).toEqual({ ...registryState, listings: registryState.listings.map(withoutJobs) });
			if (standing !== null && !('missing' in standing)) expect(byEvents.standing).toMatchObject(standing);
			const { block, nextTimestamp, listings } = registryState;
			const result = verify({
				recordBytes,
				snapshotBytes,
				chain: {
					...chain,
					requestedIn: await blockOf(chain.requestedIn.number),
					reopenedIn: chain.reopenedIn === null ? null : await blockOf(chain.reopenedIn.number),
					routedIn: await blockOf(chain.routedIn.number),
					registryState: {
						listings,
						block: await blockOf(block.number),
						nextTimestamp: (nextTimestamp ?? 0) - (await ahead()),
					},
					standing,
				},
			});
			return { routes, route, record, recordBytes, snapshotBytes, result };
		},

		/** Moves the chain's clock. */
		async pass(seconds: number): Promise<void> {
			for (const [method, params] of [
				['evm_increaseTime', [seconds]],
				['evm_mine', []],
			] as const) {
				await fetch(network.ready.adi.rpc, {
					method: 'POST',
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
				});
			}
		},
	};
}

/** The same chain by a node that keeps no old state. */
function withoutOldState(reader: ChainReader): ChainReader {
	return {
		...reader,
		listingCount: async () => {
			throw new Error('missing trie node');
		},
	};
}

function withoutJobs(listing: RegistryListing): RegistryListing {
	return { ...listing, provider: { ...listing.provider, jobs: null } };
}
