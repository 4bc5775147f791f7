/** Which restricted listings serve a buyer: by their rules, its attestations and its providers' lists, through the indexer. */
import {
	type Address,
	ATTESTATION_KINDS,
	admits,
	attestationKindSchema,
	type ListingId,
	type QuoteListing,
} from '@necto/core';
import { z } from 'zod';
import type { SourceHttp } from './asking/http.ts';
import { SourceError } from './asking/source.ts';

const answerSchema = z.object({
	data: z.object({
		listings: z.object({
			items: z.array(
				z.object({ id: z.int(), providerId: z.int(), ruleAttestations: z.int().min(0), allowListOnly: z.boolean() }),
			),
		}),
		attestations: z.object({
			items: z.array(z.object({ kind: attestationKindSchema, expiresAt: z.string().regex(/^\d+$/).transform(Number) })),
		}),
		allowedBuyers: z.object({ items: z.array(z.object({ providerId: z.int() })) }),
	}),
});

/** Listings in one question: the indexer gives at most 1,000 rows of each kind. */
const CHUNK = 500;

// Of these providers' lists only: anybody may put the buyer on one, so on how many others it stands must not matter.
const QUESTION = `query Admissions($ids: [Int!], $providers: [Int!], $buyer: String!) {
	listings(where: {id_in: $ids}, limit: ${CHUNK}) { items { id providerId ruleAttestations allowListOnly } }
	attestations(where: {subject: $buyer}, limit: ${ATTESTATION_KINDS.length}) { items { kind expiresAt } }
	allowedBuyers(where: {providerId_in: $providers, buyer: $buyer}, limit: ${CHUNK}) { items { providerId } }
}`;

type Restricted = Pick<QuoteListing, 'id' | 'providerId'>;

/**
 * The listings that serve the buyer, of those given.
 *
 * @param until unix seconds by which the job would be over: attestations have to last as long
 * @throws SourceError when the indexer does not say
 */
export async function readAdmissions(
	http: SourceHttp,
	indexerUrl: string,
	buyer: Address,
	restricted: readonly Restricted[],
	until: number,
): Promise<ListingId[]> {
	const admitted: ListingId[] = [];
	for (let at = 0; at < restricted.length; at += CHUNK) {
		admitted.push(...(await admittedOf(http, indexerUrl, buyer, restricted.slice(at, at + CHUNK), until)));
	}
	return admitted;
}

async function admittedOf(
	http: SourceHttp,
	indexerUrl: string,
	buyer: Address,
	restricted: readonly Restricted[],
	until: number,
): Promise<ListingId[]> {
	const ids = restricted.map(({ id }) => id);
	const providers = [...new Set(restricted.map(({ providerId }) => providerId))];
	const body = { query: QUESTION, variables: { ids, providers, buyer: buyer.toLowerCase() } };
	const answer = answerSchema.safeParse(await http.json(`${indexerUrl}/graphql`, { body }));
	if (!answer.success) throw new SourceError('shape', 'The indexer does not say whom restricted listings serve.');
	const { listings, attestations, allowedBuyers } = answer.data.data;
	const standing = {
		attestations: attestations.items,
		lists: allowedBuyers.items.map(({ providerId }) => providerId),
	};
	const admitting = new Set<number>(
		listings.items.filter((rules) => admits(rules, standing, until)).map(({ id }) => id),
	);
	return ids.filter((id) => admitting.has(id));
}
