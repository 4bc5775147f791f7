/** `GET /offers` and what belongs to it. Through `app.request`: no port is opened. */
import { apiErrorSchema, offerDetailSchema, offersResponseSchema, quoteJson, snapshotToBytes } from '@necto/core';
import { parse } from 'csv-parse/sync';
import { afterEach, describe, expect, it } from 'vitest';
import { csvOf } from '../src/http/csv.ts';
import { MOST_COMPARED } from '../src/market/bound.ts';
import { listingRow } from './support/indexer.ts';
import { A100, H100, movingSource, NOW, offer, offersApp, type TestMarket, testMarket } from './support/market.ts';

const open: TestMarket[] = [];

afterEach(async () => {
	for (const made of open.splice(0)) await made.close();
});

async function world(...sources: Parameters<typeof movingSource>[]) {
	const live = sources.map(([id, ...quotes]) => movingSource(id, ...quotes));
	const made = await testMarket(live);
	open.push(made);
	await made.refresh();
	const app = offersApp(made);
	const get = (path: string, headers: Record<string, string> = {}) => Promise.resolve(app.request(path, { headers }));
	return {
		made,
		live,
		get,
		offers: async (query: string) => offersResponseSchema.parse(await (await get(`/offers${query}`)).json()),
	};
}

const akash = [
	'akash',
	offer('akash', 'a', '1.50'),
	offer('akash', 'b', '1.60'),
	offer('akash', 'c', '1.70'),
] as Parameters<typeof movingSource>;

describe('DISC-01 GET /offers', () => {
	it('works out what a job costs where it is named', async () => {
		const { offers } = await world(akash);
		const [plain] = (await offers('?source=akash')).offers;
		expect(plain?.cost).toBeNull();
		const [costed] = (await offers('?source=akash&gpus=2&hours=3')).offers;
		expect(costed?.cost).toMatchObject({ total: '9000000', perGpuHour: '1500000' });
		expect(costed?.cost?.steps.length).toBeGreaterThan(0);
	});

	it('says where the next page is, until there is none', async () => {
		const { get, offers } = await world(akash);
		const first = await get('/offers?source=akash&limit=2');
		expect(first.headers.get('link')).toBe('</offers?source=akash&limit=2&offset=2>; rel="next"');
		const second = await get('/offers?source=akash&limit=2&offset=2');
		expect(second.headers.get('link')).toBeNull();
		const { offers: rest, total } = offersResponseSchema.parse(await second.json());
		expect([rest.map(({ quote }) => quote.key), total]).toEqual([['akash:c'], 3]);
		expect((await offers('?source=akash')).total).toBe(3);
		expect((await get('/offers?source=akash')).headers.get('link')).toBeNull();
	});

	it('answers 304 for the same question about the same market only', async () => {
		const { get, made, live } = await world(akash);
		const first = await get('/offers?source=akash');
		const etag = { 'if-none-match': first.headers.get('etag') ?? '' };
		const again = await get('/offers?source=akash', etag);
		expect([again.status, await again.text()]).toEqual([304, '']);
		expect((await get('/offers?source=akash&sort=age', etag)).status).toBe(200);
		expect((await get('/offers?source=akash&format=csv', etag)).status).toBe(200);
		const [source] = live;
		if (source === undefined) throw new Error('no source');
		source.says = { ...source.says, quotes: [offer('akash', 'a', '1.40')] };
		await made.refresh();
		expect((await get('/offers?source=akash', etag)).status).toBe(200);
	});

	it('is a file for whoever wants to keep it', async () => {
		const { get } = await world(akash);
		const file = await get('/offers?download=true&source=akash');
		expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="necto-offers-[\dT-]+Z\.json"$/);
		const shown = await get('/offers?source=akash');
		expect(shown.headers.get('content-disposition')).toBeNull();
		expect(await file.text()).toBe(await shown.text());
	});

	it.each([
		['maxUsd=cheap', 'maxUsd: must be a decimal number of USD'],
		['sort=worst', 'sort'],
		['colour=red', "Unknown parameter 'colour'; valid parameters are gpu, memory, form"],
		['region=atlantis', 'must be country codes or some of'],
		['gpu=h100:0', 'must have a performance above zero'],
		['hours=0', 'must be above zero'],
		['format=xml', 'format'],
		['limit=10001', 'limit'],
	])('refuses ?%s and says what is wrong', async (query, words) => {
		const { get } = await world();
		const answer = await get(`/offers?${query}`);
		expect(answer.status).toBe(400);
		const error = apiErrorSchema.parse(await answer.json());
		expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(words) });
		expect(error.requestId).not.toBe('');
	});
});

