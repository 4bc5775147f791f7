import { isBelievable, isDated, type OfferView, type QuoteJson, seenAgain, type UnixSeconds } from '@necto/core';
import { formatDuration } from '../format.ts';
import { gpuName, wordFor } from '../jobs/words.ts';

/** One row of the market: an offer in the words and figures that the table shows. */
export interface Offer {
	key: string;
	/** `H100`. */
	gpu: string;
	/** `SXM · 80 GiB`. */
	build: string;
	/** `akash`, `necto`. */
	network: string;
	/** Who offers it: the provider of a listing, the cloud behind a broker, or the network itself. */
	provider: string;
	/** Micro-USD per GPU-hour; null when the price cannot be compared. */
	price: bigint | null;
	/** Of the job that the query names, in micro-USD; null without a job or a price. */
	cost: { total: bigint; perGpuHour: bigint } | null;
	/** As published: `31.92 USD / h for 8 GPUs`. */
	native: string;
	/** `Europe`; `Not stated`. */
	region: string;
	/** Where exactly, as far as the source says: `DE, Frankfurt am Main`; `Germany, DE` names its country itself. */
	place: string;
	/** Free GPUs in figures, `?` when nobody says. */
	free: string;
	/** What is known of uptime, interruptions and the like, the weightiest first. */
	quality: string;
	/** Of the oldest figure that its price is made of, which is its age. Unix seconds. */
	pricedAt: UnixSeconds;
	/** When the quote itself was seen. Unix seconds. */
	observedAt: UnixSeconds;
	/** The provider is fictional, as its name says. */
	demo: boolean;
	/** Its price is not of now: a dated figure stands in for a live one, or its token's price is old. */
	dated: boolean;
	/** It is no longer there, and stays in its place only until somebody lets the list move. */
	gone: boolean;
	view: OfferView;
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
	oracle: 'Oracle Cloud',
	runpod: 'RunPod',
	vast: 'Vast.ai',
	prime: 'Prime Intellect',
	primeintellect: 'Prime Intellect',
	lambda: 'Lambda',
	nosana: 'Nosana',
	zerog: '0G',
	'0g': '0G',
	'zerog-compute': '0G Compute',
	cudo: 'CUDO Compute',
	openrouter: 'OpenRouter',
	coingecko: 'CoinGecko',
};

/** A network's name for people; one that is not known here keeps its own. */
export function networkName(network: string): string {
	return NETWORKS[network] ?? wordFor(network);
}

/** The row of one offer as the agent gives it. */
export function offerOf(view: OfferView): Offer {
	const { quote, cost } = view;
	const { gpu, region } = quote;
	return {
		key: quote.key,
		gpu: gpuName(gpu.model),
		build: buildOf(quote),
		network: quote.network,
		provider: quote.listing?.providerName ?? quote.upstream?.cloud ?? networkName(quote.network),
		price: view.usdPerGpuHour === null ? null : BigInt(view.usdPerGpuHour),
		cost: cost === null ? null : { total: BigInt(cost.total), perGpuHour: BigInt(cost.perGpuHour) },
		native: nativePrice(view),
		region: region.continent === 'unknown' ? 'Not stated' : wordFor(region.continent),
		place: placeOf(region),
		free: freeOf(quote),
		quality: qualityOf(quote),
		pricedAt: view.pricedAt,
		observedAt: quote.observedAt,
		demo: quote.listing?.providerName.endsWith('(demo)') ?? false,
		dated: isDated(view),
		gone: false,
		view,
	};
}

/** The same offer, confirmed by its source at another time. */
export function seenAt(offer: Offer, observedAt: UnixSeconds): Offer {
	const view = seenAgain(offer.view, observedAt);
	return { ...offer, pricedAt: view.pricedAt, observedAt, view };
}

function placeOf({ country, raw }: QuoteJson['region']): string {
	if (country === null || raw.split(/[\s,]+/).includes(country)) return raw;
	return raw === '' ? country : `${country}, ${raw}`;
}

