/**
 * Nosana: markets, each for one GPU model in one tier. Documented at nosana.com/pricing.md and api.nosana.com/openapi.json (`GET /api/markets/`), keyless.
 *
 * `usd_reward_per_hour` is what the host gets; the renter pays the network's fee on top. That is how Nosana's own dashboard shows prices, and what makes
 * them round: 0.218175 and 10 % are 0.24. Markets for boxes of eight cards are priced for the whole box and say so in their name only. Hosts may all be
 * busy; the list does not tell.
 */
import { canonicalGpu, namesSlice, scaledDecimal } from '@necto/core';
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { decimalText, Offers } from './reading/offers.ts';
import { listOf } from './reading/parts.ts';
import { isSameCard, leavesOpen } from './reading/statements.ts';

const TIERS = 'PREMIUM,COMMUNITY,OTHER';

const marketSchema = z.object({
	address: z.string().min(1),
	slug: z.string(),
	name: z.string(),
	type: z.string(),
	usd_reward_per_hour: z.number().nullish(),
	network_fee_percentage: z.number().min(0).max(1_000).nullish(),
	gpu_types: z.array(z.string()).nullish(),
	lowest_vram: z.number().positive().nullish(),
});
type Market = z.output<typeof marketSchema>;

export const nosana: SourceDefinition = {
	id: 'nosana',
	name: 'Nosana',
	network: 'nosana',
	url: 'https://nosana.com/pricing',
	about:
		'What a market’s renter pays: the published reward of the host and the network’s fee. Hosts may be busy, and the region cannot be chosen.',
	prefix: 'NOSANA',
	baseUrl: 'https://api.nosana.com',
	keys: [],
	needsKeys: false,
	options: { NOSANA_MARKETS: { value: TIERS, about: 'Tiers of markets to show, separated by commas.' } },
	refreshSeconds: 300,
	fetch: async ({ http, now }, { baseUrl, options }) =>
		read(await http.json(`${baseUrl}/api/markets/`), now, options.NOSANA_MARKETS),
	read: (body, taken) => read(body, taken),
};

function read(body: unknown, taken: number, wanted = TIERS): SourceAnswer {
	// All markets, or the one of `GET /api/markets/{address}`.
	const rows = z.array(z.unknown()).safeParse(marketSchema.safeParse(body).success ? [body] : body);
	if (!rows.success) throw new SourceError('shape', 'Its answer does not list markets.');
	const tiers = new Set(listOf(wanted).map((tier) => tier.toUpperCase()));
	return new Offers(nosana, taken)
		.read(rows.data, marketSchema, (market) => {
			if (!tiers.has(market.type.toUpperCase())) return 'in a tier that is not wanted';
			if (market.usd_reward_per_hour == null) return 'no price';
			const feeBps = feeOf(market);
			if (feeBps === null) return 'fee not known';
			const cards = cardsOf(market);
			if (cards === null) return 'number of cards not clear';
			return {
				id: market.address,
				gpu: gpuOf(market),
				texts: [...[market.name, market.slug].filter(namesSlice), ...telling(market.gpu_types ?? [], gpuOf(market))],
				// Of a box it is not said whether it is of one card or of all.
				memoryGiB: cards === 1 ? market.lowest_vram : null,
				gpus: cards,
				pricing: 'token',
				meaning: 'list-price',
				amount: market.usd_reward_per_hour,
				feeBps,
				per: 'instance',
				includes: ['cpu', 'ram', 'disk'],
				rental: { minSeconds: 0, prepaid: null },
			};
		})
		.answer();
}

function feeOf({ network_fee_percentage: percent }: Market): number | null {
	if (percent == null) return null;
	try {
		return Number(scaledDecimal(decimalText(percent), 2));
	} catch {
		return null;
	}
}

/** `nvidia-8x-h100` is eight cards; a name without a number is one. Null when slug and name disagree. */
function cardsOf({ slug, name }: Market): number | null {
	const told = [slug, name].flatMap((text) => {
		const [, count] = /(?:^|[^a-z0-9])(\d{1,2}) ?x(?:[^a-z0-9]|[a-z]{1,3}\d|$)/i.exec(text) ?? [];
		return count === undefined ? [] : [Number(count)];
	});
	const [cards = 1] = told;
	return cards > 0 && told.every((count) => count === cards) ? cards : null;
}

/**
 * The market's name says which model it is for; the types are what its hosts may have, near relatives included. A slug that names a variant (a laptop's
 * card) wins over a name that keeps quiet about it.
 */
function gpuOf({ name, slug, gpu_types: types }: Market): string {
	const told = [name, slug].map((text) => ({ text, found: canonicalGpu(text) }));
	const variant = told.find(({ found }) => 'refused' in found && found.candidates.length > 0);
	const [named, other] = told.flatMap(({ text, found }) => ('ok' in found ? [{ text, model: found.ok.model }] : []));
	const closer = named !== undefined && other?.model.startsWith(named.model) ? other : named;
	const [type, ...others] = types ?? [];
	return variant?.text ?? closer?.text ?? (type !== undefined && others.length === 0 ? type : name);
}

/** Of the types that a market's hosts may have, near relatives included, those that speak against its name: parts of a GPU, and all of them if none is of its model. */
function telling(types: readonly string[], gpu: string): readonly string[] {
	const market = canonicalGpu(gpu);
	if (!('ok' in market)) return [];
	const isOther = types.every((type) => {
		const found = canonicalGpu(type);
		if (!('ok' in found)) return false;
		const [one, other] = [found.ok.model, market.ok.model];
		return !isSameCard(one, other) && !leavesOpen(one, other);
	});
	return isOther ? types : types.filter(namesSlice);
}
