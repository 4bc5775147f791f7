import { z } from 'zod';
import { offerKeySchema, sourceIdSchema, unixSecondsSchema } from '../ids.ts';
import { publishedNumber, words } from '../json/fields.ts';
import { EVIDENCES } from './quote.ts';

/**
 * What a provider takes for a language model's tokens. A kind of its own: tokens are no GPU-hours, so these never stand beside them in a ranking.
 */
export const inferenceOfferSchema = z.strictObject({
	key: offerKeySchema,
	source: sourceIdSchema,
	/** Who serves it: an address or a company's name. */
	provider: words(120),
	/** As the provider calls it: `gpt-oss-120b`. */
	model: words(200),
	/** `chat`, `image`... */
	service: words(40),
	evidence: z.enum(EVIDENCES),
	observedAt: unixSecondsSchema,
	/** `USD`, or a token's symbol. */
	currency: words(16).min(1),
	/** For a million tokens, exact decimals as published; null when it is not priced so. */
	inputPerMillion: publishedNumber.nullable(),
	outputPerMillion: publishedNumber.nullable(),
	/** How its answers can be checked: `TeeML`. Null when nothing is said. */
	verifiability: words(40).nullable(),
});
export type InferenceOffer = z.output<typeof inferenceOfferSchema>;
