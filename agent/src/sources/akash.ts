/**
 * Akash, live: what was bid for GPUs in the last weeks. Documented at akash.network/docs (Console API, `GET /v1/gpu-prices`), keyless.
 *
 * The figures are USD per GPU-hour computed by Akash from past bids, not offers anybody stands by: a model can have a price and no free GPU, or free GPUs
 * and no price. The binding price is a bid on one's own deployment.
 */
import { canonicalGpu, type FormFactor, offerKey, type Quote, quoteSchema, sourceId } from '@necto/core';
import { z } from 'zod';
import { type FetchContext, type Source, SourceError } from './source.ts';

const ID = sourceId('akash');
/** Above any real GPU-hour: what is dearer is a mistake in the unit, and is left out. */
const HIGHEST_USD = 1_000;

const modelSchema = z.object({
	vendor: z.string(),
	model: z.string(),
	ram: z.string(),
	interface: z.string(),
	availability: z.object({ total: z.int().min(0), available: z.int().min(0) }),
	price: z.object({ currency: z.literal('USD'), min: z.number() }).nullable(),
});

const answerSchema = z.object({ models: z.array(z.unknown()) });

/** @param baseUrl of the Console API, without a slash at the end */
export function akashSource(baseUrl: string, refreshSeconds: number): Source {
	return {
		id: ID,
		name: 'Akash',
		network: 'akash',
		url: 'https://akash.network/pricing/gpus/',
		refreshSeconds,
		fetch: (context) => fetchAkash(baseUrl, context),
	};
}

async function fetchAkash(baseUrl: string, { http, now }: FetchContext): Promise<Quote[]> {
	const answer = answerSchema.safeParse(await http.json(`${baseUrl}/v1/gpu-prices`));
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list GPU models.');
	const rows = answer.data.models.map((row) => modelSchema.safeParse(row));
	if (rows.length > 0 && rows.every((row) => !row.success)) {
		throw new SourceError('shape', 'None of its GPU models has the documented fields.');
	}
	const quotes = new Map<string, Quote>();
	for (const row of rows) {
		const quote = row.success ? toQuote(row.data, now) : null;
		// Akash lists a model once for each memory and interface; the first of two equal rows stands.
		if (quote !== null && !quotes.has(quote.key)) quotes.set(quote.key, quote);
	}
	return [...quotes.values()];
}

function toQuote(row: z.output<typeof modelSchema>, now: number): Quote | null {
	// No price is no price, and a price of zero is not a gift.
	if (row.price === null || !(row.price.min > 0) || row.price.min > HIGHEST_USD) return null;
	const memoryGiB = gib(row.ram);
	const formFactor = formFactorOf(row.interface);
	const gpu = canonicalGpu(row.model, { memoryGiB, formFactor });
	if ('refused' in gpu) return null;
	const free = Math.min(row.availability.available, row.availability.total);
	const quote = quoteSchema.safeParse({
		key: offerKey(ID, `${row.model}/${row.ram}/${row.interface}`),
		source: ID,
		network: 'akash',
		evidence: 'live',
		observedAt: now,
		meaning: 'bid-history',
		upstream: null,
		gpu: {
			model: gpu.ok.model,
			formFactor: formFactor === 'unknown' ? gpu.ok.formFactor : formFactor,
			memoryGiB: memoryGiB ?? gpu.ok.memoryGiB ?? null,
			rawName: `${row.vendor} ${row.model} ${row.ram} ${row.interface}`.slice(0, 200),
		},
		gpus: { numerator: 1, denominator: 1 },
		host: { vcpus: null, ramGiB: null, diskGiB: null },
		region: { continent: 'unknown', country: null, raw: '' },
		price: {
			model: 'token',
			amount: String(row.price.min),
			currency: 'USD',
			exponent: 0,
			per: 'gpu',
			time: 'hour',
			blockMilliseconds: null,
			feeBps: 0,
			includes: ['cpu', 'ram', 'disk'],
		},
		availability: { state: free > 0 ? 'available' : 'none', gpus: free, widest: null },
		quality: { uptimeBps: null, latencyMs: null, ratingBps: null, riskBps: null },
		listing: null,
	});
	return quote.success ? quote.data : null;
}

function gib(text: string): number | null {
	const match = /^(\d{1,4})Gi$/.exec(text);
	return match?.[1] === undefined ? null : Number(match[1]);
}

function formFactorOf(text: string): FormFactor {
	if (/^sxm\d?$/i.test(text)) return 'sxm';
	if (/^pcie$/i.test(text)) return 'pcie';
	if (/^nvl$/i.test(text)) return 'nvl';
	return 'unknown';
}
