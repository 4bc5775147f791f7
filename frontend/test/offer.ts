import { type OfferView, offerViewSchema } from '@necto/core';

/** For tests: an offer as the agent gives it, checked by the agent's own schema. */
export interface OfferShape {
	key?: string;
	model?: string;
	network?: string;
	usd?: string | null;
	observedAt?: number;
	free?: number | null;
	continent?: string;
	country?: string | null;
	routable?: boolean;
	evidence?: string;
	price?: Partial<{ model: string; amount: string; currency: string; exponent: number; per: string; time: string }>;
	gpus?: { numerator: number; denominator: number };
}

export function offerView(shape: OfferShape = {}): OfferView {
	const routable = shape.routable ?? false;
	const usd = shape.usd === undefined ? '1890000' : shape.usd;
	return offerViewSchema.parse({
		quote: {
			key: shape.key ?? 'akash:h100',
			source: 'akash',
			network: shape.network ?? 'akash',
			evidence: shape.evidence ?? 'live',
			observedAt: shape.observedAt ?? 1_790_000_000,
			meaning: 'offer',
			upstream: null,
			gpu: { model: shape.model ?? 'h100', formFactor: 'sxm', memoryGiB: 80, rawName: 'NVIDIA H100 80GB HBM3' },
			gpus: shape.gpus ?? { numerator: 1, denominator: 1 },
			host: { vcpus: 26, ramGiB: 225, diskGiB: null },
			region: {
				continent: shape.continent ?? 'europe',
				country: shape.country === undefined ? 'DE' : shape.country,
				raw: 'Frankfurt',
			},
			price: {
				model: 'fixed',
				amount: '1.89',
				currency: 'USD',
				exponent: 0,
				per: 'gpu',
				time: 'hour',
				blockMilliseconds: null,
				feeBps: 0,
				includes: [],
				...shape.price,
			},
			availability: { state: 'available', gpus: shape.free === undefined ? 8 : shape.free, widest: 8 },
			quality: { uptimeBps: 9_990, latencyMs: null, ratingBps: null, riskBps: null },
			listing: routable
				? {
						id: 7,
						version: 3,
						providerId: 1,
						provider: `0x${'ab'.repeat(20)}`,
						providerName: 'Nordlicht Compute (demo)',
						name: 'Rack 4',
						kind: 'own',
						total: 16,
						reserved: 8,
						offline: false,
						floor: '0',
						ceiling: '0',
						availableFrom: 0,
						availableUntil: 0,
						tiers: [],
						attestations: [],
						restricted: false,
					}
				: null,
		},
		usdPerGpuHour: usd,
		steps: [{ name: 'native', formula: '1.89 USD per GPU-hour', value: '1.89', unit: 'USD per GPU-hour' }],
		refusal: usd === null ? { code: 'stale-token-price', message: 'The price of AKT is 2 h old.' } : null,
		routable,
		ageSeconds: 0,
	});
}
