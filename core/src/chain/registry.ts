/**
 * The ProviderRegistry at the block that a snapshot names: what the agent should have seen. Its state is asked for at that block; a node that keeps no old
 * state still has the events from which it is rebuilt.
 */
import { type Address, BaseError } from 'viem';
import type { Attested, BuyerStanding, RegistryListing } from '../registry/listing.ts';
import { ATTESTATION_KINDS, LISTING_KINDS, wordOf } from '../tables.ts';
import type { RegistryState, RequesterStanding, Unread } from '../verify/facts.ts';
import { hardwareFromChain, pricingFromChain } from './decode.ts';
import type { RegistryLog, RegistryReader } from './reader.ts';
import { IncompleteLogsError, RegistryReplay } from './registry-replay.ts';
import { scanLogs } from './scan-logs.ts';

export interface RegistryQuery {
	readonly reader: RegistryReader;
	/** The block before which there are no events of the contract. */
	readonly startBlock: bigint;
	/** The snapshot's block. */
	readonly block: bigint;
	/** The last block before the route. */
	readonly beforeRoute: bigint;
	/** Whose admissions are asked for; null for an untracked job. */
	readonly requester: Address | null;
}

export interface RegistryFacts {
	readonly registryState: RegistryState | Unread;
	readonly standing: RequesterStanding | Unread | null;
}

/** Reads in flight at the same time: as many as clients put into one batch. */
const AT_ONCE = 100;

/** Reads the listings and what admits the requester. Never throws: what cannot be read is said, and the checks that need it are then not run. */
export async function readRegistry(query: RegistryQuery): Promise<RegistryFacts> {
	const { reader, block } = query;
	try {
		const [timestamp, nextTimestamp] = await Promise.all([reader.timestamp(block), reader.timestamp(block + 1n)]);
		const times = { block: { number: block, timestamp }, nextTimestamp };
		const { listings, standing } = await readState(query).catch((error: unknown) => replay(query, error));
		return { registryState: { ...times, listings }, standing };
	} catch (error) {
		const missing = `Block ${block} cannot be read from this RPC: ${reasonOf(error)}`;
		return { registryState: { missing }, standing: query.requester === null ? null : { missing } };
	}
}

function reasonOf(error: unknown): string {
	if (!(error instanceof BaseError)) return error instanceof Error ? error.message : String(error);
	return error.details === '' ? error.shortMessage : error.details;
}

interface Read {
	listings: RegistryListing[];
	standing: RequesterStanding | null;
}

/** By the state of that block, with the words of the events: names and places are in no state. */
async function readState(query: RegistryQuery): Promise<Read> {
	const { reader, block } = query;
	const [count, words] = await Promise.all([reader.listingCount(block), readWords(query)]);
	if (words.listings.size !== count) {
		throw new IncompleteLogsError(`The RPC serves the logs of ${words.listings.size} listings; there are ${count}.`);
	}
	const ids = Array.from({ length: count }, (_, index) => index + 1);
	const listings = await inTurn(ids, async (id) => {
		const held = await reader.listing(id, block);
		const [tiers, rules] = await Promise.all([
			held.tiered ? reader.tiers(id, block) : [],
			held.restricted ? reader.accessRules(id, block) : { attestations: 0, allowListOnly: false },
		]);
		return { id, held, tiers, rules };
	});
	const providerIds = [...new Set(listings.map(({ held }) => held.provider))];
	const providers = new Map(
		await inTurn(providerIds, async (id) => {
			const held = await reader.provider(id, block);
			const name = words.providers.get(id);
			if (name === undefined) throw new IncompleteLogsError(`The RPC does not serve the log of provider ${id}.`);
			const { owner, completed, failed, disputed } = held;
			return [id, { owner, name, jobs: { completed, failed, disputed } }] as const;
		}),
	);
	const owners = [...new Set([...providers.values()].map(({ owner }) => owner))];
	const attested = new Map(
		await inTurn(owners, async (owner) => [owner, await attestationsOf(query, owner, block)] as const),
	);
	const standing = await readStanding(
		query,
		listings.filter(({ rules }) => rules.allowListOnly).map(({ held }) => held.provider),
	);
	return {
		standing,
		listings: listings.map(({ id, held, tiers, rules }): RegistryListing => {
			const provider = providers.get(held.provider);
			const description = words.listings.get(id);
			if (provider === undefined || description === undefined)
				throw new IncompleteLogsError(`No log of listing ${id}.`);
			return {
				id,
				providerId: held.provider,
				kind: wordOf(LISTING_KINDS, held.kind),
				...hardwareFromChain(held),
				reserved: held.reserved,
				offline: held.offline,
				...description,
				...pricingFromChain(held),
				version: held.version,
				tiers,
				ruleAttestations: rules.attestations,
				allowListOnly: rules.allowListOnly,
				provider,
				attestations: attested.get(provider.owner) ?? [],
			};
		}),
	};
}

