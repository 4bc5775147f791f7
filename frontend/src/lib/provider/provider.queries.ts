/** What the provider page asks the indexer. */
import type { Address } from 'viem';
import { z } from 'zod';
import { queryIndexer } from '#lib/indexer/client.ts';
import { indexerDocument } from '#lib/indexer/document.ts';
import { hexText } from '#lib/jobs/rows.ts';
import {
	LISTING_FIELDS,
	type ListingRow,
	listingRowSchema,
	PROVIDER_FIELDS,
	type ProviderRow,
	providerRowSchema,
} from './rows.ts';

const listingsSchema = z.object({ listings: z.object({ items: z.array(listingRowSchema) }) });
const actingSchema = z.object({ delegates: z.object({ items: z.array(z.object({ providerId: z.int() })) }) });
const providersSchema = z.object({ providers: z.object({ items: z.array(providerRowSchema) }) });
const peopleSchema = z.object({
	delegates: z.object({ items: z.array(z.object({ providerId: z.int(), delegate: hexText })) }),
	allowedBuyers: z.object({ items: z.array(z.object({ providerId: z.int(), buyer: hexText })) }),
});

export interface OperatedProvider {
	readonly provider: ProviderRow;
	readonly listings: readonly ListingRow[];
	/** Whether it belongs to whom it was asked for; a delegate may change listings and run jobs, but gets no money. */
	readonly owned: boolean;
	readonly delegates: readonly Address[];
	/** Whom listings with an allow-list serve. */
	readonly allowedBuyers: readonly Address[];
}

const ACTING_FOR = indexerDocument(
	`query ActingFor($me: String!) { delegates(where: { delegate: $me }, limit: 100) { items { providerId } } }`,
);

const PROVIDERS = indexerDocument(`query Providers($me: String!, $ids: [Int!]) {
	providers(where: { OR: [{ owner: $me }, { id_in: $ids }] }, orderBy: "id", limit: 100) { items { ${PROVIDER_FIELDS} } }
}`);

const LISTINGS = indexerDocument(`query Listings($ids: [Int!]) {
	listings(where: { providerId_in: $ids }, orderBy: "id", limit: 1000) { items { ${LISTING_FIELDS} } }
}`);

const PEOPLE = indexerDocument(`query People($ids: [Int!]) {
	delegates(where: { providerId_in: $ids }, orderBy: "delegate", limit: 1000) { items { providerId delegate } }
	allowedBuyers(where: { providerId_in: $ids }, orderBy: "buyer", limit: 1000) { items { providerId buyer } }
}`);

/** The providers that this account owns, then those that it acts for, each with its listings. */
export async function fetchOperatedProviders(account: string, signal?: AbortSignal): Promise<OperatedProvider[]> {
	const me = account.toLowerCase();
	const { delegates } = await queryIndexer(ACTING_FOR, { me }, actingSchema, signal);
	const { providers } = await queryIndexer(
		PROVIDERS,
		// A filter by no id at all is none: 0 is never a provider.
		{ me, ids: [0, ...delegates.items.map((each) => each.providerId)] },
		providersSchema,
		signal,
	);
	if (providers.items.length === 0) return [];
	const ids = providers.items.map((provider) => provider.id);
	const [{ listings }, people] = await Promise.all([
		queryIndexer(LISTINGS, { ids }, listingsSchema, signal),
		queryIndexer(PEOPLE, { ids }, peopleSchema, signal),
	]);
	return providers.items
		.map((provider) => ({
			provider,
			owned: provider.owner.toLowerCase() === me,
			listings: listings.items.filter((listing) => listing.providerId === provider.id),
			delegates: people.delegates.items.flatMap((each) => (each.providerId === provider.id ? [each.delegate] : [])),
			allowedBuyers: people.allowedBuyers.items.flatMap((each) =>
				each.providerId === provider.id ? [each.buyer] : [],
			),
		}))
		.sort((one, other) => Number(other.owned) - Number(one.owned));
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

const LISTING_NAME = indexerDocument(
	`query ListingName($id: Int!) { listing(id: $id) { name region provider { name } } }`,
);

/** What a listing and its provider call themselves; null when unknown. */
export async function fetchListingName(id: number, signal?: AbortSignal): Promise<ListingName | null> {
	const { listing } = await queryIndexer(LISTING_NAME, { id }, nameSchema, signal);
	if (listing === null) return null;
	return { listing: listing.name, region: listing.region, provider: listing.provider?.name ?? 'Unknown provider' };
}
