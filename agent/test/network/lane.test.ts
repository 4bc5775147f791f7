/** Transactions on a real chain: one at a time, stored before they are sent, never twice. */
import { localHttp, settlementChain, waitForReceipt } from '@necto/contracts';
import { NOT_ROUTED, type Terms, ZERO_HASH } from '@necto/core';
import type { Pool } from 'pg';
import { type Address, createWalletClient, keccak256 } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createChainClient } from '../../src/chain/clients.ts';
import { hideRequester, showRequester } from '../../src/chain/hiding.ts';
import { JobRegistry } from '../../src/chain/jobs.ts';
import { Lane } from '../../src/chain/lane.ts';
import { ChainNodes } from '../../src/chain/nodes.ts';
import { meaningOf, RevertError, revertOf, wordsOf } from '../../src/chain/reverts.ts';
import { migrate, openPool } from '../../src/journal/database.ts';
import { Locks } from '../../src/journal/locks.ts';
import { type StoredTransaction, Transactions } from '../../src/journal/transactions.ts';
import { createLogger } from '../../src/logger.ts';
import { freshDatabase } from '../support/database.ts';

const { ready } = inject('network');
const logger = createLogger('silent');
const key = ready.accounts.stranger?.privateKey ?? '0x';
const account = privateKeyToAccount(key);
const chain = settlementChain(31337);
const client = createChainClient({
	rpcUrls: [ready.adi.rpc],
	pollMs: 50,
	deployment: { ...ready.contracts, chainId: 31337, startBlock: 0 },
});
const registry = new JobRegistry(new ChainNodes([client]), ready.contracts.jobRegistry);
const signal = new AbortController().signal;
/** Who asks for an untracked job; null for a chain that does not have the job. */
let requester: Address | null = null;
const terms: Terms = {
	...{
		requester: ready.accounts.buyer?.address ?? '0x',
		team: 0,
		requestedAt: 1_790_000_000,
		routeDeadline: 1_790_003_600,
	},
	...{ gpuCount: 1, duration: 3_600, locked: 1n, requestHash: ZERO_HASH, ...NOT_ROUTED },
};

let database: string;
let pool: Pool;
let transactions: Transactions;
const locks: Locks[] = [];

beforeAll(async () => {
	database = await freshDatabase(ready.database, 'agent_lane_test');
	pool = openPool(database, logger);
	await migrate(pool);
	transactions = new Transactions(pool, 'lane');
});

afterAll(async () => {
	for (const one of locks) await one.close();
	await pool?.end();
});

/** A lane of its own session, as another agent would have it. */
function lane(): Lane {
	const own = new Locks(database, logger);
	locks.push(own);
	return new Lane(client, account, transactions, own, logger, async () => requester);
}

const nothing = (jobId: bigint) => ({
	purpose: 'route' as const,
	jobId,
	to: account.address,
	data: '0x' as const,
	hidden: false,
});

const states = async () =>
	(await pool.query<{ job: string; state: string }>('SELECT job, state FROM agent.transaction ORDER BY id')).rows.map(
		({ job, state }) => `${job} ${state}`,
	);

async function sign(jobId: bigint, nonce: number): Promise<StoredTransaction> {
	const call = {
		to: account.address,
		data: '0x' as const,
		gas: 30_000n,
		maxFeePerGas: 10n ** 10n,
		maxPriorityFeePerGas: 1n,
	};
	const raw = await account.signTransaction({ type: 'eip1559', chainId: 31337, nonce, ...call });
	return {
		sender: account.address,
		purpose: 'route',
		jobId,
		nonce,
		hash: keccak256(raw),
		raw,
		hidden: false,
		copies: [],
		call,
	};
}

describe('the lane', () => {
	it('sends in turn from two agents with one key', async () => {
		const before = await client.getTransactionCount({ address: account.address });
		const [one, two] = [lane(), lane()];
		const receipts = await Promise.all([1n, 2n, 3n, 4n].map((id, i) => (i % 2 ? one : two).send(nothing(id), signal)));
		expect(receipts.every((receipt) => receipt.status === 'success')).toBe(true);
		expect(await client.getTransactionCount({ address: account.address })).toBe(before + 4);
		expect((await states()).every((state) => state.endsWith('mined'))).toBe(true);
	});

	it('stores before it sends', async () => {
		let seen: number | undefined;
		const nonce = await client.getTransactionCount({ address: account.address });
		await lane().send(
			{
				...nothing(5n),
				onSigned: async () => {
					expect(await transactions.open(account.address)).toHaveLength(1);
					seen = await client.getTransactionCount({ address: account.address, blockTag: 'pending' });
				},
			},
			signal,
		);
		expect(seen).toBe(nonce);
	});

	it('sends what a crash left unsent, byte for byte, before anything else', async () => {
		const nonce = await client.getTransactionCount({ address: account.address });
		const left = await sign(6n, nonce);
		await transactions.store(left);
		const receipt = await lane().send(nothing(7n), signal);
		expect((await client.getTransactionReceipt({ hash: left.hash })).status).toBe('success');
		expect((await client.getTransaction({ hash: receipt.transactionHash })).nonce).toBe(nonce + 1);
		expect(await transactions.open(account.address)).toEqual([]);
	});

	it('knows a transaction that was sent and mined before the crash', async () => {
		const left = await sign(8n, await client.getTransactionCount({ address: account.address }));
		await transactions.store(left);
		const hash = await client.sendRawTransaction({ serializedTransaction: left.raw });
		await waitForReceipt(client, hash);
		await lane().recover(signal);
		expect(await states()).toContain('8 mined');
	});

	it('gives a transaction up whose nonce somebody else used', async () => {
		const left = await sign(9n, await client.getTransactionCount({ address: account.address }));
		await transactions.store(left);
		const wallet = createWalletClient({ chain, transport: localHttp(ready.adi.rpc), account });
		const hash = await wallet.sendTransaction({ to: account.address, value: 1n });
		await waitForReceipt(client, hash);
		await lane().recover(signal);
		expect(await states()).toContain('9 lost');
		expect((await lane().send(nothing(10n), signal)).status).toBe('success');
	});

	it('says by name why the contracts refuse, and spends nothing', async () => {
		const before = await client.getTransactionCount({ address: account.address });
		const error = await lane()
			.send({ ...nothing(999n), to: registry.address, data: registry.endData('expire', 999n, terms) }, signal)
			.catch((caught: unknown) => caught);
		const revert = revertOf(error);
		expect(revert).toBeInstanceOf(RevertError);
		expect(revert?.reason).toBe('UnknownJob');
		expect(revert?.message).toBe('UnknownJob(999)');
		expect(await client.getTransactionCount({ address: account.address })).toBe(before);
		expect((await registry.read(999n, 0n)).status).toBe('none');
	});
});

