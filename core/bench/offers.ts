/** A market to measure with: made up, with the units, gaps and repetitions of the real ones, and the same on every run. */
import {
	COUNTRIES,
	GPU_MODELS,
	microUsd,
	offerKey,
	type Quote,
	sourceId,
	type TokenPrice,
	unixSeconds,
} from '../src/index.ts';
import { listed, NOW, price, quote } from '../test/build.ts';

export const TOKENS: TokenPrice[] = [
	{ symbol: 'AKT', usd: '0.8123', source: 'bench', observedAt: unixSeconds(NOW - 30) },
	{ symbol: 'NOS', usd: '0.2517', source: 'bench', observedAt: unixSeconds(NOW - 30) },
	{ symbol: 'RENDER', usd: '1.4411', source: 'bench', observedAt: unixSeconds(NOW - 5_000) },
];

const MODELS = GPU_MODELS.slice(0, 60);
const PLACES = Array.from({ length: 80 }, (_, at) => {
	const country = COUNTRIES[(at * 3) % COUNTRIES.length];
	const raw = `${country?.name ?? 'Nowhere'} ${at % 4}`;
	// Some sources do not say where a machine stands.
	if (country === undefined || at % 16 === 0) return { continent: 'unknown' as const, country: null, raw };
	return { continent: country.continent, country: country.code, raw };
});
const SOURCES = ['aws', 'gcp', 'azure', 'aws-spot', ...Array.from({ length: 36 }, (_, at) => `network-${at}`)];
const SIZES = [1, 1, 1, 2, 4, 8, 8, 16];

/** The minimal standard generator: integers from 1 to 2^31 − 2. */
function dice(seed: number): (sides: number) => number {
	let state = seed;
	return (sides) => {
		state = (state * 48_271) % 2_147_483_647;
		return state % sides;
	};
}

/** What a GPU-hour of the model costs about, in cents. */
const centsOf = (at: number) => 20 + ((at * 7_919) % 480);

type Sold = Pick<Quote, 'gpus' | 'price'>;

/** One of the ways in which a price is published, by source: a real source keeps to one. */
function sold(way: number, cents: number, roll: (sides: number) => number): Sold {
	const one = { numerator: 1, denominator: 1 };
	const size = SIZES[roll(SIZES.length)] ?? 1;
	const usd = (amount: number) => (amount / 100).toFixed(4);
	switch (way) {
		case 0:
			return {
				gpus: { numerator: size, denominator: 1 },
				price: price({ amount: usd(cents * size), per: 'instance' }),
			};
		case 1:
			return { gpus: one, price: price({ amount: usd(cents) }) };
		case 2:
			return {
				gpus: { numerator: size, denominator: 1 },
				price: price({ amount: `${cents * size}`, exponent: 2, per: 'instance' }),
			};
		case 3:
			return { gpus: one, price: price({ amount: (cents / 360_000).toFixed(10), time: 'second', feeBps: 500 }) };
		case 4: {
			const terms = {
				currency: 'AKT',
				exponent: 6,
				time: 'block' as const,
				blockMilliseconds: 6_112,
				model: 'token' as const,
			};
			return { gpus: one, price: price({ amount: `${cents * 22}.5`, ...terms }) };
		}
		case 5:
			return {
				gpus: one,
				price: price({ amount: `${cents * 11}`, exponent: 9, currency: 'NOS', time: 'second', model: 'token' }),
			};
		case 6:
			return {
				gpus: { numerator: 1, denominator: SIZES[roll(SIZES.length)] ?? 2 },
				price: price({ amount: usd(cents / 4), per: 'instance' }),
			};
		case 7:
			return {
				gpus: { numerator: size, denominator: 1 },
				price: price({ amount: usd((cents * size) / 3), per: 'instance', model: 'dynamic' }),
			};
		case 8:
			return { gpus: one, price: price({ amount: `${cents}`, currency: 'RENDER', model: 'token' }) };
		default:
			return { gpus: one, price: price({ amount: roll(9) === 0 ? '0.00' : usd(cents * 2) }) };
	}
}

export function offers(count: number): Quote[] {
	const roll = dice(20_260_926);
	return Array.from({ length: count }, (_, at): Quote => {
		const model = MODELS[Math.min(roll(MODELS.length), roll(MODELS.length))] ?? MODELS[0];
		const chip = model?.variants[roll(model.variants.length)];
		const which = roll(SOURCES.length);
		const name = SOURCES[which] ?? 'aws';
		const region = PLACES[roll(PLACES.length)] ?? quote().region;
		const cents = Math.ceil((centsOf(model === undefined ? 0 : MODELS.indexOf(model)) * (60 + roll(80))) / 100);
		const common = {
			gpu: {
				model: model?.key ?? quote().gpu.model,
				formFactor: chip?.formFactor ?? 'pcie',
				memoryGiB: roll(6) === 0 ? null : (chip?.memoriesGiB[0] ?? null),
				rawName: `${model?.vendor} ${model?.name}`,
			},
			region,
			quality: {
				uptimeBps: roll(3) === 0 ? null : 9_000 + roll(1_000),
				latencyMs: null,
				ratingBps: null,
				riskBps: null,
			},
			observedAt: unixSeconds(NOW - roll(3_600)),
		};
		if (roll(50) === 0) return listed(at + 1, BigInt(cents) * 10_000n, { ...common, terms: { ceiling: microUsd(0n) } });
		const source = sourceId(name);
		const terms = sold(which < 4 ? (which === 3 ? 7 : 0) : which % 10, cents, roll);
		return quote({
			...common,
			...terms,
			key: offerKey(source, `${at}-${common.gpu.model}-${region.raw}`),
			source,
			network: name === 'aws-spot' ? 'aws' : name,
			meaning: which < 3 ? 'list-price' : which % 10 === 9 ? 'floor' : 'offer',
			availability: { state: roll(4) === 0 ? 'none' : 'unknown', gpus: null, widest: roll(2) === 0 ? null : 8 },
			rental: { minSeconds: which % 7 === 0 ? 3_600 : 0, prepaid: null },
			...(terms.price.model === 'dynamic' && name === 'aws-spot'
				? {
						interruption: {
							monthlyBps: [250, 750, 1_250, 1_750, 2_000][roll(5)] ?? 2_000,
							bound: 'at-most' as const,
							noticeSeconds: 120,
							source: 'bench',
							observedAt: NOW,
						},
					}
				: {}),
		});
	});
}
