import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { offersResponse, offerView, offerViews } from '../../../test/offer.ts';
import { Market } from './market.svelte.ts';

/** A stream whose other end is in the test's hands. */
class FakeSource extends EventTarget {
	static all: FakeSource[] = [];
	readonly url: string;
	close = vi.fn();

	constructor(url: string) {
		super();
		this.url = url;
		FakeSource.all.push(this);
	}

	say(delta: object): void {
		this.dispatchEvent(new MessageEvent('offers', { data: JSON.stringify({ ...NOTHING, ...delta }) }));
	}
}

const NOTHING = {
	from: 'v1',
	version: 'v2',
	more: false,
	takenAt: 1_790_000_200,
	block: '8',
	total: 2,
	otherTerms: {},
	sources: null,
	tokenPrices: null,
	references: null,
	changed: [],
	removed: [],
	seen: [],
};

const answer = (body: object) =>
	new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
const asked = () => vi.mocked(fetch).mock.calls.map(([path]) => String(path));

async function last(count = 1): Promise<FakeSource> {
	// It waits a second before it tries again.
	await expect.poll(() => FakeSource.all).toHaveLength(count);
	const source = FakeSource.all.at(-1);
	if (source === undefined) throw new Error('nothing connected');
	return source;
}

let stop: (() => void) | undefined;

function follow(query = 'limit=5000') {
	const market = new Market();
	// What the market uses of an EventSource is all there.
	const open = (url: string) => new FakeSource(url) as unknown as EventSource;
	stop = market.follow({ query, order: (a, b) => (a.quote.key < b.quote.key ? -1 : 1) }, open);
	return market;
}

const keys = (market: Market) => market.list.shown.map((row) => row.key);

beforeEach(() => {
	FakeSource.all = [];
	vi.stubGlobal(
		'fetch',
		vi.fn(async () => answer(offersResponse(offerViews({}, {}), 'v1'))),
	);
});
afterEach(() => {
	stop?.();
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

describe('DISC-01 the market kept true', () => {
	test('is asked once, and then followed from the version that came', async () => {
		const market = follow('gpu=h100&limit=5000');
		const source = await last();
		expect(asked()).toEqual(['/api/agent/offers?gpu=h100&limit=5000']);
		expect(source.url).toBe('/api/agent/offers/stream?gpu=h100&limit=5000&since=v1');
		source.dispatchEvent(new MessageEvent('heartbeat', { data: '{}' }));
		expect(market.live).toBe(true);
		source.say({ changed: [offerView({ key: 's:2' })], removed: ['s:0'], total: 2 });
		expect(keys(market)).toEqual(['s:1', 's:2']);
		expect(market.now).toMatchObject({ version: 'v2', block: '8', total: 2 });
		expect(market.now?.sources).toHaveLength(1);
		expect(asked()).toHaveLength(1);
	});

	test('everything anew replaces all rows, also when it comes in parts', async () => {
		const market = follow();
		const source = await last();
		source.say({ from: null, version: 'v9', more: true, changed: [offerView({ key: 's:5' })], total: 2 });
		expect(keys(market)).toEqual(['s:0', 's:1']);
		source.say({ from: 'v9', version: 'v9', changed: [offerView({ key: 's:6' })], total: 2 });
		expect(keys(market)).toEqual(['s:5', 's:6']);
		expect(market.now?.version).toBe('v9');
	});

	test('a change of another version is not applied: everything is asked for again', async () => {
		const market = follow();
		const source = await last();
		source.say({ from: 'v7', changed: [offerView({ key: 's:5' })] });
		expect(keys(market)).toEqual(['s:0', 's:1']);
		expect(source.close).toHaveBeenCalledOnce();
		await last(2);
		expect(asked()).toHaveLength(2);
	});

	test('after a break it goes on from the version seen last', async () => {
		const market = follow();
		const source = await last();
		source.dispatchEvent(new MessageEvent('heartbeat', { data: '{}' }));
		source.say({});
		vi.mocked(fetch).mockImplementation(async () => new Response(null, { status: 304 }));
		source.dispatchEvent(new Event('error'));
		expect(market.live).toBe(false);
		expect((await last(2)).url).toContain('since=v2');
		expect(keys(market)).toEqual(['s:0', 's:1']);
	});

	test('while nothing can be asked it keeps what it shows, says why, and tries again', async () => {
		const market = follow();
		const source = await last();
		vi.mocked(fetch).mockRejectedValueOnce(new TypeError('offline'));
		source.dispatchEvent(new Event('error'));
		await expect.poll(() => market.problem?.code).toBe('offline');
		expect(keys(market)).toEqual(['s:0', 's:1']);
		await last(2);
		expect(market.problem).toBeNull();
	});

	test('while the stream does not open it is asked again every few seconds', async () => {
		vi.useFakeTimers({ toFake: ['setInterval'] });
		const market = follow();
		await last();
		vi.mocked(fetch).mockImplementation(async () => answer(offersResponse(offerViews({}), 'v3')));
		vi.advanceTimersByTime(11_000);
		await expect.poll(() => keys(market)).toEqual(['s:0']);
	});

	test('followed in an effect it asks once, however often it moves', async () => {
		const market = new Market();
		const open = (url: string) => new FakeSource(url) as unknown as EventSource;
		stop = $effect.root(() => {
			$effect(() => market.follow({ query: 'limit=5000', order: () => 0 }, open));
		});
		flushSync();
		const source = await last();
		source.dispatchEvent(new MessageEvent('heartbeat', { data: '{}' }));
		source.say({ changed: [offerView({ key: 's:0', usd: '7' })] });
		flushSync();
		source.say({ from: 'v2', version: 'v3' });
		flushSync();
		await new Promise((resolve) => setTimeout(resolve, 300));
		expect(asked()).toHaveLength(1);
		expect(FakeSource.all).toHaveLength(1);
		expect(market.now?.version).toBe('v3');
	});

	test('another question is asked in place of the first, whose rows stay in sight until the answer', async () => {
		const market = follow('gpu=h100');
		const source = await last();
		stop?.();
		vi.mocked(fetch).mockImplementation(async () => answer(offersResponse(offerViews({ key: 's:7' }), 'v5')));
		stop = market.follow({ query: 'gpu=a100', order: () => 0 }, (url) => new FakeSource(url) as unknown as EventSource);
		expect(source.close).toHaveBeenCalled();
		expect(market.busy).toBe(true);
		expect(keys(market)).toEqual(['s:0', 's:1']);
		await expect.poll(() => keys(market)).toEqual(['s:7']);
		expect(market.busy).toBe(false);
	});

	test('when it is stopped nothing more is asked or taken', async () => {
		const market = follow();
		const source = await last();
		stop?.();
		expect(source.close).toHaveBeenCalled();
		source.say({ removed: ['s:0'] });
		expect(keys(market)).toEqual(['s:0', 's:1']);
	});
});