/** Calls `read` for each item, so many at once as go into one batch. */
async function inTurn<Item, Found>(items: readonly Item[], read: (item: Item) => Promise<Found>): Promise<Found[]> {
	const found: Found[] = [];
	for (let at = 0; at < items.length; at += AT_ONCE) {
		found.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(read))));
	}
	return found;
}

/** What providers wrote, which is in events alone. */
async function readWords({ reader, startBlock, block }: RegistryQuery) {
	const logs = await scanLogs((from, to) => reader.describingLogs(from, to), startBlock, block);
	const added = logs.filter((log) => log.eventName === 'ListingAdded');
	const listings = new Map(added.map(({ args }) => [args.listing, args.description]));
	const providers = new Map<number, string>();
	for (const log of logs) if (log.eventName !== 'ListingAdded') providers.set(log.args.provider, log.args.name);
	return { listings, providers };
}

async function attestationsOf({ reader }: RegistryQuery, subject: Address, block: bigint): Promise<Attested[]> {
	const held = await Promise.all(
		ATTESTATION_KINDS.map(async (kind, index) => {
			const expiresAt = await reader.attestation(subject, index, block);
			return expiresAt === null ? [] : [{ kind, expiresAt }];
		}),
	);
	return held.flat();
}

/** @param providers with a listing that serves only the buyers on their list */
async function readStanding(query: RegistryQuery, providers: readonly number[]): Promise<RequesterStanding | null> {
	const { reader, block, beforeRoute, requester } = query;
	if (requester === null) return null;
	const at = async (seen: bigint): Promise<BuyerStanding> => {
		const [attestations, allowed] = await Promise.all([
			attestationsOf(query, requester, seen),
			inTurn([...new Set(providers)], async (provider) => {
				const isAllowed = await reader.isBuyerAllowed(provider, requester, seen);
				return isAllowed ? [provider] : [];
			}),
		]);
		return { attestations, lists: allowed.flat() };
	};
	const [atSnapshot, last] = await Promise.all([at(block), at(beforeRoute)]);
	return { atSnapshot, beforeRoute: last };
}

/** By events alone. @throws Error when the logs do not give the registry either */
async function replay(query: RegistryQuery, stateError: unknown): Promise<Read> {
	// Fewer logs than the state wants are no better without it.
	if (stateError instanceof IncompleteLogsError) throw stateError;
	const { reader, startBlock, block, beforeRoute, requester } = query;
	const routed = beforeRoute + 1n;
	try {
		const logs = await scanLogs((from, to) => reader.registryLogs(from, to), startBlock, routed);
		// A node that lags answers with nothing for its newest blocks. The route itself reserves capacity.
		if (!logs.some(({ blockNumber }) => blockNumber === routed)) {
			throw new IncompleteLogsError(`The RPC does not serve the logs of block ${routed}, in which the job was routed.`);
		}
		const registry = new RegistryReplay();
		const isEarly = ({ blockNumber }: RegistryLog) => blockNumber <= block;
		for (const log of logs.filter(isEarly)) registry.apply(log);
		const { listings } = registry;
		if (requester === null) return { listings, standing: null };
		const atSnapshot = registry.standingOf(requester);
		for (const log of logs) if (!isEarly(log) && log.blockNumber < routed) registry.apply(log);
		return { listings, standing: { atSnapshot, beforeRoute: registry.standingOf(requester) } };
	} catch (error) {
		if (error instanceof IncompleteLogsError) throw error;
		throw new Error(`no state (${reasonOf(stateError)}) and no logs (${reasonOf(error)})`, { cause: error });
	}
}
