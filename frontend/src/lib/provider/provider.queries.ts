/** What the provider page asks the indexer. */
import { z } from 'zod';
import { queryIndexer } from '#lib/indexer/client.ts';
import {
	LISTING_FIELDS,
	type ListingRow,
	listingRowSchema,
	PROVIDER_FIELDS,
	type ProviderRow,
	providerRowSchema,
} from './rows.ts';

const providersSchema = z.object({ providers: z.object({ items: z.array(providerRowSchema) }) });
const listingsSchema = z.object({ listings: z.object({ items: z.array(listingRowSchema) }) });

export interface OwnedProvider {
	readonly provider: ProviderRow;
	readonly listings: readonly ListingRow[];
}

/** The providers that this account owns, each with its listings. */
export async function fetchOwnedProviders(account: string, signal?: AbortSignal): Promise<OwnedProvider[]> {
	const { providers } = await queryIndexer(
		`query OwnedProviders($owner: String!) {
			providers(where: { owner: $owner }, orderBy: "id", limit: 100) { items { ${PROVIDER_FIELDS} } }
		}`,
		{ owner: account.toLowerCase() },
		providersSchema,
		signal,
	);
	if (providers.items.length === 0) return [];
	const { listings } = await queryIndexer(
		`query OwnedListings($ids: [Int!]) {
			listings(where: { providerId_in: $ids }, orderBy: "id", limit: 1000) { items { ${LISTING_FIELDS} } }
		}`,
		{ ids: providers.items.map((provider) => provider.id) },
		listingsSchema,
		signal,
	);
	return providers.items.map((provider) => ({
		provider,
		listings: listings.items.filter((listing) => listing.providerId === provider.id),
	}));
}

const nameSchema = z.object({
	listing: z
		.object({ name: z.string(), region: z.string(), provider: z.object({ name: z.string() }).nullable() })
		.nullable(),
});

export interface ListingName {
	readonly listing: string;
	readonly region: string;
	readonly provider: string;
}

/** What a listing and its provider call themselves; null when unknown. */
export async function fetchListingName(id: number, signal?: AbortSignal): Promise<ListingName | null> {
	const { listing } = await queryIndexer(
		`query ListingName($id: Int!) { listing(id: $id) { name region provider { name } } }`,
		{ id },
		nameSchema,
		signal,
	);
	if (listing === null) return null;
	return { listing: listing.name, region: listing.region, provider: listing.provider?.name ?? 'Unknown provider' };
}
