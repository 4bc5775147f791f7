import type { OfferView } from '@necto/core';
import { gpuName, wordFor } from '../jobs/words.ts';

/** One row of the market: an offer in the words and figures that the table shows, sorts and searches by. */
export interface Offer {
	key: string;
	/** `H100`. */
	gpu: string;
	/** Catalogue key. */
	model: string;
	/** `SXM · 80 GiB`. */
	build: string;
	memoryGiB: number | null;
	/** Catalogue of networks: `akash`, `necto`. */
	network: string;
	/** Who offers it: the provider of a listing, the cloud behind a broker, or the network itself. */
	provider: string;
	/** Micro-USD per GPU-hour; null when the price cannot be compared. */
	price: bigint | null;
	/** As published: `31.92 USD / hour for 8 GPUs`. */
	native: string;
	pricing: 'fixed' | 'dynamic' | 'token';
	continent: string;
	/** `Europe`; `Not said`. */
	region: string;
	/** Where exactly, as far as the source says: `DE, Frankfurt am Main`. */
	place: string;
	/** Free GPUs; null when not known. */
	free: number | null;
	availability: 'available' | 'none' | 'unknown';
	/** What is known of uptime and the like, shortest first: `99.9 % uptime`. */
	quality: string;
	/** Unix seconds. */
	observedAt: number;
	routable: boolean;
	/** A dated figure stands in for a live one. */
	dated: boolean;
	view: OfferView;
	/** Lower case, for the search. */
	haystack: string;
}

const NETWORKS: Readonly<Record<string, string>> = {
	necto: 'Necto',
	akash: 'Akash',
	'io-net': 'io.net',
	io: 'io.net',
	aws: 'AWS',
	'aws-spot': 'AWS spot',
	gcp: 'Google Cloud',
	azure: 'Azure',
	runpod: 'RunPod',
	vast: 'Vast.ai',
	prime: 'Prime Intellect',
	primeintellect: 'Prime Intellect',
};

/** A network's name for people; one that is not known here keeps its own. */
export function networkName(network: string): string {
	return NETWORKS[network] ?? wordFor(network);
}

/** The row of one offer as the agent gives it. */
export function offerOf(view: OfferView): Offer {
	const { quote } = view;
	const { gpu, region } = quote;
	const parts = [
		gpu.formFactor === 'unknown' ? null : wordFor(gpu.formFactor),
		gpu.memoryGiB === null ? null : `${gpu.memoryGiB} GiB`,
	].filter((part) => part !== null);
	const row = {
		key: quote.key,
		gpu: gpuName(gpu.model),
		model: gpu.model,
		build: parts.join(' · ') || 'Build unknown',
		memoryGiB: gpu.memoryGiB,
		network: quote.network,
		provider: quote.listing?.providerName ?? quote.upstream?.cloud ?? networkName(quote.network),
		price: view.usdPerGpuHour === null ? null : BigInt(view.usdPerGpuHour),
		native: nativePrice(view),
		pricing: quote.price.model,
		continent: region.continent,
		region: region.continent === 'unknown' ? 'Not said' : wordFor(region.continent),
		place: [region.country, region.raw].filter((part) => part !== null && part !== '').join(', '),
		free: quote.availability.gpus,
		availability: quote.availability.state,
		quality: qualityOf(view),
		observedAt: quote.observedAt,
		routable: view.routable,
		dated: quote.evidence === 'snapshot',
		view,
	};
	const words = [
		row.gpu,
		row.model,
		row.build,
		networkName(row.network),
		row.provider,
		row.region,
		row.place,
		gpu.rawName,
		quote.source,
	];
	return { ...row, haystack: words.join(' ').toLowerCase() };
}

/** `1.29 USD / GPU-hour`, `3398.93 µACT / block per GPU`, `31.92 USD / hour for 8 GPUs`. */
export function nativePrice({ quote }: Pick<OfferView, 'quote'>): string {
	const { price, gpus, listing } = quote;
	if (price.model === 'dynamic' && listing !== null) return 'moves with demand';
	const amount = trimZeros(scaleDown(price.amount, price.exponent));
	const one = gpus.numerator === 1 && gpus.denominator === 1;
	if (price.per === 'gpu' || one) return `${amount} ${price.currency} / GPU-${price.time}`;
	const count = gpus.denominator === 1 ? `${gpus.numerator} GPUs` : `${gpus.numerator}/${gpus.denominator} GPU`;
	return `${amount} ${price.currency} / ${price.time} for ${count}`;
}

/** `quality` in words for the row; empty when nothing is known. */
function qualityOf({ quote: { quality } }: OfferView): string {
	const known = [
		quality.uptimeBps === null ? null : `${quality.uptimeBps / 100} % uptime`,
		quality.ratingBps === null ? null : `${quality.ratingBps / 100} % rating`,
		quality.latencyMs === null ? null : `${quality.latencyMs} ms`,
		quality.riskBps === null ? null : `${quality.riskBps / 100} % risk`,
	];
	return known.filter((each) => each !== null).join(', ');
}

/** Moves the decimal point to the left without ever making a float of the amount. */
function scaleDown(amount: string, exponent: number): string {
	if (exponent === 0 || !/^\d+(\.\d+)?$/.test(amount)) return amount;
	const [whole = '0', fraction = ''] = amount.split('.');
	const digits = whole.padStart(exponent + 1, '0');
	return `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}${fraction}`;
}

function trimZeros(amount: string): string {
	return amount.includes('.') ? amount.replace(/0+$/, '').replace(/\.$/, '') : amount;
}
