/** Transactions to their end: this page's, and those that a reloaded or closed page left under way. */
import type { Address, Hash, TransactionReceipt } from 'viem';
import { type ChainReader, type Fate, followSent, jobRequestedIn, lookForSent } from './follow.ts';
import { findKept, isOpen, type Kept, keep } from './kept.ts';
import { LOCAL_CONNECTOR_ID } from './local-connector.ts';
import { withLock } from './locks.ts';
import { driverLock } from './transaction.svelte.ts';

/** What of a `Place` is needed. */
export interface Chain {
	readonly registry: Address;
	readonly client: ChainReader;
	readonly patienceMs: number;
}

/** How often it is looked for a transaction whose hash nobody learned. Milliseconds. */
const LOOK_MS = 500;
/** A key in the page signs and sends in a moment, or never once the page is gone. Another wallet may still be asking its owner. Milliseconds. */
const LOCAL_GRACE_MS = 5_000;

const PROBLEMS = {
	reverted: {
		code: 'reverted',
		message: 'The contract refused it when it was its turn.',
		suggestion: 'Something else happened first: try again.',
	},
	replaced: {
		code: 'rejected',
		message: 'The transaction was replaced by another one in the wallet.',
		suggestion: 'Nothing was changed by it.',
	},
	dropped: {
		code: 'dropped',
		message: 'The transaction was dropped: the chain does not know it.',
		suggestion: 'Nothing was changed by it; try again.',
	},
	unsent: {
		code: 'dropped',
		message: 'The page was left before the transaction was sent.',
		suggestion: 'Nothing was changed by it; try again.',
	},
} as const;

/**
 * Waits for the tab that drives a transaction to be gone, then takes it over and brings it to its end. The same in every tab: one of them gets the lock.
 */
export function resume({ id }: Kept, chain: Chain): Promise<void> {
	return withLock(driverLock(id), async () => {
		const entry = findKept(id);
		if (entry !== null && isOpen(entry)) await settle(entry, chain);
	});
}

/** Finds out what became of a transaction that was asked of a wallet, and keeps it. For whoever holds its lock. */
export async function settle(entry: Kept, chain: Chain): Promise<Fate> {
	const { hash } = entry;
	if (hash !== null) return finish({ ...entry, hash }, chain);
	const lost = { ...entry, state: 'lost' } as const;
	keep(lost);
	const found = await find(lost, chain);
	if (found === null) return { kind: 'dropped' };
	const sent = { ...lost, state: 'submitted', hash: found } as const;
	keep(sent);
	return finish(sent, chain);
}

/** The hash of a transaction that may have been sent; null once it is known, or its owner says, that it was not. */
async function find(entry: Kept, { client, registry }: Chain): Promise<Hash | null> {
	for (let waited = 0; ; waited += LOOK_MS) {
		const now = findKept(entry.id);
		if (now === null || !isOpen(now)) return null;
		try {
			const { hash, pooled } = await lookForSent(client, entry, registry);
			if (hash !== null) return hash;
			if (entry.wallet === LOCAL_CONNECTOR_ID && !pooled && waited >= LOCAL_GRACE_MS) {
				keep({ ...entry, state: 'dropped', problem: PROBLEMS.unsent, endedAt: Date.now() });
				return null;
			}
		} catch {
			// The RPC does not answer, which says nothing about the transaction.
		}
		// Later less often: a wallet may ask its owner for as long as it likes.
		await new Promise((resolve) => setTimeout(resolve, waited < 60_000 ? LOOK_MS : 10 * LOOK_MS));
	}
}

/** Waits for the end of a transaction that was sent, and keeps it. */
export async function finish(entry: Kept & { hash: Hash }, { client, registry, patienceMs }: Chain): Promise<Fate> {
	let { hash } = entry;
	const fate = await followSent(client, entry, patienceMs, (repriced) => {
		hash = repriced;
		keep({ ...entry, hash });
	});
	const endedAt = Date.now();
	switch (fate.kind) {
		case 'mined': {
			const { receipt } = fate;
			if (receipt.status === 'reverted') {
				keep({ ...entry, hash, state: 'failed', problem: PROBLEMS.reverted, endedAt });
			} else {
				const jobId = entry.requestHash === null ? null : jobText(receipt, registry);
				keep({ ...entry, hash: receipt.transactionHash, state: 'confirmed', jobId, endedAt });
			}
			break;
		}
		case 'replaced':
			keep({ ...entry, hash: fate.by ?? hash, state: 'rejected', problem: PROBLEMS.replaced, endedAt });
			break;
		case 'dropped':
			keep({ ...entry, hash, state: 'dropped', problem: PROBLEMS.dropped, endedAt });
	}
	return fate;
}

/** What to tell of a transaction that did not take effect. */
export function problemOfFate(fate: Fate): (typeof PROBLEMS)[keyof typeof PROBLEMS] {
	return fate.kind === 'mined' ? PROBLEMS.reverted : PROBLEMS[fate.kind];
}

function jobText(receipt: TransactionReceipt, registry: Address): string | null {
	return jobRequestedIn(receipt, registry)?.toString() ?? null;
}