/** `SXM · 80 GiB`, and of a machine with several `SXM · 80 GiB · 8 GPUs`. */
function buildOf({ gpu, gpus }: QuoteJson): string {
	const parts = [
		gpu.formFactor === 'unknown' ? null : wordFor(gpu.formFactor),
		gpu.memoryGiB === null ? null : `${gpu.memoryGiB} GiB`,
		gpus.numerator === 1 && gpus.denominator === 1 ? null : unitOf(gpus),
	].filter((part) => part !== null);
	return parts.join(' · ') || 'Build unknown';
}

/** The lowest price that may be called one: of what somebody asks and nobody doubts, and of today if anything is. Null when there is none. */
export function cheapestOf(offers: readonly Offer[]): (Offer & { price: bigint }) | null {
	let cheapest: (Offer & { price: bigint }) | null = null;
	for (const offer of offers) {
		const { price } = offer;
		if (price === null || offer.gone || !isBelievable(offer.view)) continue;
		const isBetter = cheapest !== null && (cheapest.dated === offer.dated ? price < cheapest.price : cheapest.dated);
		if (cheapest === null || isBetter) cheapest = { ...offer, price };
	}
	return cheapest;
}

/** What is priced: `8 GPUs`, `1/6 GPU`. */
export function unitOf({ numerator, denominator }: QuoteJson['gpus']): string {
	if (denominator !== 1) return `${numerator}/${denominator} GPU`;
	return numerator === 1 ? '1 GPU' : `${numerator} GPUs`;
}

function freeOf({ availability }: QuoteJson): string {
	if (availability.state === 'none') return '0';
	if (availability.gpus !== null) return availability.gpus.toLocaleString('en');
	return availability.state === 'available' ? 'Yes' : '?';
}

/** `1.29 USD / GPU-hour`, `0.00339893 ACT / GPU-block`, `31.92 USD / h for 8 GPUs`. */
export function nativePrice({ quote }: Pick<OfferView, 'quote'>): string {
	const { price, gpus, listing } = quote;
	if (price.model === 'dynamic' && listing !== null) return 'moves with demand';
	const amount = trimZeros(scaleDown(price.amount, price.exponent));
	const one = gpus.numerator === 1 && gpus.denominator === 1;
	if (price.per === 'gpu' || one) return `${amount} ${price.currency} / GPU-${price.time}`;
	return `${amount} ${price.currency} / ${price.time === 'hour' ? 'h' : price.time} for ${unitOf(gpus)}`;
}

/** `about 5 % a month, 2 min notice`; null when nobody says how often such machines are taken back. */
export function interruptionOf({ interruption }: Pick<QuoteJson, 'interruption'>): string | null {
	if (interruption === undefined) return null;
	const { monthlyBps, bound, noticeSeconds } = interruption;
	const word = { about: 'about', 'at-most': 'at most', 'at-least': 'more than' }[bound];
	const notice = noticeSeconds === null ? '' : `, ${formatDuration(noticeSeconds)} notice`;
	return `${word} ${monthlyBps / 100} % a month${notice}`;
}

/** What is known of the quality, for the row; empty when nothing is known. */
function qualityOf(quote: QuoteJson): string {
	const { quality } = quote;
	const interruption = interruptionOf(quote);
	const known = [
		interruption === null ? null : `Taken back ${interruption}`,
		quality.uptimeBps === null ? null : `${quality.uptimeBps / 100} % uptime`,
		quality.ratingBps === null ? null : `Rated ${quality.ratingBps / 100} of 100`,
		quality.latencyMs === null ? null : `${quality.latencyMs} ms`,
		// A place on a scale, not a chance: the published chance, where there is one, is said instead.
		quality.riskBps === null || interruption !== null ? null : riskWords(quality.riskBps),
	];
	return known.filter((each) => each !== null).join(', ');
}

/** The end of a scale says which class it is, and not that anything is certain to happen. */
function riskWords(bps: number): string {
	return bps === 10_000 ? 'Highest class of risk' : `Risk ${bps / 100} of 100`;
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
