import type { Context } from 'ponder:registry';
import { type listing, listingChange } from 'ponder:schema';

/** Where a change stands on chain. */
export interface Mined {
	readonly block: { readonly number: bigint; readonly timestamp: bigint };
	readonly transaction: { readonly hash: `0x${string}` };
}

/** Keeps a version of a listing, with the values after the change. */
export async function remember(
	db: Context['db'],
	{ block, transaction }: Mined,
	kind: 'added' | 'pricing' | 'tiers' | 'capacity' | 'availability' | 'access-rules' | 'owner',
	row: typeof listing.$inferSelect,
): Promise<void> {
	await db.insert(listingChange).values({
		listingId: row.id,
		version: row.version,
		kind,
		pricingModel: row.pricingModel,
		rate: row.rate,
		floor: row.floor,
		ceiling: row.ceiling,
		tokenAmount: row.tokenAmount,
		token: row.token,
		total: row.total,
		offline: row.offline,
		availableFrom: row.availableFrom,
		availableUntil: row.availableUntil,
		tiers: row.tiers,
		ruleAttestations: row.ruleAttestations,
		allowListOnly: row.allowListOnly,
		at: block.timestamp,
		block: block.number,
		txHash: transaction.hash,
	});
}
