import fc from 'fast-check';
import { keccak256, stringToBytes } from 'viem';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
	address,
	buildRecord,
	type ChainFacts,
	type CheckId,
	decide,
	defaultPolicy,
	jobId,
	type ListingId,
	listingId,
	type MarketSnapshot,
	medianTokenPrice,
	microUsd,
	offerKey,
	providerId,
	type Quote,
	type QuoteListing,
	recordToBytes,
	snapshotSchema,
	snapshotToBytes,
	sourceId,
	TOKEN_PRICE_SOURCE_IDS,
	type TokenAnswer,
	type TokenPrice,
	textOf,
	tokenQuestions,
	unixSeconds,
	type Verification,
	verify,
	zeroGRoot,
} from '../src/index.ts';
import { BUYER, chainFor, listed, NOW, price, quote, REGISTRY, request, routed, snapshot } from './build.ts';
import { another, changedAt, leaves, type Path } from './leaves.ts';
import { taken } from './registry.ts';

/** A router that lies in its snapshot and is otherwise right: the decision follows from the lie, and root, hash and commitment on chain are those of its files. */

const failures = ({ checks }: Verification) => checks.filter(({ status }) => status === 'failed').map(({ id }) => id);

const inputs = [
	{ source: 'coinbase', usd: '0.82', observedAt: unixSeconds(NOW - 20) },
	{ source: 'coingecko', usd: '0.80', observedAt: unixSeconds(NOW - 40) },
	{ source: 'kraken', usd: '0.81', observedAt: unixSeconds(NOW - 30) },
];
const akt = priceOf(inputs);

function priceOf(sources: typeof inputs): TokenPrice {
	const made = medianTokenPrice('AKT', sources, NOW, { maxAge: 900, maxSpreadBps: 500 });
	if (made === null) throw new Error('no price');
	return made;
}

const jobs = { completed: 40, failed: 2, disputed: 1 };
const wanted = request();
/** Own listings at a rate, dynamic, in tokens, restricted, offline; offers of networks that answered, and of a dated file. */
const market = taken(
	snapshot(
		[
			listed(1, 2_000_000n, {
				terms: { jobs, reserved: 3, attestations: [{ kind: 'kyc', expiresAt: unixSeconds(NOW + 90_000) }] },
			}),
			listed(2, 1_900_000n, { terms: { jobs, version: 4, tiers: [{ hour: 0, multiplier: 9_900 }] } }),
			listed(3, 1_950_000n, { terms: { jobs, restricted: true } }),
			listed(4, 1_100_000n, { terms: { jobs, offline: true } }),
			listed(5, 2_200_000n, {
				price: price({ model: 'token', amount: '2500000', currency: 'AKT', exponent: 6 }),
				terms: { jobs, kind: 'own', floor: microUsd(1_000_000n), ceiling: microUsd(3_000_000n) },
			}),
			listed(6, 1_200_000n, { terms: { jobs, restricted: true } }),
			quote({ id: 'a', price: price({ amount: '1.50' }) }),
			quote({ id: 'b' }),
			quote({
				key: offerKey(sourceId('aws'), 'p5'),
				source: sourceId('aws'),
				network: 'aws',
				evidence: 'snapshot',
				meaning: 'list-price',
				observedAt: unixSeconds(1_794_960_000),
			}),
		],
		{ tokenPrices: [akt] },
	),
);
const sources = market.sources.map((source) =>
	source.id === 'aws' ? { ...source, state: 'snapshot' as const, fetchedAt: unixSeconds(1_794_960_000) } : source,
);
const honestMarket: MarketSnapshot = { ...market, sources };
const admitted = [listingId(3)];
const honest = routed({ request: wanted, snapshot: honestMarket, admitted });

const datedPrice: TokenPrice = {
	symbol: 'AKT',
	usd: '0.81',
	source: 'snapshot',
	observedAt: unixSeconds(1_794_960_000),
};

interface Lie {
	snapshot?: (market: MarketSnapshot) => MarketSnapshot;
	admitted?: ListingId[];
	passedOver?: ListingId[];
}

