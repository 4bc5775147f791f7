import { z } from 'zod';
import { gpuModelKeySchema, type MicroUsd, microUsd, sourceIdSchema } from '../ids.ts';
import { scaledDecimal } from '../money.ts';
import { EVIDENCES } from '../offer/quote.ts';
import { RENTAL_TERMS } from '../offer/term.ts';
import { CONTINENTS, FORM_FACTORS, PRICING_MODELS } from '../tables.ts';
import { wholeRange } from '../whole.ts';

/**
 * What a person asks of the market, as the query string of `GET /offers`, `/offers/stream` and the market page's address. Lists are separated by commas.
 */

const list = <Item extends z.ZodType<unknown, string>>(item: Item) =>
	z
		.string()
		.max(2_000)
		.transform((text) => text.split(',').map((part) => part.trim()))
		.pipe(z.array(item).min(1).max(100));

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** `2.50` -> micro-USD. */
const usd = z
	.string()
	.regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be a decimal number of USD such as 2.50')
	.transform((text): MicroUsd => microUsd(scaledDecimal(text, 6)));

/** Continents by their word, countries by their code. */
const place = z
	.string()
	.toLowerCase()
	.refine(
		(part) => /^[a-z]{2}$/.test(part) || CONTINENTS.some((continent) => continent === part),
		`must be country codes or some of ${CONTINENTS.join(', ')}`,
	);

/** One model of a basket: `h100`, or `a100:0.45` for one that does 0.45 of the work in the same time. */
const model = z
	.string()
	.toLowerCase()
	.regex(
		/^[a-z0-9-]{1,16}(:\d{1,3}(\.\d{1,4})?)?$/,
		'must be a GPU model, with its performance after a colon if it is not 1',
	)
	.transform((text) => {
		const [key = '', performance = '1'] = text.split(':');
		return { model: gpuModelKeySchema.parse(key), performanceBps: Number(scaledDecimal(performance, 4)) };
	})
	.refine(({ performanceBps }) => performanceBps > 0, 'must have a performance above zero');

/** `99.5` percent -> 9,950 basis points. */
const percent = z
	.string()
	.regex(/^(100|\d{1,2}(\.\d{1,2})?)$/, 'must be a percentage from 0 to 100')
	.transform((text) => Number(scaledDecimal(text, 2)));

/** Digits alone: `1e3` is not what anybody types for 1,000. */
const whole = (min: number, max: number) => {
	const error = `must be a ${wholeRange({ min, max })}`;
	return z
		.string()
		.regex(/^\d{1,9}$/, error)
		.transform(Number)
		.pipe(z.int().min(min, error).max(max, error));
};

export const OFFER_SORTS = ['best', 'price', '-price', 'age', 'gpu', 'source'] as const;

export const marketQuerySchema = z.strictObject({
	/** Models that would do; any without. */
	gpu: list(model).optional(),
	/** Least GiB of one GPU. */
	memory: whole(0, 0xffff).optional(),
	form: list(z.enum(FORM_FACTORS)).optional(),
	region: list(place).optional(),
	/** Places that come first, whatever the price. */
	prefer: list(place).optional(),
	source: list(sourceIdSchema).optional(),
	network: list(z.string().toLowerCase().max(40)).optional(),
	/** Networks that are not wanted. */
	exclude: list(z.string().toLowerCase().max(40)).optional(),
	pricing: list(z.enum(PRICING_MODELS)).optional(),
	evidence: list(z.enum(EVIDENCES)).optional(),
	/** Rental terms that are wanted, `any` for all of them. Without it on demand and spot alone: other terms rank only when they are asked for. */
	terms: list(z.enum([...RENTAL_TERMS, 'any'])).optional(),
	maxUsd: usd.optional(),
	/** GPUs that have to be in one machine. */
	width: whole(1, 0xffff).optional(),
	/** Percent; an offer whose uptime is not known does not pass. */
	minUptime: percent.optional(),
	routable: flag.optional(),
	/** Whether something must be free; unknown passes. */
	available: flag.optional(),
	/** Whether figures that are no machine for rent are shown too. */
	estimates: flag.default(false),
	/** Words that all have to be in the offer's names. */
	q: z.string().max(100).optional(),
	/** The job to reckon with: how many GPUs, for how long, and what a restart loses. */
	gpus: whole(1, 0xffff).optional(),
	hours: z
		.string()
		.regex(/^\d{1,5}(\.\d{1,4})?$/, 'must be hours such as 72 or 0.5')
		.refine((text) => /[1-9]/.test(text), 'must be above zero')
		.optional(),
	restartMinutes: whole(0, 100_000).optional(),
	/** Whose rules on the age of token prices count. */
	policy: z.enum(['default', 'offline']).default('default'),
	/** `best`: by cost of the job if one is named, by price otherwise, preferred places first. */
	sort: z.enum(OFFER_SORTS).default('best'),
	limit: z.coerce.number().int().min(1).max(10_000).optional(),
	offset: z.coerce.number().int().min(0).default(0),
});
export type MarketQuery = z.output<typeof marketQuerySchema>;
/** The same as text, for addresses. */
export type MarketQueryText = Partial<Record<keyof MarketQuery, string>>;

/** A job to reckon with. */
export interface QueryJob {
	gpuCount: number;
	/** Seconds of work. */
	seconds: number;
	/** Seconds of work lost with each restart. */
	restartSeconds: number;
}

/** Seconds of work that a restart loses if the query does not say: loading a model, and half of the hour since the last checkpoint. */
const RESTART_SECONDS = 2_400;

/** The job that a query names; null if it names none. */
export function jobOf({ gpus, hours, restartMinutes }: MarketQuery): QueryJob | null {
	if (gpus === undefined && hours === undefined) return null;
	const tenThousandths = scaledDecimal(hours ?? '1', 4);
	return {
		gpuCount: gpus ?? 1,
		seconds: Math.max(1, Number((tenThousandths * 3_600n) / 10_000n)),
		restartSeconds: restartMinutes === undefined ? RESTART_SECONDS : restartMinutes * 60,
	};
}

/** The work that a model does in the time in which the reference does 10,000, as the query's basket says. */
export function performanceOf({ gpu }: MarketQuery, model: string): number {
	return gpu?.find((each) => each.model === model)?.performanceBps ?? 10_000;
}
