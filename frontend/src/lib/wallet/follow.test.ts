import { keccak256, TransactionNotFoundError, type TransactionReceipt } from 'viem';
import { describe, expect, it } from 'vitest';
import { type ChainReader, followSent, lookForSent } from './follow.ts';
import type { Kept } from './kept.ts';

const ACCOUNT = `0x${'b0'.repeat(20)}` as const;
const REGISTRY = `0x${'0e'.repeat(20)}` as const;
const HASH = `0x${'05'.repeat(32)}` as const;
const OTHER = `0x${'06'.repeat(32)}` as const;
const INPUT = '0x1234';

const entry: Kept & { hash: typeof HASH } = {
	id: '7d1f5b06-13e8-4f0e-8ea2-7f6a5d0f7c11',
	place: '31337:0x01:0x02',
	account: ACCOUNT,
	wallet: 'necto-local',
	title: 'Request',
	state: 'submitted',
	content: 'request:0x01',
	requestHash: `0x${'03'.repeat(32)}`,
	to: REGISTRY,
	dataHash: keccak256(INPUT),
	nonce: 4,
	fromBlock: 10,
	hash: HASH,
	jobId: null,
	problem: null,
	startedAt: 0,
	endedAt: null,
};

interface Sent {
	hash: `0x${string}`;
	block: bigint;
	nonce: number;
	input?: `0x${string}`;
	from?: `0x${string}`;
}

/** A chain with these transactions; what it knows beyond them is up to the test. */
function chain(
	sent: readonly Sent[],
	more: { pending?: number; known?: boolean[]; receipts?: (string | null)[] } = {},
) {
	const mined = Math.max(
		entry.nonce,
		...sent.filter(({ from = ACCOUNT }) => from === ACCOUNT).map(({ nonce }) => nonce + 1),
	);
	const known = [...(more.known ?? [])];
	const receipts = [...(more.receipts ?? [])];
	const parts = {
		getTransactionCount: async ({ blockTag }: { blockTag: string }) =>
			blockTag === 'pending' ? (more.pending ?? mined) : mined,
		getBlockNumber: async () => 12n,
		getLogs: async () => [],
		getBlock: async ({ blockNumber }: { blockNumber: bigint }) => ({
			transactions: sent
				.filter(({ block }) => block === blockNumber)
				.map(({ hash, nonce, input = INPUT, from = ACCOUNT }) => ({ hash, nonce, input, from, to: REGISTRY })),
		}),
		getTransaction: async ({ hash }: { hash: typeof HASH }) => {
			if (known.shift() ?? false) return { hash };
			throw new TransactionNotFoundError({ hash });
		},
		waitForTransactionReceipt: async ({ hash }: { hash: typeof HASH }) => {
			const next = receipts.shift();
			if (next === undefined || next === null) throw new Error('timeout');
			return { transactionHash: hash, status: next } as TransactionReceipt;
		},
	};
	// Only these are used.
	return parts as unknown as ChainReader;
}

describe('SYS-06 a transaction whose page went away before it had a hash', () => {
	it('is found by what it carries, whichever nonce the wallet took', async () => {
		const found = await lookForSent(chain([{ hash: HASH, block: 11n, nonce: 5 }]), entry, REGISTRY);
		expect(found).toEqual({ hash: HASH, pooled: false });
	});

	it.each<[string, Sent]>([
		['of another account', { hash: HASH, block: 11n, nonce: 5, from: REGISTRY }],
		['with another content', { hash: HASH, block: 11n, nonce: 5, input: '0x99' }],
		['of before', { hash: HASH, block: 11n, nonce: 3 }],
		['in a block before', { hash: HASH, block: 9n, nonce: 5 }],
	])('is not one %s', async (_, sent) => {
		expect((await lookForSent(chain([sent]), entry, REGISTRY)).hash).toBeNull();
	});

	it('may wait in the pool', async () => {
		expect(await lookForSent(chain([], { pending: 5 }), entry, REGISTRY)).toEqual({ hash: null, pooled: true });
		expect(await lookForSent(chain([]), entry, REGISTRY)).toEqual({ hash: null, pooled: false });
	});
});

describe('SYS-06 a transaction that was sent', () => {
	const repriced: string[] = [];
	const follow = (client: ChainReader) => followSent(client, entry, 1, (hash) => repriced.push(hash));

	it('ends with its receipt, however long that takes while the node knows it', async () => {
		const client = chain([], { known: [true, true], receipts: [null, null, 'success'] });
		expect(await follow(client)).toMatchObject({ kind: 'mined', receipt: { status: 'success' } });
	});

	it('is dropped when no node knows it and its nonce is free', async () => {
		expect(await follow(chain([]))).toEqual({ kind: 'dropped' });
	});

	it('was replaced when its nonce is used by another one', async () => {
		expect(await follow(chain([{ hash: OTHER, block: 11n, nonce: 4, input: '0x99' }]))).toEqual({
			kind: 'replaced',
			by: null,
		});
	});

	it('goes on under another hash when its fee was raised', async () => {
		const client = chain([{ hash: OTHER, block: 11n, nonce: 4 }], { receipts: [null, 'success'] });
		expect(await follow(client)).toMatchObject({ kind: 'mined', receipt: { transactionHash: OTHER } });
		expect(repriced).toEqual([OTHER]);
	});

	it('is waited for while the RPC does not answer', async () => {
		const client = chain([], { receipts: [null, 'success'] });
		client.getTransaction = () => Promise.reject(new Error('unreachable'));
		expect(await follow(client)).toMatchObject({ kind: 'mined' });
	});
});
