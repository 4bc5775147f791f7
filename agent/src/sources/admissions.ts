/** Which restricted listings serve a buyer: by their rules, its attestations and its providers' lists, through the indexer. */
import { type Address, ATTESTATION_KINDS, attestationKindSchema, fromBits, type ListingId } from '@necto/core';
import { z } from 'zod';
import type { SourceHttp } from './http.ts';
import { SourceError } from './source.ts';

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

/** More would make one question too long for the indexer; whoever serves that many buyers by name has found another way. */
const MOST = 500;

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
	restricted: readonly { id: ListingId }[],
	until: number,
): Promise<ListingId[]> {
	const ids = restricted.slice(0, MOST).map(({ id }) => id);
	const query = `query Admissions($ids: [Int!], $buyer: String!) {
		listings(where: {id_in: $ids}, limit: ${MOST}) { items { id providerId ruleAttestations allowListOnly } }
		attestations(where: {subject: $buyer}, limit: ${ATTESTATION_KINDS.length}) { items { kind expiresAt } }
		allowedBuyers(where: {buyer: $buyer}, limit: 1000) { items { providerId } }
	}`;
	const body = { query, variables: { ids, buyer: buyer.toLowerCase() } };
	const answer = answerSchema.safeParse(await http.json(`${indexerUrl}/graphql`, { body }));
	if (!answer.success) throw new SourceError('shape', 'The indexer does not say whom restricted listings serve.');
	const { listings, attestations, allowedBuyers } = answer.data.data;
	const held = new Set(attestations.items.filter(({ expiresAt }) => expiresAt >= until).map(({ kind }) => kind));
	const lists = new Set(allowedBuyers.items.map(({ providerId }) => providerId));
	const admitting = new Set<number>(
		listings.items
			.filter(({ providerId, allowListOnly }) => !allowListOnly || lists.has(providerId))
			.filter(({ ruleAttestations }) => fromBits(ATTESTATION_KINDS, ruleAttestations).every((kind) => held.has(kind)))
			.map(({ id }) => id),
	);
	return ids.filter((id) => admitting.has(id));
}
