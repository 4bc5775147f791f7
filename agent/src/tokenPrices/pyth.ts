/**
 * Pyth: what its publishers, mostly exchanges and market makers, say. `GET /v2/updates/price/latest` of Hermes (docs.pyth.network, "Get the latest price
 * updates"); since 2026-08-26 only with a key, as `Authorization: Bearer`.
 */
import type { TokenSymbol } from '@necto/core';
import { z } from 'zod';
import { SourceError } from '../sources/asking/source.ts';
import { REFRESH_SECONDS, type TokenPriceDefinition, usdText } from './source.ts';

/** Feeds `Crypto.AKT/USD` and so on, by docs.pyth.network's list of price feed ids. */
const FEEDS: Readonly<Record<string, TokenSymbol>> = {
	'4ea5bb4d2f5900cc2e97ba534240950740b4d3b89fe712a94a7304fd2fd92702': 'AKT',
	'82595d1509b770fa52681e260af4dda9752b87316d7c048535d8ead3fa856eb1': 'IO',
	'3d4a2bd9535be6ce8059d75eadeba507b043257321aa544717c56fa19b49e35d': 'RENDER',
	f6b551a947e7990089e2d5149b1e44b369fcc6ad3627cb822362a2b19d24ad4a: 'ATH',
};

/** Confidence beyond which the publishers do not agree, in basis points of the price. */
const WIDEST_BPS = 500n;

const whole = z.string().regex(/^\d{1,20}$/);
const feedSchema = z.object({
	id: z.string(),
	price: z.object({ price: whole, conf: whole, expo: z.int().min(-18).max(0), publish_time: z.int().positive() }),
});
const answerSchema = z.object({ parsed: z.array(z.unknown()) });

export const pyth: TokenPriceDefinition = {
	id: 'pyth',
	name: 'Pyth',
	url: 'https://www.pyth.network/price-feeds',
	about: 'The aggregate of Pyth’s publishers, with its time.',
	prefix: 'PYTH',
	baseUrl: 'https://hermes.pyth.network',
	keys: ['PYTH_API_KEY'],
	needsKeys: true,
	refreshSeconds: REFRESH_SECONDS,
	async fetch({ http }, { baseUrl, keys }) {
		const ids = Object.keys(FEEDS).map((id) => `ids%5B%5D=${id}`);
		const [key] = keys ?? [];
		const answer = answerSchema.safeParse(
			await http.json(
				`${baseUrl}/v2/updates/price/latest?${ids.join('&')}&parsed=true&ignore_invalid_price_ids=true`,
				key === undefined ? {} : { headers: { authorization: `Bearer ${key.reveal()}` } },
			),
		);
		if (!answer.success) throw new SourceError('shape', 'Its answer holds no parsed prices.');
		return answer.data.parsed.flatMap((row) => {
			const feed = feedSchema.safeParse(row);
			if (!feed.success) return [];
			const { price, conf, expo, publish_time: observedAt } = feed.data.price;
			const symbol = FEEDS[feed.data.id.replace(/^0x/, '').toLowerCase()];
			if (symbol === undefined || BigInt(conf) * 10_000n > BigInt(price) * WIDEST_BPS) return [];
			const usd = usdText(shifted(price, -expo));
			return usd === null ? [] : [{ symbol, usd, observedAt }];
		});
	},
};

/** `digits × 10^-places` as a decimal. */
function shifted(digits: string, places: number): string {
	const padded = digits.padStart(places + 1, '0');
	const at = padded.length - places;
	const whole = padded.slice(0, at).replace(/^0+(?=\d)/, '');
	return places === 0 ? whole : `${whole}.${padded.slice(at)}`;
}