/** The files of a router that decides on a forged snapshot, on the chain of the honest one. */
function forged({ snapshot: change = (same) => same, ...said }: Lie) {
	const market = change(honestMarket);
	const { chain } = honest;
	const job = { chainId: 31337, registry: REGISTRY, id: jobId(7n), requester: BUYER };
	const decision = decide({ job, request: wanted, snapshot: market, policy: defaultPolicy, admitted, ...said });
	const snapshotBytes = snapshotToBytes(market);
	const snapshotRef = { root: zeroGRoot(snapshotBytes), hash: keccak256(snapshotBytes), bytes: snapshotBytes.length };
	const recordBytes = recordToBytes(
		buildRecord({ decision, job, request: wanted, policy: defaultPolicy, takenAt: market.takenAt, snapshotRef }),
	);
	const committed = chainFor(wanted, decision.chosen, decision.candidatesRoot, recordBytes);
	const { registryState, standing } = chain;
	return { recordBytes, snapshotBytes, chain: { ...committed, registryState, standing } satisfies ChainFacts };
}

const quotes = (change: (quote: Quote) => Quote) => (market: MarketSnapshot) => ({
	...market,
	quotes: market.quotes.map(change),
});
const withKey = (key: string, change: (quote: Quote) => Quote) =>
	quotes((one) => (one.key === key ? change(one) : one));
const ownListing = (id: number, change: Partial<QuoteListing>) =>
	withKey(`necto:${id}`, (one) => (one.listing === null ? one : { ...one, listing: { ...one.listing, ...change } }));
const source = (id: string, change: Partial<MarketSnapshot['sources'][number]>) => (market: MarketSnapshot) => ({
	...market,
	sources: market.sources.map((one) => (one.id === id ? { ...one, ...change } : one)),
});
const tokens = (change: (price: TokenPrice) => TokenPrice) => (market: MarketSnapshot) => ({
	...market,
	tokenPrices: market.tokenPrices.map(change),
});
/** Takes quotes away or adds them, with counts that agree. */
const counted = (market: MarketSnapshot, quotes: Quote[]): MarketSnapshot => ({
	...market,
	quotes,
	sources: market.sources.map((one) => ({ ...one, quotes: quotes.filter((each) => each.source === one.id).length })),
});
const without = (key: string) => (market: MarketSnapshot) =>
	counted(
		market,
		market.quotes.filter((one) => one.key !== key),
	);
const plus = (more: Quote) => (market: MarketSnapshot) => counted(market, [...market.quotes, more]);
const dated = (takenAt: number) => (market: MarketSnapshot) => ({ ...market, takenAt: unixSeconds(takenAt) });
const atBlock = (block: bigint) => (market: MarketSnapshot) => ({ ...market, chain: { ...market.chain, block } });
const YEAR = 31_536_000;

/** A listing like the first, under another id. */
const [first] = honestMarket.quotes;
const invented = (id: number, rate: string): Quote => {
	if (first === undefined || first.listing === null) throw new Error('no listing');
	return {
		...first,
		key: offerKey(sourceId('necto'), `${id}`),
		price: { ...first.price, amount: rate },
		listing: { ...first.listing, id: listingId(id) },
	};
};

