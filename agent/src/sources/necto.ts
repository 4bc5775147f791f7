/** Necto's own registry, through the indexer: the only offers that can be routed to. */
import {
	type Attested as Attestation,
	attestationKindSchema,
	continentSchema,
	formFactorSchema,
	listingKindSchema,
	listingQuote,
	pricingModelSchema,
	type Quote,
} from '@necto/core';
import { z } from 'zod';
import { pause } from '../time.ts';
import { BoundedHttp, type SourceHttp } from './asking/http.ts';
import { SourceError } from './asking/source.ts';

const decimal = z.string().regex(/^\d+$/);
const seconds = z.union([z.int().min(0), decimal.transform(Number).pipe(z.int().min(0))]);

/** Nothing is decided by it, so a listing is never left out for it. */
const counter = z.int().min(0).optional().catch(undefined);

/** Column of JSON: `[{"hour":0,"multiplier":8000}]`. Core's schema of a quote says which values may be in it. */
const tiers = z
	.string()
	.transform((text, context): unknown => {
		try {
			return JSON.parse(text);
		} catch {
			context.addIssue('is not JSON');
			return z.NEVER;
		}
	})
	.pipe(z.array(z.strictObject({ hour: z.int(), multiplier: z.int() })));

const amount = decimal.transform(BigInt);

const listingSchema = z.object({
	id: z.int().min(1),
	providerId: z.int().min(1),
	kind: listingKindSchema,
	gpuModel: z.string(),
	memoryGiB: z.int(),
	formFactor: formFactorSchema,
	total: z.int(),
	widest: z.int(),
	reserved: z.int(),
	offline: z.boolean(),
	continent: continentSchema,
	country: z.string().nullable(),
	region: z.string(),
	network: z.string(),
	name: z.string(),
	vcpus: z.int(),
	ramGiB: z.int(),
	diskGiB: z.int(),
	pricingModel: pricingModelSchema,
	rate: amount,
	floor: amount,
	ceiling: amount,
	tokenAmount: amount,
	token: z.string(),
	availableFrom: seconds,
	availableUntil: seconds,
	version: z.int(),
	tiers,
	ruleAttestations: z.int(),
	allowListOnly: z.boolean(),
	provider: z.object({
		owner: z.string(),
		name: z.string(),
		jobsCompleted: counter,
		jobsFailed: counter,
		jobsDisputed: counter,
	}),
});
type ListingRow = z.output<typeof listingSchema>;

const FIELDS = [...Object.keys(listingSchema.omit({ provider: true }).shape), 'updatedBlock'].join(' ');
const PAGE = 500;

const pageSchema = z.object({
	data: z.object({
		listings: z.object({
			items: z.array(z.unknown()),
			pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
		}),
	}),
});

/** Ponder's `/status`: one entry for each chain. */
const statusSchema = z.record(
	z.string(),
	z.object({ id: z.int(), block: z.object({ number: z.int().min(0), timestamp: z.int().min(0) }).nullable() }),
);

export interface Listings {
	/** The block that the rows are of. */
	block: bigint;
	quotes: Quote[];
	/** Listings that this agent cannot read, by id: they are left out and said so. */
	unreadable: number[];
}

/** Readings whose number does not fit the chain's before that is said: the rows of a block may be written while its number is told. */
const COUNTED = 2;

/** For requests to the indexer: its errors say that it was the indexer. */
export function indexerHttp(signal: AbortSignal): BoundedHttp {
	return new BoundedHttp(signal, 'The indexer');
}

/** How far the indexer is. @throws SourceError when it does not say */
export async function indexedBlock(http: SourceHttp, indexerUrl: string, chainId: number): Promise<bigint> {
	const status = statusSchema.safeParse(await http.json(`${indexerUrl}/status`));
	const chain = status.success ? Object.values(status.data).find((entry) => entry.id === chainId) : undefined;
	if (chain?.block == null) throw new SourceError('behind', 'The indexer does not say how far it is.');
	return BigInt(chain.block.number);
}

/**
 * All listings at a block that is not below `minBlock`. Waits for the indexer to get there until the signal fires.
 *
 * @param now unix seconds, as which the rows are dated
 * @throws SourceError 'behind' when the indexer does not get there in time, has fewer listings than the chain, or no node says in time how many there are
 */
export async function readListings(
	http: SourceHttp,
	options: {
		indexerUrl: string;
		chainId: number;
		minBlock: bigint;
		now: () => number;
		signal: AbortSignal;
		/** How many listings the chain has at a block; null where no node says. */
		count: (block: bigint) => Promise<number | null>;
	},
): Promise<Listings> {
	const { indexerUrl, chainId, minBlock, signal } = options;
	let seen: bigint | null = null;
	/** Readings that had too few listings. */
	let short = 0;
	for (let attempt = 0; ; attempt++) {
		const before: bigint = await indexedBlock(http, indexerUrl, chainId).catch((error: unknown) => {
			// The time may run out while the indexer is asked again: it is still the block that did not come.
			throw signal.aborted && seen !== null && seen < minBlock ? behind(seen, minBlock) : error;
		});
		seen = before;
		if (before >= minBlock) {
			const rows = await readRows(http, indexerUrl);
			const attested = await readAttestations(http, indexerUrl, rows);
			const after = await indexedBlock(http, indexerUrl, chainId);
			// Whoever verifies a decision rebuilds these rows at this block: rows of a later one would look like a forgery. On a busy chain, where each reading
			// sees a block go by, rows of which none changed after the block are taken after a few tries.
			const isOfBlock = newestChange(rows) <= before && (before === after || attempt >= 5);
			if (isOfBlock) {
				const lacks = lacking(rows, await counted(options, before));
				if (lacks === null) return { block: before, ...toQuotes(rows, attested, options.now()) };
				// A listing that is missing here could not be chosen, and no check would show it: do not decide on an incomplete list.
				if (++short > COUNTED) throw new SourceError('behind', lacks);
				continue;
			}
		}
		await pause(Math.min(10 * 2 ** Math.min(attempt, 6), 250), signal);
		if (signal.aborted) {
			throw before < minBlock
				? behind(before, minBlock)
				: new SourceError('behind', 'The listings changed each time that they were read.');
		}
	}
}

