/** Follows transactions until they are final: those of this page, and those that a reloaded or closed page left pending. */
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

/** Time between two searches for a transaction whose hash is unknown. Milliseconds. */
const LOOK_MS = 500;
/** A key in the page sends within a moment, or not at all once the page is closed. Another wallet may still show the request. Milliseconds. */
const LOCAL_GRACE_MS = 5_000;

const PROBLEMS = {
	reverted: {
		code: 'reverted',
		message: 'The transaction reverted when it was mined.',
		suggestion: 'The state changed after the simulation. Try again.',
	},
	replaced: {
		code: 'rejected',
		message: 'The transaction was replaced by another one in the wallet.',
		suggestion: 'The original transaction had no effect.',
	},
	dropped: {
		code: 'dropped',
		message: 'The transaction was dropped: the chain does not know it.',
		suggestion: 'No state changed. Try again.',
	},
	unsent: {
		code: 'dropped',
		message: 'The page was closed before the transaction was sent.',
		suggestion: 'No state changed. Try again.',
	},
} as const;

/**
 * Waits until the tab that tracks a transaction is closed, then takes over and follows it until it is final. Every tab calls this; one of them gets the lock.
 */
export function resume({ id }: Kept, chain: Chain): Promise<void> {
	return withLock(driverLock(id), async () => {
		const entry = findKept(id);
		if (entry !== null && isOpen(entry)) await settle(entry, chain);
	});
}

/** Finds out what happened to a transaction that a wallet was asked to send, and stores it. The caller must hold the transaction's lock. */
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

/** The hash of a transaction that may have been sent; null once it is certain, or the user declared, that it was not sent. */
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
			// The RPC does not respond, which says nothing about the transaction.
		}
		// Less often after a minute: a wallet may show its request indefinitely.
		await new Promise((resolve) => setTimeout(resolve, waited < 60_000 ? LOOK_MS : 10 * LOOK_MS));
	}
}

/** Waits until a sent transaction is final, and stores the result. */
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

/** The problem to report for a transaction that had no effect. */
export function problemOfFate(fate: Fate): (typeof PROBLEMS)[keyof typeof PROBLEMS] {
	return fate.kind === 'mined' ? PROBLEMS.reverted : PROBLEMS[fate.kind];
}

function jobText(receipt: TransactionReceipt, registry: Address): string | null {
	return jobRequestedIn(receipt, registry)?.toString() ?? null;
}
