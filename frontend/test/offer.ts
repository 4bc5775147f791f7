import {
	type OffersResponse,
	type OfferView,
	offersResponseSchema,
	offerViewSchema,
	type SourceStatus,
	sourceStatusSchema,
} from '@necto/core';

/** For tests: an offer as the agent gives it, checked by the agent's own schema. */
export interface OfferShape {
	key?: string;
	model?: string;
	network?: string;
	usd?: string | null;
	observedAt?: number;
	pricedAt?: number;
	free?: number | null;
	continent?: string;
	country?: string | null;
	routable?: boolean;
	evidence?: string;
	meaning?: string;
	source?: string;
	formFactor?: string;
	memoryGiB?: number | null;
	doubt?: OfferView['doubt'];
	cost?: { total: string; perGpuHour: string };
	alternatives?: { key: string; source: string; usdPerGpuHour: string }[];
	interruption?: {
		monthlyBps: number;
		bound: string;
		noticeSeconds: number | null;
		source: string;
		observedAt: number;
	};
	rental?: { minSeconds: number | null; prepaid: boolean | null };
	price?: Partial<{ model: string; amount: string; currency: string; exponent: number; per: string; time: string }>;
	gpus?: { numerator: number; denominator: number };
}

export function offerView(shape: OfferShape = {}): OfferView {
	const routable = shape.routable ?? false;
	const usd = shape.usd === undefined ? '1890000' : shape.usd;
	return offerViewSchema.parse({
		quote: {
			key: shape.key ?? 'akash:h100',
			source: shape.source ?? 'akash',
			network: shape.network ?? 'akash',
			evidence: shape.evidence ?? 'live',
			observedAt: shape.observedAt ?? 1_790_000_000,
			meaning: shape.meaning ?? 'offer',
			upstream: null,
			gpu: {
				model: shape.model ?? 'h100',
				formFactor: shape.formFactor ?? 'sxm',
				memoryGiB: shape.memoryGiB === undefined ? 80 : shape.memoryGiB,
				rawName: 'NVIDIA H100 80GB HBM3',
			},
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
			interruption: shape.interruption,
			rental: shape.rental,
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
		pricedAt: shape.pricedAt ?? shape.observedAt ?? 1_790_000_000,
		refusal: usd === null ? { code: 'stale-token-price', message: 'The price of AKT is 2 h old.' } : null,
		routable,
		alternatives: shape.alternatives ?? [],
		doubt: shape.doubt ?? null,
		cost: shape.cost === undefined ? null : { ...shape.cost, steps: [] },
	});
}

/** Offers `s:0`, `s:1`... of these shapes. */
export function offerViews(...shapes: OfferShape[]): OfferView[] {
	return shapes.map((shape, index) => offerView({ key: `s:${index}`, ...shape }));
}

/** For tests: a source as the agent tells of it. */
export function sourceStatus(change: Partial<Record<keyof SourceStatus, unknown>> = {}): SourceStatus {
	return sourceStatusSchema.parse({
		id: 'akash',
		name: 'Akash',
		state: 'fresh',
		fetchedAt: 1_790_000_000,
		failingSince: null,
		quotes: 12,
		left: {},
		note: null,
		url: 'https://akash.network',
		...change,
	});
}

/** For tests: the agent's answer to `GET /offers`. */
export function offersResponse(offers: OfferView[], version = 'v1'): OffersResponse {
	return offersResponseSchema.parse({
		version,
		takenAt: 1_790_000_100,
		block: '7',
		sources: [sourceStatus()],
		tokenPrices: [],
		references: [],
		offers,
		total: offers.length,
		otherTerms: {},
	});
}