/** Each lie with the check that has to name it. */
const LIES: [string, CheckId, Lie][] = [
	['taken a year later', 'snapshot-time', { snapshot: dated(NOW + YEAR) }],
	['taken a year earlier', 'snapshot-time', { snapshot: dated(NOW - YEAR) }],
	['taken before the request', 'snapshot-time', { snapshot: dated(NOW - 10 - 301) }],
	['taken after the route', 'snapshot-time', { snapshot: dated(NOW + 301) }],
	['a block that does not exist', 'snapshot-block', { snapshot: atBlock(999_999_999n) }],
	['a block before the request', 'snapshot-block', { snapshot: atBlock(39n) }],
	['the block of the route', 'snapshot-block', { snapshot: atBlock(45n) }],
	['block zero', 'snapshot-block', { snapshot: atBlock(0n) }],
	['another chain', 'snapshot-shape', { snapshot: (one) => ({ ...one, chain: { ...one.chain, id: 1 } }) }],
	['the best own listing left out', 'listings-complete', { snapshot: without('necto:2') }],
	[
		'all other own listings left out',
		'listings-complete',
		{
			snapshot: (one) =>
				counted(
					one,
					one.quotes.filter(({ key, listing }) => listing === null || key === 'necto:1'),
				),
		},
	],
	['an offline listing left out', 'listings-complete', { snapshot: without('necto:4') }],
	['a listing invented', 'listings-complete', { snapshot: plus(invented(77, '1000')) }],
	[
		'a listing re-priced to win',
		'listings-equal',
		{ snapshot: withKey('necto:1', (one) => ({ ...one, price: { ...one.price, amount: '1000000' } })) },
	],
	[
		'a listing re-priced to lose',
		'listings-equal',
		{ snapshot: withKey('necto:2', (one) => ({ ...one, price: { ...one.price, amount: '9000000' } })) },
	],
	[
		'the amount of a token price',
		'listings-equal',
		{ snapshot: withKey('necto:5', (one) => ({ ...one, price: { ...one.price, amount: '1300000' } })) },
	],
	[
		'a fee on top of a listing',
		'listings-equal',
		{ snapshot: withKey('necto:2', (one) => ({ ...one, price: { ...one.price, feeBps: 5_000 } })) },
	],
	['a wrong version', 'listings-equal', { snapshot: ownListing(2, { version: 5 }) }],
	['a wrong total', 'listings-equal', { snapshot: ownListing(2, { total: 1 }) }],
	['a wrong number reserved', 'listings-equal', { snapshot: ownListing(2, { reserved: 16 }) }],
	[
		'smaller machines',
		'listings-equal',
		{ snapshot: withKey('necto:2', (one) => ({ ...one, availability: { ...one.availability, widest: 0 } })) },
	],
	[
		'nothing free',
		'listings-equal',
		{ snapshot: withKey('necto:2', (one) => ({ ...one, availability: { ...one.availability, state: 'none' } })) },
	],
	['a listing taken offline', 'listings-equal', { snapshot: ownListing(2, { offline: true }) }],
	['a listing taken online', 'listings-equal', { snapshot: ownListing(4, { offline: false }) }],
	['another owner', 'listings-equal', { snapshot: ownListing(2, { provider: address(BUYER) }) }],
	['another provider', 'listings-equal', { snapshot: ownListing(2, { providerId: providerId(9) }) }],
	['another provider’s name', 'listings-equal', { snapshot: ownListing(2, { providerName: 'Somebody else' }) }],
	[
		'an attestation invented',
		'listings-equal',
		{ snapshot: ownListing(2, { attestations: [{ kind: 'soc2', expiresAt: unixSeconds(NOW + YEAR) }] }) },
	],
	['an attestation left out', 'listings-equal', { snapshot: ownListing(1, { attestations: [] }) }],
	[
		'an attestation that lasts longer',
		'listings-equal',
		{ snapshot: ownListing(1, { attestations: [{ kind: 'kyc', expiresAt: unixSeconds(NOW + YEAR) }] }) },
	],
	['a restriction dropped', 'listings-equal', { snapshot: ownListing(6, { restricted: false }) }],
	['a restriction invented', 'listings-equal', { snapshot: ownListing(2, { restricted: true }) }],
	['job counters', 'listings-equal', { snapshot: ownListing(1, { jobs: { ...jobs, completed: 4_000 } }) }],
	['a floor', 'listings-equal', { snapshot: ownListing(5, { floor: microUsd(2_900_000n) }) }],
	['a tier left out', 'listings-equal', { snapshot: ownListing(2, { tiers: [] }) }],
	['an availability window', 'listings-equal', { snapshot: ownListing(2, { availableUntil: unixSeconds(NOW + 60) }) }],
	[
		'another GPU',
		'listings-equal',
		{ snapshot: withKey('necto:2', (one) => ({ ...one, gpu: { ...one.gpu, memoryGiB: 40 } })) },
	],
	[
		'another place',
		'listings-equal',
		{ snapshot: withKey('necto:2', (one) => ({ ...one, region: { ...one.region, continent: 'asia' } })) },
	],
	[
		'qualities that nobody states',
		'listings-equal',
		{ snapshot: withKey('necto:1', (one) => ({ ...one, quality: { ...one.quality, uptimeBps: 10_000 } })) },
	],
	[
		'an own listing as a live offer',
		'listings-equal',
		{ snapshot: withKey('necto:2', (one) => ({ ...one, evidence: 'live', observedAt: unixSeconds(NOW - 5) })) },
	],
	[
		'an own listing without its listing',
		'foreign-offers',
		{ snapshot: withKey('necto:2', (one) => ({ ...one, listing: null })) },
	],
	['admitted to no restricted listing', 'admitted', { admitted: [listingId(2)] }],
	['admitted to a listing that does not exist', 'admitted', { admitted: [listingId(3), listingId(88)] }],
	['admitted where the chain does not', 'admitted', { admitted: [listingId(3), listingId(6)] }],
	['not admitted where the chain does', 'admitted', { admitted: [] }],
	['passing over a listing that had no job', 'passed-over', { passedOver: [listingId(2)] }],
	['too many offers of a source', 'sources', { snapshot: source('lambda', { quotes: 99 }) }],
	['too few listings', 'sources', { snapshot: source('necto', { quotes: 1 }) }],
	[
		'a source twice',
		'sources',
		{ snapshot: (one) => ({ ...one, sources: [...one.sources, ...one.sources.slice(-1)] }) },
	],
	[
		'a source not named',
		'sources',
		{ snapshot: (one) => ({ ...one, sources: one.sources.filter(({ id }) => id !== 'lambda') }) },
	],
	[
		'the registry not named',
		'sources',
		{ snapshot: (one) => ({ ...one, sources: one.sources.filter(({ id }) => id !== 'necto') }) },
	],
	['a registry that failed', 'sources', { snapshot: source('necto', { state: 'stale' }) }],
	['an answer of the registry', 'sources', { snapshot: source('necto', { bodyHash: `0x${'11'.repeat(32)}` }) }],
	['a failing source with offers', 'sources', { snapshot: source('lambda', { state: 'failing' }) }],
	['live offers of a dated file', 'sources', { snapshot: source('lambda', { state: 'snapshot' }) }],
	['a fresh source that never answered', 'sources', { snapshot: source('lambda', { fetchedAt: null }) }],
	['a dated file of another date', 'sources', { snapshot: source('aws', { fetchedAt: unixSeconds(NOW) }) }],
	[
		'a listing as evidence of a foreign offer',
		'foreign-offers',
		{ snapshot: withKey('lambda:a', (one) => ({ ...one, evidence: 'listing' })) },
	],
	[
		'a foreign offer as a listing',
		'foreign-offers',
		{ snapshot: withKey('lambda:a', (one) => ({ ...one, meaning: 'listing' })) },
	],
	[
		'a foreign offer with a listing',
		'foreign-offers',
		{ snapshot: withKey('lambda:a', (one) => ({ ...one, listing: first?.listing ?? null })) },
	],
	[
		'the network necto on a foreign source',
		'foreign-offers',
		{ snapshot: withKey('lambda:a', (one) => ({ ...one, network: 'necto' })) },
	],
	[
		'a foreign offer under a listing’s key',
		'foreign-offers',
		{ snapshot: withKey('lambda:a', (one) => ({ ...one, key: offerKey(sourceId('necto'), '50') })) },
	],
	[
		'an offer seen in the future',
		'offer-times',
		{ snapshot: withKey('lambda:a', (one) => ({ ...one, observedAt: unixSeconds(NOW + 3_600) })) },
	],
	[
		'a listing read in the future',
		'offer-times',
		{ snapshot: withKey('necto:2', (one) => ({ ...one, observedAt: unixSeconds(NOW + 3_600) })) },
	],
	[
		'a listing read before its block',
		'offer-times',
		{ snapshot: withKey('necto:2', (one) => ({ ...one, observedAt: unixSeconds(NOW - 3_600) })) },
	],
	['an answer of the future', 'offer-times', { snapshot: source('lambda', { fetchedAt: unixSeconds(NOW + 3_600) }) }],
	[
		'a token price that its sources do not give',
		'token-prices',
		{ snapshot: tokens((one) => ({ ...one, usd: '0.40' })) },
	],
	[
		'a token price that is younger than its sources',
		'token-prices',
		{ snapshot: tokens((one) => ({ ...one, observedAt: NOW })) },
	],
	[
		'a source of a token price twice',
		'token-prices',
		{ snapshot: tokens((one) => ({ ...one, sources: [...(one.sources ?? []), ...inputs.slice(0, 1)] })) },
	],
	[
		'a source of a token price left out of the median',
		'token-prices',
		{ snapshot: tokens((one) => ({ ...one, source: 'kraken alone' })) },
	],
	[
		'a token price of the future',
		'token-prices',
		{ snapshot: tokens(() => priceOf(inputs.map((one) => ({ ...one, observedAt: unixSeconds(NOW + 3_600) })))) },
	],
	[
		'no limit between the sources of a token price',
		'token-prices',
		{ snapshot: tokens(({ maxSpreadBps: _, ...one }) => one) },
	],
	[
		'a token price without its sources',
		'token-prices',
		{ snapshot: tokens(() => ({ symbol: 'AKT', usd: '0.4001', source: 'coinbase alone', observedAt: NOW })) },
	],
	[
		'a token price of a dated file with sources’ spread',
		'token-prices',
		{
			snapshot: tokens(() => {
				const observedAt = unixSeconds(1_794_960_000);
				return { symbol: 'AKT', usd: '0.4001', source: 'snapshot', observedAt, maxSpreadBps: 500 };
			}),
		},
	],
	[
		'token prices of sources that nobody knows',
		'token-prices',
		{
			snapshot: tokens(() =>
				priceOf(['bob', 'eve'].map((source) => ({ source, usd: '0.4001', observedAt: unixSeconds(NOW - 20) }))),
			),
		},
	],
	[
		'any difference between the sources of a token price',
		'token-prices',
		{
			snapshot: tokens(() => {
				const said = [
					{ source: 'coinbase', usd: '0.01', observedAt: unixSeconds(NOW - 20) },
					{ source: 'kraken', usd: '0.79', observedAt: unixSeconds(NOW - 20) },
				];
				const made = medianTokenPrice('AKT', said, NOW, { maxAge: 900, maxSpreadBps: 100_000 });
				if (made === null) throw new Error('no price');
				return made;
			}),
		},
	],
	[
		'one basis point more between the sources of a token price',
		'token-prices',
		{ snapshot: tokens((one) => ({ ...one, maxSpreadBps: 501 })) },
	],
	[
		'a dated token price of today',
		'token-prices',
		{ snapshot: tokens(() => ({ symbol: 'AKT', usd: '0.40', source: 'snapshot', observedAt: NOW })) },
	],
];

