/**
 * The ProviderRegistry at the block that a snapshot names: what the agent should have seen. Its state is asked for at that block; a node that keeps no old
 * state still has the events from which it is rebuilt.
 */
import { decodeBytes16, decodeCountry, providerRegistryAbi } from '@necto/contracts';
import {
	ATTESTATION_KINDS,
	type Attested,
	type BuyerStanding,
	CONTINENTS,
	FORM_FACTORS,
	LISTING_KINDS,
	type RegistryListing,
	type RegistryState,
	type RequesterStanding,
	type Unread,
	wordOf,
} from '@necto/core';
import { type Address, BaseError, type PublicClient } from 'viem';
import { IncompleteLogsError, pricingOf, type RegistryLog, RegistryReplay } from './registry-events.ts';
import { scanLogs } from './scan-logs.ts';

export interface RegistryQuery {
	readonly client: PublicClient;
	readonly providerRegistry: Address;
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

/** Reads in flight at the same time: one batch of the client. */
const AT_ONCE = 100;

/** Never throws: what cannot be read is said, and the checks that need it are then not run. */
export async function readRegistry(query: RegistryQuery): Promise<RegistryFacts> {
	const { client, block } = query;
	try {
		const [own, next] = await Promise.all([
			client.getBlock({ blockNumber: block }),
			client.getBlock({ blockNumber: block + 1n }),
		]);
		const times = {
			block: { number: block, timestamp: Number(own.timestamp) },
			nextTimestamp: Number(next.timestamp),
		};
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
	const { client, providerRegistry: address, block: blockNumber } = query;
	const at = { address, abi: providerRegistryAbi, blockNumber } as const;
	const [count, words] = await Promise.all([
		client.readContract({ ...at, functionName: 'listingCount' }),
		readWords(query),
	]);
	if (words.listings.size !== count) {
		throw new IncompleteLogsError(`The RPC serves the logs of ${words.listings.size} listings; there are ${count}.`);
	}
	const ids = Array.from({ length: count }, (_, index) => index + 1);
	const listings = await inTurn(ids, async (id) => {
		const held = await client.readContract({ ...at, functionName: 'getListing', args: [id] });
		const [tiers, rules] = await Promise.all([
			held.tiered ? client.readContract({ ...at, functionName: 'getTiers', args: [id] }) : [],
			held.restricted
				? client.readContract({ ...at, functionName: 'getAccessRules', args: [id] })
				: { attestations: 0, allowListOnly: false },
		]);
		return { id, held, tiers, rules };
	});
	const providerIds = [...new Set(listings.map(({ held }) => held.provider))];
	const providers = new Map(
		await inTurn(providerIds, async (id) => {
			const held = await client.readContract({ ...at, functionName: 'getProvider', args: [id] });
			const name = words.providers.get(id);
			if (name === undefined) throw new IncompleteLogsError(`The RPC does not serve the log of provider ${id}.`);
			const { owner, completed, failed, disputed } = held;
			return [id, { owner, name, jobs: { completed, failed, disputed } }] as const;
		}),
	);
	const owners = [...new Set([...providers.values()].map(({ owner }) => owner))];
	const attested = new Map(
		await inTurn(owners, async (owner) => [owner, await attestationsOf(query, owner, blockNumber)] as const),
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
				gpuModel: decodeBytes16(held.gpuModel),
				memoryGiB: held.memoryGiB,
				formFactor: wordOf(FORM_FACTORS, held.formFactor),
				total: held.total,
				widest: held.widest,
				reserved: held.reserved,
				offline: held.offline,
				continent: wordOf(CONTINENTS, held.continent),
				country: decodeCountry(held.country) || null,
				...description,
				...pricingOf(held),
				availableFrom: held.availableFrom,
				availableUntil: held.availableUntil,
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
async function readWords({ client, providerRegistry: address, startBlock, block }: RegistryQuery) {
	const events = providerRegistryAbi.filter(
		(item) =>
			item.type === 'event' &&
			(item.name === 'ListingAdded' || item.name === 'ProviderRegistered' || item.name === 'ProviderUpdated'),
	);
	const logs = await scanLogs(
		(fromBlock, toBlock) => client.getLogs({ address, events, strict: true, fromBlock, toBlock }),
		startBlock,
		block,
	);
	const listings = new Map<number, (typeof added)[number]['args']['description']>();
	const added = logs.filter((log) => log.eventName === 'ListingAdded');
	for (const { args } of added) listings.set(args.listing, args.description);
	const providers = new Map<number, string>();
	for (const log of logs) if (log.eventName !== 'ListingAdded') providers.set(log.args.provider, log.args.name);
	return { listings, providers };
}

async function attestationsOf(
	{ client, providerRegistry: address }: RegistryQuery,
	subject: Address,
	blockNumber: bigint,
): Promise<Attested[]> {
	const held = await Promise.all(
		ATTESTATION_KINDS.map(async (kind, index) => {
			const { issuer, expiresAt } = await client.readContract({
				address,
				abi: providerRegistryAbi,
				functionName: 'getAttestation',
				args: [subject, index],
				blockNumber,
			});
			return BigInt(issuer) === 0n ? [] : [{ kind, expiresAt }];
		}),
	);
	return held.flat();
}

/** @param providers with a listing that serves only the buyers on their list */
async function readStanding(query: RegistryQuery, providers: readonly number[]): Promise<RequesterStanding | null> {
	const { client, providerRegistry: address, block, beforeRoute, requester } = query;
	if (requester === null) return null;
	const at = async (blockNumber: bigint): Promise<BuyerStanding> => {
		const [attestations, allowed] = await Promise.all([
			attestationsOf(query, requester, blockNumber),
			inTurn([...new Set(providers)], async (provider) => {
				const isAllowed = await client.readContract({
					address,
					abi: providerRegistryAbi,
					functionName: 'isBuyerAllowed',
					args: [provider, requester],
					blockNumber,
				});
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
	const { client, providerRegistry: address, startBlock, block, beforeRoute, requester } = query;
	const routed = beforeRoute + 1n;
	try {
		const logs: RegistryLog[] = await scanLogs(
			(fromBlock, toBlock) =>
				client.getContractEvents({ address, abi: providerRegistryAbi, strict: true, fromBlock, toBlock }),
			startBlock,
			routed,
		);
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
