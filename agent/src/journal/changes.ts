/** What happens to a job's terms on chain, as the journal keeps it. */
import { namesOf, reopenReason } from '@necto/contracts';
import { type Address, type Hex, isAddress, isHex } from 'viem';
import { z } from 'zod';

const address = z.custom<Address>((value) => typeof value === 'string' && isAddress(value, { strict: false }));
const amount = z.union([z.bigint(), z.string().regex(/^\d+$/).transform(BigInt)]);

/** Shapes of core's `TermsChange`, with why a job was reopened. */
export const changeSchema = z.discriminatedUnion('kind', [
	z.object({
		kind: z.literal('routed'),
		provider: address,
		listing: z.int(),
		pricePerGpuHour: amount,
		fee: z.int(),
		router: address,
		routedAt: z.int(),
		commitment: z.custom<Hex>((value) => isHex(value)),
	}),
	z.object({ kind: z.literal('reopened'), listing: z.int(), reason: z.enum(namesOf(reopenReason)) }),
	z.object({ kind: z.literal('extended'), duration: z.int(), locked: amount }),
]);
export type StoredChange = z.output<typeof changeSchema>;

/** A change with its place on the chain. */
export interface JobChange {
	jobId: bigint;
	block: bigint;
	logIndex: number;
	change: StoredChange;
}
