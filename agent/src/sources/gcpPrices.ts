/** Prices of machines' parts at Google, by usage and region, with an account of every row that was read. */
import { partOf, reasonFor, type Sku, type Usage, usageOf } from './gcpParts.ts';

/** Nano-dollars for an hour of one GPU, slice, core or gigabyte; `several` where the catalogue has two different ones. */
export type PartPrice = bigint | 'several';

interface Entry {
	nanos: PartPrice;
	rows: number[];
}

export class GcpPrices {
	readonly #now: number;
	readonly #entries = new Map<string, Entry>();
	readonly #regions: Record<Usage, Set<string>> = { 'on-demand': new Set(), spot: new Set() };
	/** Rows with a price, by what they are about; those that made or explained a machine are taken out. */
	readonly #idle = new Map<number, string>();
	#rows = 0;

	/** @param now unix seconds, at which the prices have to hold */
	constructor(now: number) {
		this.#now = now;
	}

	/** @returns the reason when the row is no price of a machine's part that holds now */
	add(sku: Sku): string | null {
		const part = partOf(sku.description);
		if (part === null) return reasonFor(sku);
		const usage = usageOf(sku);
		if (usage === null) return 'bound for a time';
		const price = this.#currentOf(sku.pricingInfo);
		if (price === null) return 'not valid now';
		const rate = price.tieredRates.find(({ startUsageAmount }) => startUsageAmount === 0)?.unitPrice;
		if (rate === undefined) return 'no price';
		// What more than so many hours cost is not what one costs.
		if (price.tieredRates.length > 1) return 'price in tiers';
		if (rate.currencyCode !== 'USD') return 'price in another currency';
		if (price.usageUnit !== (part.startsWith('ram') ? 'GiBy.h' : 'h')) return 'unit not known';
		const nanos = BigInt(rate.units) * 1_000_000_000n + BigInt(rate.nanos);
		if (nanos === 0n) return 'no price';
		if (sku.serviceRegions.length === 0) return 'no region';
		const row = this.#rows++;
		this.#idle.set(row, part);
		for (const region of sku.serviceRegions) {
			const key = `${usage} ${region} ${part}`;
			const known = this.#entries.get(key);
			if (known === undefined) this.#entries.set(key, { nanos, rows: [row] });
			else {
				known.rows.push(row);
				if (known.nanos !== nanos) known.nanos = 'several';
			}
			if (/^(?:gpu|slice)/.test(part)) this.#regions[usage].add(region);
		}
		return null;
	}

	/** The price of a part; the rows behind it count as accounted for. */
	take(usage: Usage, region: string, part: string): PartPrice | undefined {
		const entry = this.#entries.get(`${usage} ${region} ${part}`);
		for (const row of entry?.rows ?? []) this.#idle.delete(row);
		return entry?.nanos;
	}

	regionsWithGpus(usage: Usage): string[] {
		return [...this.#regions[usage]].sort();
	}

	/** Why each row that was taken for no machine makes no offer. */
	get unused(): string[] {
		return [...this.#idle.values()].map((part) =>
			/^(?:gpu|slice)/.test(part) ? 'GPU without a known machine' : 'host without a GPU',
		);
	}

	/** Of several prices the one that holds now: the latest that has begun. Without times the last, as the catalogue lists them in their order. */
	#currentOf(prices: Sku['pricingInfo']): Sku['pricingInfo'][number]['pricingExpression'] | null {
		const begun = prices
			.map(({ effectiveTime, pricingExpression }) => ({
				at: effectiveTime == null ? Number.NEGATIVE_INFINITY : Date.parse(effectiveTime) / 1_000,
				pricingExpression,
			}))
			.filter(({ at }) => at <= this.#now);
		const latest = begun.reduce<(typeof begun)[number] | null>(
			(best, each) => (best === null || each.at >= best.at ? each : best),
			null,
		);
		return latest?.pricingExpression ?? null;
	}
}
