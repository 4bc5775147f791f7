/**
 * Transactions as this browser keeps them: from before the wallet is asked until a while after they ended, so that a reload loses none and every tab sees the same.
 * Each has a key of its own in localStorage: two tabs that write at the same time never overwrite each other's.
 */
import { type Hex, isHex } from 'viem';
import { z } from 'zod';

const PREFIX = 'necto.transaction.1.';
/** More than anybody has under way; the oldest that ended go first. */
const MOST = 50;
/** How long one that ended is kept: so long the same request is not sent again by mistake. Milliseconds. */
export const KEPT_AFTER_END_MS = 10 * 60_000;
/** What was never resolved is forgotten after this. Milliseconds. */
const KEPT_AT_MOST_MS = 7 * 86_400_000;

const hex = z.custom<Hex>((value) => isHex(value), 'must be hex').refine((text) => text.length <= 66);

/**
 * - `signing`: the wallet was asked, and has not answered
 * - `lost`: its page was closed or reloaded before the wallet answered: it may have been sent, or may still be
 * - `submitted`: it has a hash
 * - `dropped`: it is known not to have reached the chain, or its owner says so
 */
const keptSchema = z.object({
	id: z.uuid(),
	/** Which installation: chain, its first block and the contracts. A local chain that began anew is another one. */
	place: z.string().max(200),
	account: hex,
	/** The wallet's connector: whether it signs in this page. */
	wallet: z.string().max(100),
	title: z.string().max(200),
	state: z.enum(['signing', 'lost', 'submitted', 'confirmed', 'failed', 'rejected', 'dropped']),
	/** What it does, so that the same is not done twice: equal keys are equal intentions. */
	content: z.string().max(200),
	/** The hash of the request, for a transaction that requests a job: its event is looked for. */
	requestHash: hex.nullable(),
	to: hex,
	/** keccak256 of its data. */
	dataHash: hex,
	/** The account's next nonce, and the last block, when the wallet was asked. */
	nonce: z.int().nonnegative(),
	fromBlock: z.int().nonnegative(),
	hash: hex.nullable(),
	/** The job that it requested. */
	jobId: z
		.string()
		.regex(/^\d{1,20}$/)
		.nullable(),
	/** Why it failed. */
	problem: z.object({ code: z.string(), message: z.string(), suggestion: z.string() }).nullable(),
	/** Milliseconds since 1970. */
	startedAt: z.int(),
	endedAt: z.int().nullable(),
});

export type Kept = z.infer<typeof keptSchema>;

/** Whether it is not known yet how it ends. */
export function isOpen({ state }: Kept): boolean {
	return state === 'signing' || state === 'lost' || state === 'submitted';
}

/** Those of one installation. */
export function keptAt(place: string): Kept[] {
	return readKept().filter((entry) => entry.place === place);
}

/** The newest of an account with this content that is under way, or that made a job and is still kept. All of one place. */
export function sameIn(entries: readonly Kept[], content: string, account: string): Kept | null {
	const isSame = (entry: Kept) => entry.content === content && entry.account.toLowerCase() === account.toLowerCase();
	return entries.findLast((entry) => isSame(entry) && (isOpen(entry) || entry.jobId !== null)) ?? null;
}

/** All that are kept, the oldest first. What is not understood is left out. */
function readKept(): Kept[] {
	return keysKept()
		.flatMap((key) => read(key) ?? [])
		.sort((a, b) => a.startedAt - b.startedAt);
}

/** @returns null when it is not kept (any more) */
export function findKept(id: string): Kept | null {
	return read(PREFIX + id);
}

/** Keeps it, and tells this tab and the others. Where nothing can be kept (a full or forbidden storage) it lasts as long as the page. */
export function keep(entry: Kept): void {
	try {
		localStorage.setItem(PREFIX + entry.id, JSON.stringify(entry));
		tidy();
	} catch {
		// The storage is full or forbidden.
	}
	for (const listener of listeners) listener(entry);
}

/** Calls for each entry that this tab or another one writes. @returns the way to stop */
export function onKept(listener: (entry: Kept) => void): () => void {
	listeners.add(listener);
	const changed = ({ key }: StorageEvent) => {
		const entry = key?.startsWith(PREFIX) ? read(key) : null;
		if (entry !== null) listener(entry);
	};
	window.addEventListener('storage', changed);
	return () => {
		listeners.delete(listener);
		window.removeEventListener('storage', changed);
	};
}

/**
 * Forgets what ended a while ago, what is older than anybody cares for, and the oldest where there are too many.
 *
 * @param place where given, also what belongs to the same chain before it began anew
 */
export function tidy(now = Date.now(), place: string | null = null): void {
	const entries = readKept();
	const oldestFirst = [...entries.filter((entry) => !isOpen(entry)), ...entries.filter(isOpen)];
	const spare = new Set(oldestFirst.slice(0, Math.max(0, entries.length - MOST)));
	for (const entry of entries) {
		const isOver = entry.endedAt !== null && now - entry.endedAt > KEPT_AFTER_END_MS;
		const isOld = now - entry.startedAt > KEPT_AT_MOST_MS;
		const isGhost = place !== null && entry.place !== place && chainOf(entry.place) === chainOf(place);
		if (isOver || isOld || isGhost || spare.has(entry)) localStorage.removeItem(PREFIX + entry.id);
	}
}

/** Where a transaction belongs. */
export function placeOf(chainId: number, genesis: string, jobRegistry: string): string {
	return `${chainId}:${genesis}:${jobRegistry.toLowerCase()}`;
}

function chainOf(place: string): string {
	return place.split(':')[0] ?? '';
}

const listeners = new Set<(entry: Kept) => void>();

function keysKept(): string[] {
	try {
		return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
	} catch {
		return [];
	}
}

function read(key: string): Kept | null {
	try {
		return keptSchema.parse(JSON.parse(localStorage.getItem(key) ?? 'null'));
	} catch {
		return null;
	}
}
