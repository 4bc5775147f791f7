/**
 * Akash: what was bid for GPUs in the last weeks. Documented at akash.network/docs (Console API, `GET /v1/gpu-prices`), keyless.
 *
 * The figures are USD per GPU-hour computed by Akash from past bids, not offers anybody stands by: a model can have a price and no free GPU, or free GPUs
 * and no price. The binding price is a bid on one's own deployment.
 */
import type { FormFactor } from '@necto/core';
import { z } from 'zod';
import { Offers } from './offers.ts';
import { type SourceAnswer, type SourceDefinition, SourceError } from './source.ts';

const modelSchema = z.object({
	vendor: z.string(),
	model: z.string(),
	ram: z.string(),
	interface: z.string(),
	availability: z.object({ total: z.int().min(0), available: z.int().min(0) }),
	price: z.object({ currency: z.literal('USD'), min: z.number() }).nullable(),
});

const answerSchema = z.object({ models: z.array(z.unknown()) });

export const akash: SourceDefinition = {
	id: 'akash',
	name: 'Akash',
	network: 'akash',
	url: 'https://akash.network/pricing/gpus/',
	about: 'The lowest bid of the last weeks for each GPU; the binding price is a bid on a deployment of one’s own.',
	prefix: 'AKASH',
	baseUrl: 'https://console-api.akash.network',
	keys: [],
	needsKeys: false,
	refreshSeconds: 300,
	fetch: async ({ http, now }, { baseUrl }) => read(await http.json(`${baseUrl}/v1/gpu-prices`), now),
	read,
};

function read(body: unknown, taken: number): SourceAnswer {
	const answer = answerSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list GPU models.');
	return new Offers(akash, taken)
		.read(answer.data.models, modelSchema, (row) => {
			if (row.price === null) return 'no price';
			const free = Math.min(row.availability.available, row.availability.total);
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
				available: free > 0 ? 'available' : 'none',
				free,
			};
		})
		.answer();
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