describe('AGT-06 a transaction for an untracked job', () => {
	const buyer = terms.requester;
	const untracked = (jobId: bigint) => ({
		...nothing(jobId),
		to: account.address,
		data: registry.endData('expire', jobId, terms),
		hidden: true,
	});
	const kept = async () => JSON.stringify((await pool.query('SELECT * FROM agent.transaction')).rows).toLowerCase();

	it('is kept without its requester', async () => {
		const receipt = await lane().send(
			{
				...untracked(11n),
				onSigned: async () => expect(await kept()).not.toContain(buyer.slice(2).toLowerCase()),
			},
			signal,
		);
		const { input } = await client.getTransaction({ hash: receipt.transactionHash });
		expect(input).toContain(buyer.slice(2).toLowerCase());
	});

	it('is sent byte for byte after a crash, with the requester that the chain names', async () => {
		const nonce = await client.getTransactionCount({ address: account.address });
		const left = await crashed(12n, nonce);
		requester = buyer;
		await lane().recover(signal);
		expect((await client.getTransactionReceipt({ hash: left })).status).toBe('success');
		expect(await states()).toContain('12 mined');
	});

	it('is given up when the chain names nobody, or somebody else, and the way is free', async () => {
		for (const [jobId, other] of [
			[13n, null],
			[14n, account.address],
		] as const) {
			await crashed(jobId, await client.getTransactionCount({ address: account.address }));
			requester = other;
			await lane().recover(signal);
			expect(await states()).toContain(`${jobId} lost`);
		}
		expect((await lane().send(nothing(15n), signal)).status).toBe('success');
	});

	it('is hidden and shown without changing another byte', async () => {
		const raw = await account.signTransaction({
			type: 'eip1559',
			chainId: 31337,
			nonce: 0,
			gas: 1n,
			data: untracked(1n).data,
		});
		const hidden = hideRequester(raw);
		expect(hidden).not.toBe(raw);
		expect(hidden).toHaveLength(raw.length);
		expect(showRequester(hidden, buyer)).toBe(raw);
		const short = await account.signTransaction({ type: 'eip1559', chainId: 31337, nonce: 0, gas: 1n, data: '0x01' });
		expect(() => hideRequester(short)).toThrow('brings no terms');
	});

	/** Leaves a signed transaction in the journal as a killed agent does. */
	async function crashed(jobId: bigint, nonce: number) {
		const { to, data } = untracked(jobId);
		const call = { to, data, gas: 100_000n, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n };
		const raw = await account.signTransaction({ type: 'eip1559', chainId: 31337, nonce, ...call });
		const hash = keccak256(raw);
		const stored = { sender: account.address, purpose: 'route' as const, jobId, nonce, hash, copies: [], call };
		await transactions.store({ ...stored, raw: hideRequester(raw), hidden: true });
		return hash;
	}
});

describe('refusals', () => {
	it.each([
		['ListingVersionChanged', 'decide-again'],
		['CapacityExhausted', 'decide-again'],
		['PriceMismatch', 'decide-again'],
		['WrongStatus', 'look-again'],
		['DeadlinePassed', 'too-late'],
		['AttestationMissing', 'decide-again'],
		['BuyerNotAllowed', 'decide-again'],
		['TermsMismatch', 'look-again'],
		['IsPaused', 'blocked'],
		['BondTooSmall', 'blocked'],
		['NotRouter', 'blocked'],
		['RequestMismatch', 'hopeless'],
		['SomethingNew', 'blocked'],
	])('%s means %s', (reason, meaning) => {
		const buyer = `0x${'ab'.repeat(20)}`;
		const revert = new RevertError(reason, [buyer]);
		expect(meaningOf(revert)).toBe(meaning);
		// Words for people never hold the arguments: one of them may be an untracked job's buyer.
		expect(wordsOf(revert)).not.toContain(buyer);
		expect(wordsOf(revert)).toMatch(/^[A-Z].*\.$/);
	});

	it('are not seen where there are none', () => {
		expect(revertOf(new Error('fetch failed'))).toBeNull();
		expect(revertOf('x')).toBeNull();
	});
});