describe('NET-02 GET /offers/{key}', () => {
	it('shows each step from the published price', async () => {
		const machine = offer('aws', 'p5', '24', { gpus: { numerator: 8, denominator: 1 }, meaning: 'list-price' });
		const { get } = await world(['aws', { ...machine, price: { ...machine.price, per: 'instance' } }]);
		const detail = offerDetailSchema.parse(await (await get('/offers/aws%3Ap5?gpus=1&hours=1')).json());
		expect(detail).toMatchObject({ usdPerGpuHour: '3000000', takenAt: NOW, cost: { total: '24000000' } });
		expect(detail.steps.map(({ name, formula }) => [name, formula])).toEqual([
			['native', '24'],
			['per-gpu', '24 ÷ 8 GPUs'],
		]);
		expect(detail.references.map(({ cloud, key }) => [cloud, key])).toEqual([['aws', 'aws:p5']]);
	});

	it('finds a key that holds escaped characters', async () => {
		const key = 'akash:p5%2Feu%20west';
		const { get } = await world(['akash', { ...offer('akash', 'x', '1.50'), key: key as never }]);
		const answer = await get(`/offers/${encodeURIComponent(key)}`);
		expect(offerDetailSchema.parse(await answer.json()).quote.key).toBe(key);
	});

	it.each([
		['akash:nothing', 404, 'not_found'],
		['nonsense', 400, 'invalid_request'],
	])('says of %s that there is none', async (key, status, code) => {
		const { get } = await world(akash);
		const answer = await get(`/offers/${key}`);
		expect([answer.status, apiErrorSchema.parse(await answer.json()).code]).toEqual([status, code]);
	});
});

describe('DISC-04 the market as a table', () => {
	it('is the filtered list with units in its header, one row for an offer', async () => {
		const { get } = await world(akash);
		for (const path of ['/offers.csv?source=akash&maxUsd=1.6', '/offers?format=csv&source=akash&maxUsd=1.6']) {
			const answer = await get(path);
			expect(answer.headers.get('content-type')).toContain('text/csv');
			const text = await answer.text();
			expect(text.endsWith('\r\n')).toBe(true);
			const rows: Record<string, string>[] = parse(text, { columns: true });
			expect(rows.map((row) => [row.Offer, row['Price (USD per GPU-hour)'], row['Observed at (UTC)']])).toEqual([
				['akash:a', '1.5', '2026-09-21T14:13:20.000Z'],
				['akash:b', '1.6', '2026-09-21T14:13:20.000Z'],
			]);
			expect(rows[0]?.['Least paid time (s)']).toBe('');
		}
		expect((await get('/offers.csv?download=true')).headers.get('content-disposition')).toContain('.csv"');
	});

	it.each([
		['=HYPERLINK("http://evil.example")', `"'=HYPERLINK(""http://evil.example"")"`],
		['+1+1', "'+1+1"],
		['-2+3', "'-2+3"],
		['@SUM(A1)', "'@SUM(A1)"],
		['a, "b"', '"a, ""b"""'],
		// Opened where semicolons part cells.
		['a;=1+1', "a;'=1+1"],
		['a; "@SUM(A1)', `"a; ""'@SUM(A1)"`],
		['a; b', 'a; b'],
	])('runs nothing of %s', (raw, cell) => {
		const quote = quoteJson(offer('akash', 'x', '1', { region: { continent: 'europe', country: null, raw } }));
		const text = [
			...csvOf([
				{
					quote,
					usdPerGpuHour: null,
					refusal: null,
					pricedAt: quote.observedAt,
					routable: false,
					alternatives: [],
					doubt: null,
					cost: null,
				},
			]),
		].join('');
		const [, row] = text.split('\r\n');
		expect(row).toContain(`,${cell},`);
		const [header, parsed]: string[][] = parse(text);
		expect(parsed?.length).toBe(header?.length);
	});

	it('has no more than ten thousand rows, and says where the rest is', async () => {
		const many = Array.from({ length: 10_005 }, (_, at) => offer('akash', `${at}`, '1.50'));
		const { get } = await world(['akash', ...many]);
		const rows: string[][] = parse(await (await get('/offers.csv')).text());
		expect(rows.length).toBe(10_001);
		const next = await get('/offers.csv?limit=10000');
		expect(next.headers.get('link')).toContain('offset=10000');
	});
});

