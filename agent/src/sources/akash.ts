/**
 * Akash: what was bid for GPUs in the last weeks, and the bids on a deployment of one's own. Documented at akash.network/docs (Console API).
 *
 * `GET /v1/gpu-prices`, keyless: USD per GPU-hour computed by Akash from past bids, not offers anybody stands by. A model can have a price and no free GPU,
 * or free GPUs and no price, and rows of one model share prices whatever their memory. The binding price is a bid, which takes a key and a deployment.
 *
 * `GET /v1/providers` names the GPU models of each provider without a price or a count. Nothing of it is laid beside the history: which provider made the
 * lowest bid is not said, so its region and uptime would be somebody else's. Beside a bid, which names its provider, they belong.
 */
import type { FormFactor } from '@necto/core';
import { z } from 'zod';
import { addBids, blockTimeOf, isBids, providersOf } from './akashBids.ts';
import {
	type FetchContext,
	type SourceAnswer,
	type SourceDefinition,
	SourceError,
	type SourceSettings,
} from './asking/source.ts';
import { freeCount } from './reading/counts.ts';
import { Offers } from './reading/offers.ts';
import { partOf } from './reading/parts.ts';

const modelSchema = z.object({
	vendor: z.string(),
	model: z.string(),
	ram: z.string(),
	interface: z.string(),
	availability: z.object({ total: freeCount, available: freeCount }).catch({ total: null, available: null }),
	price: z.object({ currency: z.string(), min: z.number() }).nullable(),
});

const answerSchema = z.object({ models: z.array(z.unknown()) });

export const akash: SourceDefinition = {
	id: 'akash',
	name: 'Akash',
	network: 'akash',
	url: 'https://akash.network/pricing/gpus/',
	about:
		'The lowest bid of the last weeks for each GPU: a history. With AKASH_DSEQ also the bids on that deployment, which bind. A bid in ACT counts as US dollars, for which ACT is minted.',
	prefix: 'AKASH',
	baseUrl: 'https://console-api.akash.network',
	keys: ['AKASH_API_KEY'],
	needsKeys: false,
	options: {
		AKASH_DSEQ: { value: '', about: 'Number of a deployment of your own whose bids are shown. Needs AKASH_API_KEY.' },
	},
	refreshSeconds: 300,
	// An answer that its server does not have ready took 16 seconds.
	timeoutMs: 30_000,
	fetch: async (context, settings) => {
		const offers = history(await context.http.json(`${settings.baseUrl}/v1/gpu-prices`), context.now);
		await readBids(offers, context, settings);
		return offers.answer();
	},
	// Either of its two answers. How long a block takes is not in a file of bids: the time that Akash states counts.
	read: (body, taken): SourceAnswer => {
		if (!isBids(body)) return history(body, taken).answer();
		const offers = new Offers(akash, taken);
		addBids(offers, body, blockTimeOf(null), new Map());
		return offers.answer();
	},
};

async function readBids(
	offers: Offers,
	{ http }: FetchContext,
	{ baseUrl, keys, options }: SourceSettings,
): Promise<void> {
	const dseq = options.AKASH_DSEQ ?? '';
	if (dseq === '') return;
	// It is a time in milliseconds nowadays, larger than many numbers can be: digits as they are.
	if (!/^\d{1,20}$/.test(dseq)) return offers.cut('AKASH_DSEQ is not the number of a deployment.');
	const [key] = keys ?? [];
	if (key === undefined) return offers.cut('The bids on AKASH_DSEQ are shown to a key only: set AKASH_API_KEY.');
	await partOf(offers, `The bids on deployment ${dseq}`, async () => {
		const bids = await http.json(`${baseUrl}/v1/bids?dseq=${dseq}`, { headers: { 'x-api-key': key.reveal() } });
		const blocks = await partOf(offers, 'The time of a block', () => http.json(`${baseUrl}/v1/blocks?limit=100`));
		const providers = await partOf(offers, 'Where the bidders stand', async () =>
			providersOf(await http.json(`${baseUrl}/v1/providers`)),
		);
		addBids(offers, bids, blockTimeOf(blocks), providers ?? new Map());
	});
}

/** @throws SourceError when it is not an answer of `/v1/gpu-prices` */
function history(body: unknown, taken: number): Offers {
	const answer = answerSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list GPU models.');
	return new Offers(akash, taken).read(answer.data.models, modelSchema, (row) => {
		if (row.price === null) return 'no price';
		if (row.price.currency !== 'USD') return 'price in another currency';
		const free = freeOf(row.availability);
		return {
			id: `${row.model}/${row.ram}/${row.interface}`,
			gpu: `${row.vendor} ${row.model} ${row.ram} ${row.interface}`,
			memoryGiB: gib(row.ram),
			formFactor: formFactorOf(row.interface),
			pricing: 'token',
			meaning: 'bid-history',
			amount: row.price.min,
			per: 'gpu',
			includes: ['cpu', 'ram', 'disk'],
			available: free === null ? 'unknown' : free > 0 ? 'available' : 'none',
			free,
		};
	});
}

/** Never more than there are; null where either is not known. */
function freeOf({ total, available }: z.output<typeof modelSchema>['availability']): number | null {
	return total === null || available === null ? null : Math.min(available, total);
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
