/**
 * How long questions to the market take, beside the same without an index: `npm run bench:market`. Prints tables; the times are milliseconds of processor time,
 * median and 95th percentile. Not a test: the figures depend on the machine, and the two columns of one run are what to compare.
 */
import { decide, defaultPolicy, MarketIndex, type MarketQuery, marketQuerySchema, type Pricing } from '../src/index.ts';
import { NOW, REGISTRY, request, snapshot } from '../test/build.ts';
import { offers, TOKENS } from './offers.ts';
import { plainMarket, plainQuery } from './plain.ts';

const SIZES = [12_500, 25_000, 50_000, 100_000];
const pricing: Pricing = { tokenPrices: TOKENS, takenAt: NOW, policy: defaultPolicy };
const ask = (query: Record<string, string>) => marketQuerySchema.parse(query);
const QUESTIONS: [string, MarketQuery][] = [
	['everything, first 100', ask({ limit: '100' })],
	['basket, region, max', ask({ gpu: 'h100,h200:1.3,a100:0.45', region: 'europe', maxUsd: '3.50', limit: '100' })],
	['job cost, prefer', ask({ gpu: 'h100,h200:1.3,a100:0.45', gpus: '4', hours: '72', prefer: 'de,fr', limit: '100' })],
	['job cost of everything', ask({ gpus: '4', hours: '72', prefer: 'europe', limit: '100' })],
	['free words', ask({ q: 'h100 network-7', limit: '100' })],
	['page 50 deep', ask({ limit: '100', offset: '5000' })],
	['page 50 deep, job cost', ask({ gpus: '4', hours: '72', limit: '100', offset: '5000' })],
];

function timed<Result>(run: () => Result): [Result, number] {
	const start = process.cpuUsage();
	const result = run();
	const { user, system } = process.cpuUsage(start);
	return [result, (user + system) / 1000];
}

function percentiles(run: () => void, times: number): { median: number; p95: number } {
	const sorted = Array.from({ length: times }, () => timed(run)[1]).toSorted((a, b) => a - b);
	const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
	return { median: at(0.5), p95: at(0.95) };
}

/** Bytes that are in use once rubbish is collected. */
function heap(): number {
	globalThis.gc?.();
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return heapUsed + arrayBuffers;
}

const ms = (value: number) => value.toFixed(value < 10 ? 2 : 0);
const say = (...cells: (string | number)[]) => process.stdout.write(`${cells.join('\t')}\n`);

// Warms up the compiler: the first market of a process is slower than all that follow.
const warm = offers(3_000);
for (let run = 0; run < 3; run++) new MarketIndex(warm, pricing).query(ask({ gpus: '1' }));
plainQuery(plainMarket(warm, pricing), ask({ gpus: '1' }));

say('Making the market ready (ms), and bytes it holds for each offer beside the quotes');
say('offers', 'index', 'plain', 'plain/index', 'index n log n', 'index B', 'plain B', 'decide');
let unit = 0;
for (const size of SIZES) measure(size);

function measure(size: number): void {
	const quotes = offers(size);
	const before = heap();
	const [index, indexTime] = timed(() => new MarketIndex(quotes, pricing));
	const indexed = heap();
	const [plain, plainTime] = timed(() => plainMarket(quotes, pricing));
	const all = heap();
	const job = { chainId: 31337, registry: REGISTRY, id: null, requester: null };
	const market = snapshot(quotes, { tokenPrices: TOKENS });
	const [, decideTime] = timed(() => decide({ job, request: request(), snapshot: market, policy: defaultPolicy }));
	const share = indexTime / (size * Math.log2(size));
	if (unit === 0) unit = share;
	say(
		size,
		ms(indexTime),
		ms(plainTime),
		(plainTime / indexTime).toFixed(1),
		(share / unit).toFixed(2),
		Math.round((indexed - before) / size),
		Math.round((all - indexed) / size),
		ms(decideTime),
	);

	say('', 'question', 'total', 'cold', 'median', 'p95', 'plain median', 'plain p95', 'plain/index');
	for (const [name, query] of QUESTIONS) {
		const [answer, cold] = timed(() => index.query(query));
		const fast = percentiles(() => index.query(query), 60);
		const slow = percentiles(() => plainQuery(plain, query), 7);
		say(
			'',
			name,
			answer.total,
			ms(cold),
			ms(fast.median),
			ms(fast.p95),
			ms(slow.median),
			ms(slow.p95),
			(slow.median / fast.median).toFixed(0),
		);
	}
}
