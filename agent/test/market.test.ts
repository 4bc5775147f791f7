/** The market against an indexer that is late, broken or full of nonsense. */
import { address, gpuModelKey, snapshotFromBytes, snapshotToBytes } from '@necto/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Look } from '../src/history/recorder.ts';
import { createLogger, type Logger } from '../src/logger.ts';
import { type AskedSources, secondsUntilNext } from '../src/market/asked.ts';
import { Market } from '../src/market/market.ts';
import { type Source, SourceError, type SourceFailure } from '../src/sources/asking/source.ts';
import { lambda } from '../src/sources/lambda.ts';
import type { DatedMarket } from '../src/sources/snapshot.ts';
import { readDatedMarket } from '../src/sources/snapshot.ts';
import { coinGecko } from '../src/tokenPrices/coinGecko.ts';
import { pyth } from '../src/tokenPrices/pyth.ts';
import { TokenPriceSource } from '../src/tokenPrices/source.ts';
import { TokenPrices } from '../src/tokenPrices/tokenPrices.ts';
import { askedSources } from './support/asked.ts';
import { type FakeIndexer, fakeIndexer, listingRow } from './support/indexer.ts';
import { until } from './support/network.ts';
import { standIn } from './support/standIns.ts';

const NOW = 1_790_000_000;
const H100 = gpuModelKey('h100');
const never = new AbortController().signal;
const dated: DatedMarket = readDatedMarket(new URL('../data/market-snapshot.json', import.meta.url));
let indexer: FakeIndexer;
const all: AskedSources[] = [];

/** With the sources that it rests on. */
type AskedMarket = Market & { asked: AskedSources };

/** A price source that nobody listens at. */
const silent = { baseUrl: 'http://127.0.0.1:9', keys: null, options: {}, refreshSeconds: 300, timeoutMs: 30_000 };
const looks: Look[] = [];
/** What the chain's nodes say of a block. */
let listingCount: (block: bigint) => number | null = () => 0;

function market(offers: Source[] = [], timeoutMs = 30_000, logger: Logger = createLogger('silent')): AskedMarket {
	const asked = askedSources({
		timeoutMs,
		offers,
		tokens: [new TokenPriceSource(coinGecko, silent)],
		missing: {
			offers: [{ source: lambda, note: 'Not asked: set LAMBDA_API_KEY to see its offers.' }],
			tokens: [{ source: pyth, note: 'Not asked: set PYTH_API_KEY to see its prices.' }],
		},
		logger,
		now: () => NOW,
	});
	all.push(asked);
	const made = new Market({
		indexerUrl: indexer.url,
		chainId: 31337,
		listingCount: async (block) => listingCount(block),
		timeoutMs,
		readings: asked,
		dated,
		tokenPrices: new TokenPrices({ dated: [], rule: { maxAge: 900, maxSpreadBps: 500 } }),
		history: { look: (look) => looks.push(look) },
		now: () => NOW,
		monotonic: () => 0,
	});
	return Object.assign(made, { asked });
}

function akash(fetch: Source['fetch']): Source {
	const common = { url: null, refreshSeconds: 300, timeoutMs: null, maxBytes: null };
	return { ...common, id: 'akash', name: 'Akash', network: 'akash', fetch };
}

beforeEach(async () => {
	indexer = await fakeIndexer();
});

afterEach(async () => {
	looks.length = 0;
	listingCount = () => 0;
	for (const asked of all.splice(0)) await asked.close();
	await indexer.close();
});