function behind(block: bigint, minBlock: bigint): SourceError {
	return new SourceError('behind', `The indexer is at block ${block}, the job needs block ${minBlock}.`);
}

const changedSchema = z.object({ updatedBlock: seconds });

/** The block of the rows' newest change, reservations included. */
function newestChange(rows: readonly unknown[]): number {
	return rows.reduce<number>((newest, row) => {
		const changed = changedSchema.safeParse(row);
		return changed.success ? Math.max(newest, changed.data.updatedBlock) : newest;
	}, 0);
}

/**
 * How many listings the chain has at a block, asked for until a node says it.
 *
 * @throws SourceError when none does before the signal fires: without a count the list may be incomplete
 */
async function counted(
	{ count, signal }: { count: (block: bigint) => Promise<number | null>; signal: AbortSignal },
	block: bigint,
): Promise<number> {
	for (let attempt = 0; ; attempt++) {
		const found = await count(block);
		if (found !== null) return found;
		await pause(Math.min(100 * 2 ** Math.min(attempt, 4), 1_000), signal);
		if (signal.aborted) {
			throw new SourceError('behind', `No node of the chain says how many listings there are at block ${block}.`);
		}
	}
}

/** What is wrong with the number of listings; null when nothing is. */
function lacking(rows: readonly unknown[], count: number): string | null {
	const known = new Set(rows.map(idOf)).size;
	return known >= count
		? null
		: `The indexer has ${known} of the ${count} listings that the chain counts at its block.`;
}

async function readRows(http: SourceHttp, indexerUrl: string): Promise<unknown[]> {
	const rows: unknown[] = [];
	let after: string | null = null;
	do {
		const page = pageSchema.safeParse(
			await http.json(`${indexerUrl}/graphql`, {
				body: {
					query: `query Listings($after: String) { listings(limit: ${PAGE}, after: $after, orderBy: "id", orderDirection: "asc") {
						items { ${FIELDS} provider { owner name jobsCompleted jobsFailed jobsDisputed } } pageInfo { hasNextPage endCursor } } }`,
					variables: { after },
				},
			}),
		);
		if (!page.success) throw new SourceError('shape', 'The indexer does not answer with listings.');
		rows.push(...page.data.data.listings.items);
		const { hasNextPage, endCursor } = page.data.data.listings.pageInfo;
		after = hasNextPage ? endCursor : null;
	} while (after !== null);
	return rows;
}

const attestationsSchema = z.object({
	data: z.object({
		attestations: z.object({
			items: z.array(z.object({ subject: z.string(), kind: attestationKindSchema, expiresAt: seconds })),
			pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
		}),
	}),
});
/** By the subject's address in lower case. */
type Attested = ReadonlyMap<string, Attestation[]>;

/** Owners in one question. */
const OWNERS = 100;

/** What is attested of the listings' providers. Of nobody else: a snapshot names no buyer. */
async function readAttestations(http: SourceHttp, indexerUrl: string, rows: unknown[]): Promise<Attested> {
	const owners = [
		...new Set(
			rows.flatMap((row) => {
				const listing = listingSchema.safeParse(row);
				return listing.success ? [listing.data.provider.owner.toLowerCase()] : [];
			}),
		),
	];
	const attested = new Map<string, Attestation[]>();
	for (let at = 0; at < owners.length; at += OWNERS) {
		const query = `query Attestations($owners: [String!], $after: String) {
			attestations(where: {subject_in: $owners}, limit: 1000, after: $after) {
				items { subject kind expiresAt } pageInfo { hasNextPage endCursor } } }`;
		let after: string | null = null;
		do {
			const body = { query, variables: { owners: owners.slice(at, at + OWNERS), after } };
			const page = attestationsSchema.safeParse(await http.json(`${indexerUrl}/graphql`, { body }));
			if (!page.success) throw new SourceError('shape', 'The indexer does not answer with attestations.');
			const { items, pageInfo } = page.data.data.attestations;
			for (const { subject, kind, expiresAt } of items) {
				const held = attested.get(subject.toLowerCase()) ?? [];
				attested.set(subject.toLowerCase(), [...held, { kind, expiresAt }]);
			}
			after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
		} while (after !== null);
	}
	return attested;
}

function toQuotes(rows: unknown[], attested: Attested, now: number): { quotes: Quote[]; unreadable: number[] } {
	const quotes: Quote[] = [];
	const unreadable: number[] = [];
	for (const row of rows) {
		const listing = listingSchema.safeParse(row);
		const quote = listing.success ? quoteOf(listing.data, attested, now) : null;
		if (quote !== null) quotes.push(quote);
		else unreadable.push(idOf(row));
	}
	return { quotes, unreadable };
}

function idOf(row: unknown): number {
	return typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'number' ? row.id : 0;
}

function quoteOf(row: ListingRow, attested: Attested, now: number): Quote | null {
	const { owner, name, jobsCompleted, jobsFailed, jobsDisputed } = row.provider;
	const jobs =
		jobsCompleted === undefined || jobsFailed === undefined || jobsDisputed === undefined
			? null
			: { completed: jobsCompleted, failed: jobsFailed, disputed: jobsDisputed };
	const attestations = attested.get(owner.toLowerCase()) ?? [];
	return listingQuote({ ...row, provider: { owner, name, jobs }, attestations }, now);
}
