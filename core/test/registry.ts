import {
	type BuyerStanding,
	type ListingId,
	listingQuote,
	type MarketSnapshot,
	NECTO,
	type Quote,
	type QuoteListing,
	type RegistryListing,
	type RegistryState,
	type SnapshotSource,
	sourceId,
	unixSeconds,
} from '../src/index.ts';

/** What a chain holds of the listings in a snapshot, and a snapshot as an honest agent takes it of such a chain. */

/** Bits of the rule of restricted listings that do not admit the buyer: KYC. */
const KYC = 1;

/** The listing in the registry that leads to a quote. Those that admit the buyer do so by its provider's list, all other restricted ones want KYC. */
export function registryListing(
	quote: Quote & { listing: QuoteListing },
	admitted: readonly ListingId[] = [],
): RegistryListing {
	const { gpu, host, region, price, availability, listing, network } = quote;
	const { providerName, provider, restricted, jobs, attestations, ...terms } = listing;
	const isToken = price.model === 'token';
	const isOpen = admitted.includes(listing.id);
	return {
		...terms,
		gpuModel: gpu.model,
		memoryGiB: gpu.memoryGiB ?? 0,
		formFactor: gpu.formFactor,
		widest: availability.widest ?? listing.total,
		continent: region.continent,
		country: region.country,
		region: region.raw,
		network: listing.kind === 'network' ? network : '',
		vcpus: host.vcpus ?? 0,
		ramGiB: host.ramGiB ?? 0,
		diskGiB: host.diskGiB ?? 0,
		pricingModel: price.model,
		rate: isToken ? 0n : BigInt(price.amount),
		tokenAmount: isToken ? BigInt(price.amount) : 0n,
		token: isToken ? price.currency : '',
		provider: { owner: provider, name: providerName, jobs: jobs ?? { completed: 0, failed: 0, disputed: 0 } },
		attestations,
		allowListOnly: restricted && isOpen,
		ruleAttestations: restricted && !isOpen ? KYC : 0,
	};
}

export const isListed = (quote: Quote): quote is Quote & { listing: QuoteListing } => quote.listing !== null;

/** A snapshot whose own listings are as an agent reads them from a chain, and which names every source once unless it names them itself. */
export function taken(market: MarketSnapshot): MarketSnapshot {
	const quotes = market.quotes.map((quote) => {
		if (!isListed(quote)) return quote;
		const read = listingQuote(registryListing(quote), market.takenAt);
		if (read === null) throw new Error(`No registry can hold ${quote.key}.`);
		return read;
	});
	return { ...market, quotes, sources: market.sources.length > 0 ? market.sources : sourcesOf({ ...market, quotes }) };
}

function sourcesOf({ quotes, takenAt }: MarketSnapshot): SnapshotSource[] {
	const ids = [...new Set([NECTO, ...quotes.map(({ source }) => source)])];
	return ids.map((id) => ({
		id: sourceId(id),
		state: 'fresh',
		fetchedAt: unixSeconds(takenAt),
		quotes: quotes.filter(({ source }) => source === id).length,
		bodyHash: null,
		note: null,
	}));
}

/** The registry that a snapshot was taken of. */
export function registryOf(market: MarketSnapshot, admitted: readonly ListingId[] = []): RegistryState {
	return {
		block: { number: market.chain.block, timestamp: market.takenAt - 2 },
		nextTimestamp: market.takenAt,
		listings: market.quotes.filter(isListed).map((quote) => registryListing(quote, admitted)),
	};
}

/** A buyer with nothing attested who is on the list of all providers in the market. */
export function standingIn(market: MarketSnapshot): BuyerStanding {
	return { attestations: [], lists: market.quotes.filter(isListed).map(({ listing }) => listing.providerId) };
}