describe('AGT-01 how much of the market a decision keeps', () => {
	it('goes on whatever a source says of its trouble', async () => {
		const { made, live } = await world(akash);
		const [source] = live;
		if (source === undefined) throw new Error('no source');
		source.fetch = () => Promise.reject(new Error(`line\nline ${'x'.repeat(84)}🚀`));
		await made.refresh();
		const { snapshot } = await made.market.collect(0n, [H100], new AbortController().signal);
		expect(snapshot.sources.find(({ id }) => id === 'akash')?.note).toContain('line line');
		expect(() => snapshotToBytes(snapshot)).not.toThrow();
	});

	const named = (model: typeof H100, id: string, usd: string) =>
		offer('akash', id, usd, { gpu: { ...offer('akash', id, usd).gpu, model } });
	const never = new AbortController().signal;
	const many = (count: number, model: typeof H100, prefix: string) =>
		Array.from({ length: count }, (_, at) => named(model, `${prefix}${at}`, `${1 + (at % 7)}.50`));

	it('is all of it while it is small, shared by all models', async () => {
		const { made } = await world(['akash', ...many(MOST_COMPARED - 1, H100, 'h'), named(A100, 'a', '1')]);
		const view = await made.market.collect(0n, [H100], never);
		expect(view.snapshot.quotes.length).toBe(MOST_COMPARED + 1);
		expect(await made.market.collect(0n, [A100], never)).toBe(view);
	});

	it('is the asked model alone beyond that, and says what was left out', async () => {
		const { made } = await world(['akash', ...many(MOST_COMPARED, H100, 'h'), named(A100, 'a', '1')]);
		const { snapshot, sources } = await made.market.collect(0n, [A100], never);
		expect(snapshot.quotes.map(({ key }) => key)).toEqual(['necto:1', 'akash:a']);
		const note = `${MOST_COMPARED} offers of other GPU models left out.`;
		expect(snapshot.sources.find(({ id }) => id === 'akash')).toMatchObject({ quotes: 1, note });
		expect(sources.find(({ id }) => id === 'akash')).toMatchObject({ quotes: 1, note });
		expect(await made.market.collect(0n, [A100], never)).toBe(await made.market.collect(0n, [A100], never));
		// What people look at holds everything.
		expect((await made.feed.current()).quotes.length).toBe(MOST_COMPARED + 2);
	});

	it('is the cheapest of the model if those are too many, and the same however they were listed', async () => {
		const quotes = [...many(MOST_COMPARED + 100, H100, 'h'), named(H100, 'cheap', '0.10')];
		const snapshots = [];
		for (const listed of [quotes, quotes.toReversed()]) {
			const { made } = await world(['akash', ...listed]);
			snapshots.push((await made.market.collect(0n, [H100], never)).snapshot);
		}
		const [first, second] = snapshots.map((snapshot) => snapshotToBytes(snapshot));
		expect(first).toEqual(second);
		const kept = snapshots[0]?.quotes.filter(({ source }) => source === 'akash') ?? [];
		expect(kept.length).toBe(MOST_COMPARED);
		expect(kept.some(({ key }) => key === 'akash:cheap')).toBe(true);
		expect(kept.filter(({ price }) => price.amount === '7.50').length).toBe(MOST_COMPARED - 1 - 6 * 300);
		expect(snapshots[0]?.sources.find(({ id }) => id === 'akash')?.note).toBe('101 offers at higher prices left out.');
	});

	it('AGT-02 has no offer under other terms than on demand and spot, and says how many there are', async () => {
		const { made, get } = await world([
			'akash',
			offer('akash', 'plain', '1.50'),
			offer('akash', 'r', '0.50', {
				rental: { minSeconds: null, prepaid: true, term: { kind: 'prepaid', words: 'prepaid 720' } },
			}),
		]);
		const { snapshot } = await made.market.collect(0n, [H100], never);
		expect(snapshot.quotes.map(({ key }) => key)).toEqual(['necto:1', 'akash:plain']);
		const note = '1 offer on other rental terms left out.';
		expect(snapshot.sources.find(({ id }) => id === 'akash')).toMatchObject({ quotes: 1, note });
		expect(await made.market.collect(0n, [A100], never)).toMatchObject({ snapshot });
		const page = async (query: string) => offersResponseSchema.parse(await (await get(`/offers?${query}`)).json());
		const plain = await page('source=akash');
		expect(plain.offers.map(({ quote }) => quote.key)).toEqual(['akash:plain']);
		expect(plain).toMatchObject({ total: 1, otherTerms: { prepaid: 1 } });
		const prepaid = await page('source=akash&terms=prepaid');
		expect(prepaid.offers.map(({ quote }) => [quote.key, quote.rental?.term?.words])).toEqual([
			['akash:r', 'prepaid 720'],
		]);
		const [, row] = (await (await get('/offers.csv?terms=prepaid')).text()).split('\r\n');
		expect(row).toContain(',prepaid,prepaid 720,');
	});

	it('always holds all of Necto’s own listings', async () => {
		const { made } = await world(['akash', ...many(MOST_COMPARED + 1, H100, 'h')]);
		made.indexer.rows = Array.from({ length: 30 }, (_, at) =>
			listingRow({ id: at + 1, gpuModel: 'l40s', rate: '99000000' }),
		);
		const { snapshot } = await made.market.collect(0n, [H100], never);
		expect(snapshot.quotes.filter(({ source }) => source === 'necto').length).toBe(30);
	});
});
