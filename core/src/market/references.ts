import type { MicroUsd } from '../ids.ts';
import { divide, formatRational, formatUsd } from '../money.ts';
import type { Quote } from '../offer/quote.ts';
import { byText } from '../snapshot/snapshot.ts';
import type { Reference } from '../wire/market.ts';
import { dayOf } from './cost.ts';
import type { OfferRow } from './row.ts';

/** The clouds whose on-demand prices others are held against. */
export const REFERENCE_CLOUDS = ['aws', 'gcp', 'azure'] as const;

/**
 * Each cloud's cheapest on-demand list price that is to be believed, for every GPU model, form factor and memory it has; in the order of model, form factor,
 * memory, cloud.
 */
export function referencesOf(rows: readonly OfferRow[]): Reference[] {
	const cheapest = new Map<string, OfferRow & { usdPerGpuHour: MicroUsd }>();
	for (const row of rows) {
		const { quote, usdPerGpuHour, believable } = row;
		if (usdPerGpuHour === null || !believable || !isOnDemand(quote)) continue;
		const { model, formFactor, memoryGiB } = quote.gpu;
		const name = `${model} ${formFactor} ${memoryGiB} ${quote.source}`;
		const best = cheapest.get(name);
		if (
			best === undefined ||
			usdPerGpuHour < best.usdPerGpuHour ||
			(usdPerGpuHour === best.usdPerGpuHour && byText(quote.key, best.quote.key) < 0)
		) {
			cheapest.set(name, { ...row, usdPerGpuHour });
		}
	}
	return [...cheapest]
		.toSorted(([a], [b]) => byText(a, b))
		.map(([, { quote, usdPerGpuHour, pricedAt }]) => ({
			cloud: quote.source,
			gpuModel: quote.gpu.model,
			formFactor: quote.gpu.formFactor,
			memoryGiB: quote.gpu.memoryGiB,
			key: quote.key,
			gpus: sizeOf(quote),
			region: quote.region.raw,
			usdPerGpuHour: `${usdPerGpuHour}`,
			observedAt: pricedAt,
		}));
}

function isOnDemand({ source, price, meaning }: Quote): boolean {
	return REFERENCE_CLOUDS.some((cloud) => cloud === source) && price.model === 'fixed' && meaning === 'list-price';
}

function sizeOf({ gpus: { numerator, denominator } }: Quote): string {
	return denominator === 1 ? `${numerator}` : `${numerator}/${denominator}`;
}

/** What an offer is held against a cloud's price with. */
export interface Compared {
	gpu: Pick<Quote['gpu'], 'model' | 'formFactor' | 'memoryGiB'>;
	usdPerGpuHour: MicroUsd;
	observedAt: number;
}

/** How an offer's price stands to a cloud's on-demand price for the same GPU. */
export interface Savings {
	reference: Reference;
	/** Micro-USD per GPU-hour; below zero the offer is dearer. */
	saved: bigint;
	/** Of the cloud's price, in basis points, rounded down: never more than is saved. */
	bps: number;
	/** The arithmetic in words, with both figures, their dates and the machine that the cloud sells. */
	text: string;
}

/**
 * The lowest of the clouds' prices for the same GPU, so that no saving is made larger by a dear cloud. What the offer does not say of its form factor or
 * memory is taken as any; null when no cloud sells the like.
 */
export function referenceFor(gpu: Compared['gpu'], references: readonly Reference[]): Reference | null {
	const alike = references.filter(
		(reference) =>
			reference.gpuModel === gpu.model &&
			(gpu.formFactor === 'unknown' || reference.formFactor === gpu.formFactor) &&
			(gpu.memoryGiB === null || reference.memoryGiB === gpu.memoryGiB),
	);
	return alike.reduce<Reference | null>(
		(best, each) => (best === null || BigInt(each.usdPerGpuHour) < BigInt(best.usdPerGpuHour) ? each : best),
		null,
	);
}

/** What an offer saves against the clouds, or costs more; null when there is nothing to hold it against. */
export function savingsAgainst(offer: Compared, references: readonly Reference[]): Savings | null {
	const reference = referenceFor(offer.gpu, references);
	if (reference === null) return null;
	const cloudPrice = BigInt(reference.usdPerGpuHour);
	if (cloudPrice === 0n) return null;
	const saved = cloudPrice - offer.usdPerGpuHour;
	const bps = divide(saved * 10_000n, cloudPrice, 'floor');
	const percent = formatRational({ numerator: bps < 0n ? -bps : bps, denominator: 100n });
	const machine = `${reference.gpus} ${reference.gpus === '1' ? 'GPU' : 'GPUs'}`;
	const result = saved === 0n ? 'the same' : saved < 0n ? `${percent}% dearer` : `${percent}% less`;
	const text =
		`(${formatUsd(cloudPrice)} − ${formatUsd(offer.usdPerGpuHour)}) ÷ ${formatUsd(cloudPrice)} = ${result} per GPU-hour: ` +
		`${formatUsd(offer.usdPerGpuHour)} on ${dayOf(offer.observedAt)} against ${reference.cloud} on demand, ` +
		`${formatUsd(cloudPrice)} on ${dayOf(reference.observedAt)}, sold by ${machine} in ${reference.region}`;
	return { reference, saved, bps: Number(bps), text };
}
