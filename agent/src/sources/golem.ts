/**
 * Golem: what providers offer on its market, as Golem's own statistics list them. `GET /v2/network/online`, keyless; names of properties as in
 * golemfactory's standards. The documented host `api.stats.golem.network` has given way to `api2`.
 *
 * A price is linear: a coefficient for each counter of `golem.com.usage.vector`, in GLM, and one more at the end that is paid once, at the start. An hour
 * with all threads busy costs `3600 × (duration + cpu × threads)`; the start is no part of an hourly price and is named as what comes on top.
 */
import { parseDecimal, type Rational } from '@necto/core';
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { decimalOf } from './reading/decimals.ts';
import { Offers, type RawOffer } from './reading/offers.ts';

const GPU = 'golem.!exp.gap-35.v1.inf.gpu';

const count = z.number().min(0);
const properties = z.object({
	'golem.com.pricing.model': z.string().optional(),
	// The standard has a handful; exact sums of thousands would take minutes.
	'golem.com.pricing.model.linear.coeffs': z.array(z.number()).max(33),
	'golem.com.usage.vector': z.array(z.string()).max(32),
	'golem.inf.cpu.threads': z.int().min(1),
	'golem.inf.mem.gib': count.optional(),
	'golem.inf.storage.gib': count.optional(),
	// One GPU in older offers, numbered kinds in newer ones.
	[`${GPU}.model`]: z.string().optional(),
	[`${GPU}.memory.total.gib`]: count.optional(),
	[`${GPU}.d0.model`]: z.string().optional(),
	[`${GPU}.d0.quantity`]: z.int().min(1).optional(),
	[`${GPU}.d0.memory.total.gib`]: count.optional(),
	[`${GPU}.d1.model`]: z.string().optional(),
});

const providerSchema = z.object({
	node_id: z.string().min(1),
	online: z.boolean(),
	network: z.string().nullish(),
	/** Percent of the time since it was first seen. */
	uptime: z.number().min(0).max(100).nullish(),
	computing_now: z.boolean().nullish(),
	runtimes: z
		.record(
			z.string(),
			z.object({
				/** Null when no scan has seen the offer lately. */
				properties: z.record(z.string(), z.unknown()).nullish(),
				last_seen_at: z.iso.datetime({ offset: true }).nullish(),
			}),
		)
		// Nobody runs more; a thousand offers of one provider would push out the others.
		.refine((runtimes) => Object.keys(runtimes).length <= 50),
});
type Provider = z.output<typeof providerSchema>;

export const golem: SourceDefinition = {
	id: 'golem',
	name: 'Golem',
	network: 'golem',
	url: 'https://stats.golem.network',
	about:
		'Offers on Golem’s market with a GPU, for an hour with all threads busy, in GLM. A fee that a provider takes once at the start is not in the price.',
	prefix: 'GOLEM',
	baseUrl: 'https://api2.stats.golem.network',
	keys: [],
	needsKeys: false,
	refreshSeconds: 300,
	// Each provider lists every property of every offer.
	maxBytes: 32 * 1024 * 1024,
	fetch: async ({ http, now }, { baseUrl }) => read(await http.json(`${baseUrl}/v2/network/online`), now),
	read,
};

function read(body: unknown, taken: number): SourceAnswer {
	const rows = z.array(z.unknown()).safeParse(body);
	if (!rows.success) throw new SourceError('shape', 'Its answer does not list providers.');
	return new Offers(golem, taken)
		.read(rows.data, providerSchema, (provider) => {
			if (!provider.online) return 'not online';
			// Test networks are paid in a GLM that is worth nothing.
			if (provider.network != null && provider.network !== 'mainnet') return 'on a test network';
			const made = Object.entries(provider.runtimes).map(([runtime, { properties, last_seen_at: seen }]) =>
				offerOf(provider, runtime, properties ?? null, Math.min(taken, seen == null ? taken : secondsOf(seen))),
			);
			const offers = made.filter((offer) => typeof offer !== 'string');
			return offers.length > 0 ? offers : (made.find((reason) => reason !== NO_GPU) ?? NO_GPU);
		})
		.answer();
}

const NO_GPU = 'without a GPU';

function offerOf(
	{ node_id, uptime, computing_now }: Provider,
	runtime: string,
	offered: Record<string, unknown> | null,
	observedAt: number,
): RawOffer | string {
	if (offered === null) return 'not seen lately';
	const name = offered[`${GPU}.d0.model`] ?? offered[`${GPU}.model`];
	if (name === undefined) return NO_GPU;
	const parsed = properties.safeParse(offered);
	if (!parsed.success || typeof name !== 'string') return 'not of the documented shape';
	const told = parsed.data;
	if (told[`${GPU}.d1.model`] !== undefined) return 'several kinds of GPU';
	const price = priceOf(told);
	if (typeof price === 'string') return price;
	const memory = told[`${GPU}.d0.memory.total.gib`] ?? told[`${GPU}.memory.total.gib`];
	const quantity = told[`${GPU}.d0.quantity`];
	return {
		id: `${node_id}/${runtime}`,
		gpu: name,
		memoryGiB: typeof memory === 'number' ? memory : null,
		gpus: typeof quantity === 'number' ? quantity : 1,
		vcpus: told['golem.inf.cpu.threads'],
		ramGiB: told['golem.inf.mem.gib'] ?? null,
		diskGiB: told['golem.inf.storage.gib'] ?? null,
		pricing: 'token',
		meaning: 'offer',
		amount: price.perSecond,
		currency: 'GLM',
		per: 'instance',
		time: 'second',
		includes: ['cpu', 'ram', 'disk'],
		...(price.start ? { excludes: ['start'] } : {}),
		// Busy may mean another runtime of the same provider.
		available: computing_now === false ? 'available' : 'unknown',
		uptimeBps: uptime == null ? null : Math.floor(uptime * 100),
		observedAt,
	};
}

/** GLM for a second with all threads busy, exactly as the coefficients were published. */
function priceOf(told: z.output<typeof properties>): { perSecond: string; start: boolean } | string {
	const coefficients = told['golem.com.pricing.model.linear.coeffs'];
	const counters = told['golem.com.usage.vector'];
	if ((told['golem.com.pricing.model'] ?? 'linear') !== 'linear') return 'not priced linearly';
	if (coefficients.length !== counters.length + 1) return 'not of the documented shape';
	if (coefficients.some((coefficient) => coefficient < 0)) return 'no price';
	let sum: Rational = { numerator: 0n, denominator: 1n };
	for (const [index, counter] of counters.entries()) {
		const coefficient = coefficients[index] ?? 0;
		const times = timesPerSecond(counter, told['golem.inf.cpu.threads']);
		if (times === null && coefficient > 0) return 'priced by a counter that is not known';
		if (times !== null) sum = plus(sum, parseDecimal(String(coefficient)), times);
	}
	return { perSecond: decimalOf(sum), start: (coefficients.at(-1) ?? 0) > 0 };
}

/** How much a counter grows in a second with all threads busy; the spelling with a hyphen is still about. */
function timesPerSecond(counter: string, threads: number): bigint | null {
	if (/^golem\.usage\.duration[_-]sec$/.test(counter)) return 1n;
	return /^golem\.usage\.cpu[_-]sec$/.test(counter) ? BigInt(threads) : null;
}

function plus(sum: Rational, value: Rational, times: bigint): Rational {
	return {
		numerator: sum.numerator * value.denominator + value.numerator * times * sum.denominator,
		denominator: sum.denominator * value.denominator,
	};
}

function secondsOf(text: string): number {
	return Math.floor(Date.parse(text) / 1_000);
}
