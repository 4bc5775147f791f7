import {
	canonicalGpu,
	type Decision,
	decide,
	defaultPolicy,
	type GpuHints,
	type JobRequest,
	type Quote,
	regionOf,
	type TokenPrice,
} from '../../src/index.ts';
import { price, quote, REGISTRY, request, snapshot } from '../build.ts';

/** What a source publishes in one row, in its own words. */
export interface Row {
	id: string;
	gpu: string;
	hints?: GpuHints;
	region?: string;
	usd?: string;
	parts?: Partial<Quote>;
	priced?: Partial<Quote['price']>;
}

/** The quote that a row makes, or none: the way that every source takes. */
export function offerOf({
	id,
	gpu,
	hints = {},
	region = 'us-east-1',
	usd = '2.00',
	parts = {},
	priced = {},
}: Row): Quote[] {
	const found = canonicalGpu(gpu, hints);
	if (!('ok' in found)) return [];
	const { model, formFactor, memoryGiB = null } = found.ok;
	return [
		quote({
			id,
			gpu: { model, formFactor, memoryGiB, rawName: gpu },
			region: regionOf(region),
			price: price({ amount: usd, ...priced }),
			...parts,
		}),
	];
}

const job = { chainId: 31337, registry: REGISTRY, id: null, requester: null };

export function decideOn(
	rows: readonly Row[],
	wanted: Partial<JobRequest> = {},
	tokenPrices: TokenPrice[] = [],
): Decision {
	const market = snapshot(rows.flatMap(offerOf), { tokenPrices });
	return decide({ job, request: request(wanted), snapshot: market, policy: defaultPolicy });
}

/** What is in, best first. */
export function idsOf({ ranking }: Decision): string[] {
	return ranking.map(({ key }) => key.slice('lambda:'.length));
}

/** What is out, and by which rule. */
export function rulesOf({ exclusions }: Decision): Record<string, string> {
	return Object.fromEntries(exclusions.map(({ key, rule }) => [key.slice('lambda:'.length), rule]));
}