describe('VER-03 a forged snapshot, committed on chain by a dishonest router', () => {
	test('the honest one passes every check, in the format of today', () => {
		const result = verify(honest);
		expect(failures(result)).toEqual([]);
		expect(result.ok).toBe(true);
		expect(verify(forged({})).ok).toBe(true);
	});

	test.each(LIES)('%s: %s', (_lie, named, lie) => {
		const result = verify(forged(lie));
		expect(result.ok).toBe(false);
		expect(failures(result)).toContain(named);
		for (const id of ['record-root', 'record-hash', 'snapshot-root', 'snapshot-hash', 'commitment'] as const) {
			expect(failures(result)).not.toContain(id);
		}
	});

	test.each<[string, ChainFacts['reopenedIn'], CheckId[]]>([
		['never taken from a provider', null, []],
		['declined at the snapshot’s block', { number: 42n, timestamp: NOW - 5 }, []],
		['declined after the snapshot’s block', { number: 43n, timestamp: NOW - 3 }, ['snapshot-block']],
		['declined long after the snapshot', { number: 44n, timestamp: NOW + 400 }, ['snapshot-block', 'snapshot-time']],
	])('a decision on a job that was %s', (_, reopenedIn, named) => {
		const again = routed({ request: wanted, snapshot: honestMarket, admitted, passedOver: [listingId(1)] });
		expect(again.chain.refusals).toEqual([1]);
		const result = verify({ ...again, chain: { ...again.chain, reopenedIn } });
		expect(failures(result)).toEqual(named);
		expect(result.ok).toBe(named.length === 0);
	});

	test('a record of an older engine keeps the rules of its token prices', () => {
		const old = '"engine":{"name":"@necto/core","version":"1.0.0"}';
		const byOlder = (lie: Lie) => {
			const files = forged(lie);
			const text = textOf(files.recordBytes);
			return { ...files, recordBytes: stringToBytes(text.replace(/"engine":\{[^}]*\}/, old)) };
		};
		const sourceless = { symbol: 'AKT', usd: '0.81', source: 'coingecko', observedAt: unixSeconds(NOW - 40) };
		const result = verify(byOlder({ snapshot: tokens(() => sourceless) }));
		expect(failures(result)).not.toContain('token-prices');
		expect(failures(result)).toContain('engine');
		expect(failures(verify(forged({ snapshot: tokens(() => sourceless) })))).toContain('token-prices');
	});

	test('nothing is said to be recomputed of a price without sources', () => {
		const { notCheckable } = verify(forged({ snapshot: tokens(() => datedPrice) }));
		expect(notCheckable.map(({ what }) => what)).toContain('token prices of a dated file, or without sources (AKT)');
		expect(notCheckable.map(({ why }) => why).join()).not.toContain('recomputed');
	});

	test('of a part it is said that nobody can check the split', () => {
		const said = ({ notCheckable }: Verification) => notCheckable.filter(({ what }) => what.includes('split'));
		expect(said(verify(honest))).toEqual([]);
		const part = { ...honest, chain: { ...honest.chain, partOf: 6n } };
		expect(said(verify(part))).toEqual([
			expect.objectContaining({ what: 'whether job 6 had to be split, and into these parts' }),
		]);
	});

	test('an invented token price that flips the choice is named once its sources are asked, and is never called checked before', () => {
		const cheap = inputs.map((one) => ({ ...one, usd: '0.41' }));
		const lie = forged({ snapshot: tokens(() => priceOf(cheap)) });
		expect(lie.chain.routing.listing).toBe(5);
		const alone = verify(lie);
		expect(alone.notCheckable.map(({ what }) => what)).toContainEqual(
			expect.stringMatching(/not compared with their sources \(AKT\)/),
		);
		const asked = verify({ ...lie, tokenAnswers: [COINBASE] });
		expect(failures(asked)).toEqual(['token-prices']);
		expect(asked.checks.find(({ id }) => id === 'token-prices')?.found).toContain('0.41 USD as of coinbase');
		expect(verify({ ...honest, tokenAnswers: [COINBASE] }).ok).toBe(true);
	});
});