describe('AGT-01 the market', () => {
	it('VER-05 leaves no listing out for its words: a decision without it could be called wrong', async () => {
		indexer.rows = [
			listingRow({
				name: `${'x'.repeat(199)}🚀`,
				region: '\u0000\ud83d',
				provider: { owner: `0x${'AB'.repeat(20)}`, name: '\u0007' },
			}),
		];
		const { snapshot } = await market().collect(0n, [H100], never);
		expect(snapshot.quotes.filter(({ source }) => source === 'necto').map(({ listing }) => listing?.id)).toEqual([1]);
	});

	it('AGT-06 publishes no buyer’s address that a provider wrote into a name', async () => {
		const buyer = `0x${'cd'.repeat(20)}`;
		indexer.rows = [
			listingRow({ name: `For ${buyer}`, region: buyer, provider: { owner: `0x${'ab'.repeat(20)}`, name: buyer } }),
		];
		const { snapshot } = await market().collect(0n, [H100], never);
		expect(snapshot.quotes.some(({ listing }) => listing?.name.startsWith('For 0xcdcd'))).toBe(true);
		expect(Buffer.from(snapshotToBytes(snapshot)).toString()).not.toContain('cd'.repeat(20));
	});

	it('PROV-08 reads tiers, what is attested of providers, and whom a listing serves', async () => {
		const owner = `0x${'ab'.repeat(20)}`;
		const buyer = `0x${'cd'.repeat(20)}`;
		indexer.rows = [
			listingRow({ tiers: '[{"hour":0,"multiplier":10000},{"hour":120,"multiplier":9000}]' }),
			listingRow({ id: 2, allowListOnly: true }),
			listingRow({ id: 3, ruleAttestations: 1 }),
			listingRow({ id: 4, tiers: 'nonsense' }),
			listingRow({ id: 5, tiers: '[{"hour":500,"multiplier":1}]' }),
		];
		indexer.attestations = [
			{ subject: owner, kind: 'kyc', expiresAt: '1800000000' },
			{ subject: buyer, kind: 'iso27001', expiresAt: '1800000000' },
		];
		const { snapshot } = await market().collect(0n, [H100], never);
		const own = snapshot.quotes.filter((quote) => quote.source === 'necto');
		expect(own.map(({ listing }) => listing?.id)).toEqual([1, 2, 3]);
		expect(own[0]?.listing).toMatchObject({
			tiers: [
				{ hour: 0, multiplier: 10_000 },
				{ hour: 120, multiplier: 9_000 },
			],
			attestations: [{ kind: 'kyc', expiresAt: 1_800_000_000 }],
			restricted: false,
		});
		expect(own.map(({ listing }) => listing?.restricted)).toEqual([false, true, true]);
		expect(snapshot.sources.find(({ id }) => id === 'necto')?.note).toContain('4, 5');
		// A snapshot is published: what is attested of a buyer is none of its business.
		expect(Buffer.from(snapshotToBytes(snapshot)).toString()).not.toContain('iso27001');
	});

	it('PROV-09 asks for any number of restricted listings, and for the lists of their providers only', async () => {
		const buyer = address(`0x${'cd'.repeat(20)}`);
		indexer.rows = Array.from({ length: 1_201 }, (_, at) =>
			listingRow({ id: at + 1, providerId: at + 1, allowListOnly: true }),
		);
		// A buyer that stands on many lists of others, as anybody can arrange.
		indexer.allowedBuyers = [501, 1_201, 9_001, 9_002].map((providerId) => ({ providerId, buyer }));
		const made = market();
		const { snapshot } = await made.collect(0n, [H100], never);
		expect(await made.admissions(buyer, { startWindow: 600, duration: 3_600 }, snapshot, never)).toEqual([501, 1_201]);
		const lists = indexer.requests.filter(({ body }) => body.includes('allowedBuyers'));
		expect(lists.map(({ body }) => JSON.parse(body).variables.providers.length)).toEqual([500, 500, 201]);
	});

	it('PROV-09 knows which restricted listings serve a buyer until a job’s end', async () => {
		const buyer = address(`0x${'cd'.repeat(20)}`);
		indexer.rows = [
			listingRow(),
			listingRow({ id: 2, allowListOnly: true }),
			listingRow({ id: 3, ruleAttestations: 1 }),
			listingRow({ id: 4, providerId: 9, allowListOnly: true, ruleAttestations: 1 }),
			listingRow({ id: 5, ruleAttestations: 3 }),
		];
		const made = market();
		const { snapshot } = await made.collect(0n, [H100], never);
		const until = snapshot.takenAt + 600 + 3_600;
		const admitted = () => made.admissions(buyer, { startWindow: 600, duration: 3_600 }, snapshot, never);
		expect(await admitted()).toEqual([]);
		indexer.allowedBuyers = [{ providerId: 1, buyer }];
		expect(await admitted()).toEqual([2]);
		indexer.attestations = [{ subject: buyer, kind: 'kyc', expiresAt: `${until - 1}` }];
		expect(await admitted()).toEqual([2]);
		indexer.attestations = [{ subject: buyer, kind: 'kyc', expiresAt: `${until}` }];
		expect(await admitted()).toEqual([2, 3]);
		indexer.allowedBuyers = [{ providerId: 9, buyer }];
		expect(await admitted()).toEqual([3, 4]);
	});

	it('holds the own listings beside every other source, as a file that reads back', async () => {
		const { snapshot } = await market().collect(0n, [H100], never);
		expect(snapshot.chain).toEqual({ id: 31337, block: 10n });
		const own = snapshot.quotes.find((quote) => quote.source === 'necto');
		expect(own).toMatchObject({
			key: 'necto:1',
			network: 'necto',
			evidence: 'listing',
			price: { model: 'fixed', amount: '2490000', exponent: 6, currency: 'USD', per: 'gpu', time: 'hour' },
			availability: { state: 'available', gpus: 6, widest: 8 },
			host: { vcpus: 8, ramGiB: 64, diskGiB: null },
			listing: { id: 1, version: 3, provider: `0x${'ab'.repeat(20)}`, total: 8, reserved: 2 },
		});
		expect(snapshotFromBytes(snapshotToBytes(snapshot)).quotes).toHaveLength(snapshot.quotes.length);
		expect(snapshot.sources.map((source) => source.id)).toEqual(
			expect.arrayContaining(['necto', 'akash', 'lambda', 'render', 'aethir']),
		);
		expect(snapshot.sources.find((source) => source.id === 'aethir')?.state).toBe('not-configured');
	});

	it('waits for the block that a job needs', async () => {
		setTimeout(() => {
			indexer.block = 25;
		}, 150);
		const { snapshot } = await market().collect(25n, [H100], never);
		expect(snapshot.chain.block).toBe(25n);
	});

	it('decides on nothing when the indexer does not get there', async () => {
		const gaveUp = new AbortController();
		const decision = market().collect(99n, [H100], gaveUp.signal);
		decision.catch(() => undefined);
		await until(() => indexer.requests.length >= 2);
		gaveUp.abort();
		await expect(decision).rejects.toMatchObject({ failure: 'behind' });
	});

	it('shares a snapshot between decisions at the same time, and never an older one than is needed', async () => {
		const made = market();
		const first = await made.collect(10n, [H100], never);
		expect(await made.collect(9n, [H100], never)).toBe(first);
		indexer.block = 11;
		const later = await made.collect(11n, [H100], never);
		expect(later).not.toBe(first);
		expect(later.snapshot.chain.block).toBe(11n);
	});

	it('VER-03 reads again while a row is of a later block than the one that the indexer says it is at', async () => {
		indexer.block = 20;
		indexer.rows = [listingRow({ version: 4, updatedBlock: '21' })];
		setTimeout(() => {
			indexer.block = 21;
		}, 60);
		const { snapshot } = await market().collect(0n, [H100], never);
		expect(snapshot.chain.block).toBe(21n);
		expect(snapshot.quotes.find((quote) => quote.key === 'necto:1')?.listing?.version).toBe(4);
	});

	it('SYS-05 decides on nothing while no node says how many listings there are, and goes on when one does', async () => {
		indexer.rows = [listingRow()];
		const counts: (number | null)[] = [];
		listingCount = () => {
			counts.push(null);
			return null;
		};
		const gone = new AbortController();
		const unanswered = market().collect(0n, [H100], gone.signal);
		unanswered.catch(() => undefined);
		await until(() => counts.length >= 2);
		gone.abort();
		await expect(unanswered).rejects.toMatchObject({
			failure: 'behind',
			message: 'No node of the chain says how many listings there are at block 10.',
		});
		let asked = 0;
		listingCount = () => (asked++ === 0 ? null : 1);
		expect((await market().collect(0n, [H100], never)).snapshot.chain.block).toBe(10n);
		listingCount = () => 9;
		await expect(market().collect(0n, [H100], never)).rejects.toThrow('1 of the 9 listings');
	});

	it('SYS-05 counts the listings on a chain where each reading sees a block go by', async () => {
		indexer.rows = [listingRow()];
		listingCount = () => 9;
		let block = 10;
		Object.defineProperty(indexer, 'block', { get: () => block++ });
		await expect(market().collect(0n, [H100], never)).rejects.toThrow('1 of the 9 listings');
	});

	it('leaves out rows that cannot be read and says which', async () => {
		indexer.rows = [
			listingRow(),
			listingRow({ id: 2, gpuModel: 'H100; DROP TABLE' }),
			listingRow({ id: 3, rate: '-5' }),
			listingRow({ id: 4, provider: null }),
			listingRow({ id: 5, name: 'x\u0007\n<script>', network: 'Akash Network!' }),
			'nonsense',
		];
		const { snapshot } = await market().collect(0n, [H100], never);
		const own = snapshot.quotes.filter((quote) => quote.source === 'necto');
		expect(own.map((quote) => quote.key)).toEqual(['necto:1', 'necto:5']);
		expect(own[1]?.network).toBe('akash-network-');
		expect(own[1]?.listing?.name).toBe('x  <script>');
		expect(snapshot.sources.find((source) => source.id === 'necto')?.note).toMatch(/2, 3, 4/);
	});

	it('takes live answers in place of dated figures, and the dated ones back when they fail', async () => {
		const [sample] = dated.sources.find((source) => source.id === 'akash')?.quotes ?? [];
		if (sample === undefined) throw new Error('no sample');
		const live = { ...sample, evidence: 'live' as const, observedAt: NOW as never };
		let works = true;
		const made = market([
			akash(async () => {
				if (!works) throw new SourceError('not-json', 'It answers with a page.');
				return { quotes: [live], left: {}, incomplete: null };
			}),
		]);
		await made.asked.refresh();
		const fresh = (await made.collect(0n, [H100], never)).snapshot;
		expect(fresh.quotes.filter((quote) => quote.source === 'akash')).toEqual([live]);
		expect(fresh.sources.find((source) => source.id === 'akash')?.state).toBe('fresh');
		works = false;
		await made.asked.refresh();
		expect(made.statuses.find((source) => source.id === 'akash')).toMatchObject({ state: 'stale', quotes: 1 });
		expect(made.statuses.find((source) => source.id === 'akash')?.note).toMatch(
			/^Failing since \d+ \w+, \d\d:\d\d UTC: Akash answers with a page\.$/,
		);
	});

	it('is not held up or brought down by a source that hangs or throws nonsense', async () => {
		const made = market([akash(() => new Promise(() => undefined))], 300);
		await made.asked.refresh();
		expect(made.statuses.find((source) => source.id === 'akash')).toMatchObject({ state: 'snapshot' });
		const other = market([akash(() => Promise.reject('x'))]);
		await other.asked.refresh();
		expect(
			(await other.collect(0n, [H100], never)).snapshot.quotes.some(
				(quote) => quote.source === 'akash' && quote.evidence === 'snapshot',
			),
		).toBe(true);
	});

	it('SYS-04 says of dated figures how to have live ones', () => {
		expect(market().statuses.find(({ id }) => id === 'lambda')).toMatchObject({
			state: 'snapshot',
			note: expect.stringMatching(/^Not asked: set LAMBDA_API_KEY to see its offers\. List prices/),
		});
	});

	it('AGT-03 shows the sources of token prices with their state beside the others', async () => {
		const made = market();
		await made.asked.refresh();
		expect(made.statuses.find(({ id }) => id === 'coingecko')).toMatchObject({
			state: 'failing',
			failingSince: NOW,
			quotes: 0,
			gives: 'token-prices',
			note: expect.stringMatching(/^Not answering since \d+ \w+, \d\d:\d\d UTC: CoinGecko /),
		});
		expect(made.statuses.find(({ id }) => id === 'pyth')).toMatchObject({
			state: 'not-configured',
			note: expect.stringContaining('PYTH_API_KEY'),
		});
		// They make no offers, so a snapshot does not count them among the sources of offers.
		const { snapshot } = await made.collect(0n, [], never);
		expect(snapshot.sources.map(({ id }) => id)).not.toContain('coingecko');
	});

	it('AGT-10 tells the history what it sees, and of failing sources only that they fail', async () => {
		const [sample] = dated.sources.find((source) => source.id === 'akash')?.quotes ?? [];
		if (sample === undefined) throw new Error('no sample');
		let works = true;
		const made = market([
			akash(async () => {
				if (!works) throw new SourceError('not-json', 'It answers with a page.');
				return { quotes: [{ ...sample, evidence: 'live' }], left: {}, incomplete: null };
			}),
		]);
		await made.asked.refresh();
		works = false;
		await made.asked.refresh();
		await made.collect(0n, [], never);
		const of = (id: string) => looks.filter(({ status }) => status.id === id);
		expect(of('akash').map(({ status, quotes, at }) => [status.state, quotes.length, at])).toEqual([
			['fresh', 1, NOW],
			['stale', 0, NOW],
		]);
		expect(of('necto').map(({ status, quotes }) => [status.state, quotes.length])).toEqual([['fresh', 1]]);
		expect(of('coingecko')[0]?.status).toMatchObject({ state: 'failing', gives: 'token-prices' });
		indexer.broken = true;
		await expect(made.collect(99n, [], never)).rejects.toThrow();
		expect(of('necto').at(-1)).toMatchObject({ status: { state: 'stale' }, quotes: [] });
	});

	it('SYS-03 takes nobody’s going away for trouble of the indexer', async () => {
		const made = market();
		await made.collect(0n, [H100], never);
		const gone = new AbortController();
		const asking = made.collect(99n, [H100], gone.signal);
		gone.abort();
		await expect(asking).rejects.toThrow();
		expect(made.statuses[0]).toMatchObject({ id: 'necto', state: 'fresh', failingSince: null, note: null });
	});

	it('SYS-03 says in plain words what sources say of their trouble, for databases and snapshots alike', async () => {
		const made = market([
			akash(async () => {
				throw new SourceError('shape', 'It says \u0000\ud83d.');
			}),
		]);
		await made.asked.refresh();
		const row = made.sources.rows.find(({ source }) => source.id === 'akash');
		expect(row?.status.note).toContain('Akash says   .');
		expect(row?.source.note).toBe(row?.status.note);
	});

	it('SYS-03 warns of a failing source once, and says when it answers again', async () => {
		const said: unknown[] = [];
		const tell = (of: unknown, words?: unknown) => {
			if (JSON.stringify(of).includes('akash')) said.push(words);
		};
		let asked = 0;
		const source = akash(async () => {
			if (++asked <= 3) throw new SourceError('refused', 'It refuses the request (401).');
			return { quotes: [], left: {}, incomplete: null };
		});
		market([{ ...source, refreshSeconds: 0.01 }], 1_500, standIn<Logger>({ warn: tell, info: tell })).asked.start();
		await until(() => asked > 5);
		expect(said).toEqual(['Akash refuses the request (401).', 'The source responds again']);
	});

	it('SYS-03 asks a failing source ever later, and one that is asked too often no more often', () => {
		const failing = (failure: SourceFailure) => ({ since: NOW, failure, message: '' });
		const waits = (failures: number) => secondsUntilNext(failing('shape'), failures, 86_400);
		expect([1, 2, 3, 12].map(waits)).toEqual([60, 120, 240, 86_400]);
		expect(secondsUntilNext(failing('timeout'), 1, 30)).toBe(30);
		expect(secondsUntilNext(failing('rate-limited'), 1, 300)).toBe(300);
		expect(secondsUntilNext(null, 0, 300)).toBe(300);
	});

	it('COMP-04 keeps the contract’s counters of a provider’s jobs beside its listings, and ranks nothing by them', async () => {
		indexer.rows = [listingRow(), listingRow({ id: 2, provider: { owner: `0x${'AB'.repeat(20)}`, name: 'Old' } })];
		const { snapshot } = await market().collect(0n, [], never);
		const own = snapshot.quotes.filter(({ source }) => source === 'necto');
		expect(own.map(({ listing }) => listing?.jobs)).toEqual([{ completed: 4, failed: 1, disputed: 0 }, undefined]);
		expect(own[0]?.quality).toEqual({ uptimeBps: null, latencyMs: null, ratingBps: null, riskBps: null });
	});
});