/** What sources say of the honest market's AKT when they are asked. */
const COINBASE: TokenAnswer = { symbol: 'AKT', source: 'coinbase', at: NOW - 20, low: '0.81', high: '0.83' };
const COINGECKO: TokenAnswer = { symbol: 'AKT', source: 'coingecko', at: NOW - 40, low: '0.80', high: '0.81' };
const KRAKEN: TokenAnswer = { symbol: 'AKT', source: 'kraken', at: NOW - 30, low: '8.0E-1', high: '0.82' };

describe('VER-03 token prices against their sources', () => {
	const tokenCheck = ({ checks }: Verification) => checks.find(({ id }) => id === 'token-prices');
	const saidOf = ({ notCheckable }: Verification) =>
		notCheckable.filter(({ what }) => /token prices \(|token prices that were not compared/.test(what));

	test('the sources of tokens that offers are priced in are asked, each once', () => {
		const questions = tokenQuestions(honest.snapshotBytes);
		expect(questions).toEqual(
			expect.arrayContaining([COINBASE, COINGECKO, KRAKEN].map(({ symbol, source, at }) => ({ symbol, source, at }))),
		);
		expect(questions).toHaveLength(3);
		const idle = { ...akt, symbol: 'IO' };
		const market = snapshotToBytes({ ...honestMarket, tokenPrices: [akt, idle] });
		expect(tokenQuestions(market)).toEqual(questions);
		for (const bytes of [new Uint8Array(), stringToBytes('{"tokenPrices":3}')]) {
			expect(tokenQuestions(bytes)).toEqual([]);
		}
	});

	test('with all of them asked nothing of it stays the router’s word', () => {
		const result = verify({ ...honest, tokenAnswers: [COINBASE, COINGECKO, KRAKEN] });
		expect(result.ok).toBe(true);
		expect(tokenCheck(result)?.found).toContain('3 of their 3 inputs compared');
		expect(saidOf(result)).toEqual([]);
	});

	test('a source that does not answer is listed with the reason, and nothing fails', () => {
		const why = 'Kraken answered with status 520.';
		const silent: TokenAnswer = { symbol: 'AKT', source: 'kraken', at: NOW - 30, missing: why };
		const result = verify({ ...honest, tokenAnswers: [COINBASE, COINGECKO, silent] });
		expect(result.ok).toBe(true);
		expect(tokenCheck(result)?.found).toContain('2 of their 3 inputs compared');
		expect(saidOf(result)).toEqual([{ what: 'token prices (AKT by kraken)', why }]);
	});

	test('an answer about another time, source or token counts for nothing', () => {
		for (const change of [{ at: NOW - 21 }, { source: 'pyth' }, { symbol: 'IO' }]) {
			const other = { ...COINBASE, low: '7', high: '8', ...change };
			const result = verify({ ...honest, tokenAnswers: [other] });
			expect(result.ok).toBe(true);
			expect(tokenCheck(result)?.found).toContain('0 of their 3 inputs compared');
			expect(saidOf(result)).toEqual([
				expect.objectContaining({ what: expect.stringMatching(/not compared with their sources \(AKT\)/) }),
			]);
		}
	});

	test.each([
		['0.60', '0.7809523', false],
		['0.60', '0.7809524', true],
		['0.8631578', '0.87', true],
		['0.8631579', '0.87', false],
	])('from %s to %s USD holds 0.82 within 5 %%: the bounds are exact', (low, high, holds) => {
		const result = verify({
			...honest,
			tokenAnswers: [{ symbol: 'AKT', source: 'coinbase', at: NOW - 20, low, high }],
		});
		expect(tokenCheck(result)?.status).toBe(holds ? 'passed' : 'failed');
	});

	test('any number of sources that do not answer stays one short entry', () => {
		const many = Array.from({ length: 100 }, (_, index) => `T${index}`);
		const named = TOKEN_PRICE_SOURCE_IDS.map((source) => ({ source, usd: '1', observedAt: unixSeconds(NOW - 20) }));
		const tokenPrices = many.map((symbol) => ({ ...priceOf(named), symbol }));
		const lie = forged({ snapshot: (market) => ({ ...market, tokenPrices }) });
		const tokenAnswers = many.flatMap((symbol) =>
			named.map(({ source, observedAt: at }) => ({ symbol, source, at, missing: 'Nobody knows it.' })),
		);
		const result = verify({ ...lie, tokenAnswers });
		expect(tokenCheck(result)?.found).toContain('0 of their 400 inputs compared');
		expect(saidOf(result).map(({ what }) => what.endsWith(' and 380 more)'))).toEqual([true]);
	});
});

/** Parts of a snapshot that stay the router's word, and the words in which the verification says so. */
function classOf(path: Path, json: z.input<typeof snapshotSchema>): string | null {
	const [part, index, field] = path;
	const at = Number(index);
	if (part === 'sources') {
		if (field === 'note' || field === 'fetchedAt' || field === 'bodyHash' || field === 'state')
			return 'states, times and notes';
		return null;
	}
	if (part === 'tokenPrices' && (field === 'sources' || field === 'symbol'))
		return 'token prices that were not compared with their sources';
	if (part === 'tokenPrices') return field === 'maxSpreadBps' ? 'how far they may differ' : null;
	if (part !== 'quotes') return null;
	return json.quotes[at]?.source === 'necto' ? null : 'prices of other networks';
}

/** Times that are right to the accuracy of two clocks. */
const WITHIN_CLOCKS = /^(takenAt|quotes\.\d+\.observedAt)$/;

describe('VER-03 any one field of a snapshot forged', () => {
	const json = z.encode(snapshotSchema, honestMarket);
	const all = leaves(json);
	const anyLeaf = fc.constantFrom(...all);
	const anyChange = fc.oneof(
		fc.constant(another),
		fc.integer({ min: 2, max: 100_000 }).map((by) => (value: unknown) => {
			if (typeof value === 'number') return value + by;
			if (typeof value === 'string' && /^\d+$/.test(value)) return `${BigInt(value) + BigInt(by)}`;
			return another(value);
		}),
		fc.constant(() => null),
		fc.constantFrom('necto', 'lambda', 'snapshot', 'listing', 'live').map((word) => () => word),
	);

	test('is named by a check, or is of a kind that is listed as not checkable', { timeout: 120_000 }, () => {
		let judged = 0;
		fc.assert(
			fc.property(anyLeaf, anyChange, ({ path, value }, change) => {
				const changed = change(value);
				fc.pre(changed !== value);
				const read = snapshotSchema.safeParse(changedAt(json, path, changed));
				// Bytes that are no snapshot are named by its shape.
				fc.pre(read.success);
				if (!read.success) return;
				const market = read.data;
				const result = verify(forged({ snapshot: () => market }));
				judged++;
				if (!result.ok) return;
				const kind = classOf(path, json);
				const name = path.join('.');
				if (kind === null) {
					expect(name, `${name}: ${value} → ${changed} passed`).toMatch(WITHIN_CLOCKS);
					expect(Math.abs(Number(changed) - Number(value))).toBeLessThanOrEqual(600);
				} else {
					expect(result.notCheckable.map(({ what }) => what).join()).toContain(kind);
				}
			}),
			{ numRuns: 150 },
		);
		expect(judged).toBeGreaterThan(60);
	});
});

describe('VER-03 a chain that cannot be read', () => {
	const missing = { missing: 'The node keeps no state of that block.' };

	test('leaves the checks that need it not run, and nothing verified', () => {
		const result = verify({ ...honest, chain: { ...honest.chain, registryState: missing, standing: missing } });
		const notRun = result.checks.filter(({ status }) => status === 'not-run');
		expect(notRun.map(({ id }) => id)).toEqual(['snapshot-time', 'listings-complete', 'listings-equal', 'admitted']);
		expect(notRun[1]?.found).toBe(missing.missing);
		expect(result.ok).toBe(false);
	});

	test('what was read of another block is not taken for the snapshot’s', () => {
		const { registryState } = honest.chain;
		if ('missing' in registryState) throw new Error('nothing read');
		const block = { ...registryState.block, number: 41n };
		const result = verify({ ...honest, chain: { ...honest.chain, registryState: { ...registryState, block } } });
		expect(result.checks.find(({ id }) => id === 'listings-equal')?.status).toBe('not-run');
	});

	test('job counters that the node does not say are listed as not checkable, and the rest is compared', () => {
		const { registryState } = honest.chain;
		if ('missing' in registryState) throw new Error('nothing read');
		const listings = registryState.listings.map((one) => ({ ...one, provider: { ...one.provider, jobs: null } }));
		const result = verify({ ...honest, chain: { ...honest.chain, registryState: { ...registryState, listings } } });
		expect(result.ok).toBe(true);
		expect(result.notCheckable.map(({ what }) => what)).toContain('job counters of the providers');
	});

	test('a buyer who is admitted only by the time of the route may be passed or taken', () => {
		const { standing } = honest.chain;
		if (standing === null || 'missing' in standing) throw new Error('no standing');
		const none = { attestations: [], lists: [] };
		const chain = { ...honest.chain, standing: { atSnapshot: none, beforeRoute: standing.beforeRoute } };
		expect(verify({ ...honest, chain }).ok).toBe(true);
		const never = { ...honest.chain, standing: { atSnapshot: none, beforeRoute: none } };
		expect(failures(verify({ ...honest, chain: never }))).toEqual(['admitted']);
	});
});
