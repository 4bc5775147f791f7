/** An operator's own file. Its figures are made up by nature: nobody publishes them; the ones here follow the documentation's example. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSources } from '../../src/sources/asking/settings.ts';
import type { SourceDefinition } from '../../src/sources/asking/source.ts';
import { aethir, operator } from '../../src/sources/operator.ts';
import { render } from '../../src/sources/render.ts';
import { priceOf } from '../support/price.ts';
import { ask, closeFakes, NOW } from '../support/source.ts';

closeFakes();

const directory = mkdtempSync(join(tmpdir(), 'necto-quotes-'));
afterAll(() => rmSync(directory, { recursive: true }));
const FILE = join(directory, 'quotes.json');

const origin = { source: 'E-mail of 1 September 2026', date: '2026-09-01' };

function quote(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		id: 'h100-sg',
		network: 'aethir',
		quotedBy: 'Aethir sales',
		...origin,
		validUntil: '2026-09-21',
		gpu: 'H100 SXM5 80GB',
		count: 8,
		region: 'Singapore',
		amount: '12.40',
		unit: 'machine-hour',
		minHours: 720,
		prepaid: true,
		...changes,
	};
}

const figures = {
	tier: 'tier-2',
	pointHoursPerEuro: { value: '100', source: 'Render knowledge base, pricing', date: '2026-09-10' },
	usdPerEuro: { usd: '1.08', source: 'ECB reference rate', date: '2026-09-18' },
	scores: [{ gpu: 'RTX 4090', value: '50', source: 'own run of OctaneBench', date: '2026-08-30' }],
	validUntil: '2026-10-01',
};

function file(quotes: unknown[], more: Record<string, unknown> = {}) {
	return { format: 'necto.operator-quotes/1', quotes, ...more };
}

function asked(definition: SourceDefinition, content: unknown, path = FILE) {
	writeFileSync(FILE, typeof content === 'string' ? content : JSON.stringify(content));
	return ask(definition, () => undefined, { options: { OPERATOR_QUOTES_FILE: path } });
}

describe('NET-03 an operator’s own quotes', () => {
	it('are offers by hand, for the network and of the day that they say', async () => {
		const { quotes, failing, incomplete, fake } = await asked(aethir, file([quote()]));
		expect([failing, incomplete]).toEqual([null, null]);
		expect(quotes[0]).toMatchObject({
			key: 'aethir:h100-sg',
			network: 'aethir',
			evidence: 'manual',
			meaning: 'offer',
			observedAt: Date.UTC(2026, 8, 1) / 1_000,
			origin: 'Aethir sales: E-mail of 1 September 2026',
			gpu: { model: 'h100', formFactor: 'sxm', memoryGiB: 80 },
			gpus: { numerator: 8, denominator: 1 },
			region: { country: 'SG' },
			price: { model: 'fixed', amount: '12.40', currency: 'USD', per: 'instance' },
			availability: { state: 'unknown', widest: 8 },
			rental: { minSeconds: 2_592_000, prepaid: true },
		});
		expect(priceOf(quotes[0])).toBe(1_550_000n);
		expect(fake.requests).toEqual([]);
	});

	it('light up Aethir’s row by themselves, and the common one by all others', async () => {
		const both = file([quote(), quote({ id: 'a100', network: 'gensyn', gpu: 'A100 40GB PCIe', unit: 'gpu-hour' })]);
		expect((await asked(aethir, both)).quotes.map(({ network }) => network)).toEqual(['aethir']);
		expect((await asked(operator, both)).quotes.map(({ source, network }) => [source, network])).toEqual([
			['operator', 'gensyn'],
		]);
		const none = await asked(aethir, file([]));
		expect(none.incomplete).toContain('holds no quote for it');
	});

	it('are as old as the older of the quote and the rate that it is converted at', async () => {
		const euro = (date: string) => ({ currency: 'EUR', rate: { usd: '0.80', source: 'an old e-mail', date } });
		const { quotes } = await asked(aethir, file([quote(euro('2020-01-01'))]));
		expect(quotes[0]?.observedAt).toBe(Date.parse('2020-01-01T00:00:00Z') / 1_000);
		const { left } = await asked(aethir, file([quote(euro('2099-01-01'))]));
		expect(left).toEqual({ 'dated in the future': 1 });
	});

	it('are converted from another currency at a rate that says where it comes from', async () => {
		const euro = { currency: 'EUR', rate: { usd: '1.08', source: 'ECB reference rate', date: '2026-09-18' } };
		const { quotes } = await asked(aethir, file([quote(euro)]));
		expect(quotes[0]?.price).toMatchObject({ amount: '13.392', currency: 'USD' });
		expect(priceOf(quotes[0])).toBe(1_674_000n);
	});

	it('stand to the end of their last day', async () => {
		expect((await asked(aethir, file([quote({ validUntil: '2026-09-21' })]))).quotes).toHaveLength(1);
		const late = await asked(aethir, file([quote({ validUntil: '2026-09-20' })]));
		expect(late.quotes).toEqual([]);
		expect(late.left).toEqual({ expired: 1 });
	});

	it.each([
		['without who gave it', { quotedBy: undefined }, 'quotedBy'],
		['without where it was given', { source: '' }, 'source'],
		['without an end', { validUntil: undefined }, 'validUntil'],
		['in euros without a rate', { currency: 'EUR' }, 'rate'],
		['for nothing', { amount: '0.00' }, 'amount'],
		['as a number, which is no exact decimal', { amount: 12.4 }, 'amount'],
		['by the month', { unit: 'gpu-month' }, 'unit'],
		['with a word that means nothing', { discount: '10 %' }, 'discount'],
	])('are told from one %s, which is named', async (_, changes, field) => {
		const { quotes, left, incomplete } = await asked(aethir, file([quote(), quote({ id: 'bad', ...changes })]));
		expect(quotes).toHaveLength(1);
		expect(left).toEqual({ 'not of the documented shape': 1 });
		expect(incomplete).toContain('Quote 2 of the file is wrong');
		expect(incomplete).toContain(field);
	});

	it.each([
		['of tomorrow', { date: '2026-09-22' }, 'dated in the future'],
		['for a card that nobody knows', { gpu: 'Warpdrive 9' }, 'GPU not known'],
	])('are left out when %s', async (_, changes, reason) => {
		const { quotes, left } = await asked(aethir, file([quote(changes)]));
		expect(quotes).toEqual([]);
		expect(left).toEqual({ [reason]: 1 });
	});

	it.each([
		['is no JSON', '{"format": ', 'not-json'],
		['is of another format', { format: 'necto.operator-quotes/2', quotes: [] }, 'shape'],
		['is too large', ' '.repeat(1024 * 1024 + 1), 'too-large'],
	])('say so when the file %s', async (_, content, failure) => {
		const { failing, quotes } = await asked(operator, content);
		expect(failing).toMatchObject({ failure, since: NOW });
		expect(quotes).toEqual([]);
	});

	it.each([join(directory, 'gone.json'), directory])('say so when there is no file to read', async (path) => {
		const { failing } = await asked(operator, file([]), path);
		expect(failing?.failure).toBe('refused');
		expect(failing?.message).not.toContain(directory);
	});

	it('keep what was read while the file is broken', async () => {
		const { runner } = await asked(aethir, file([quote()]));
		writeFileSync(FILE, 'half a file');
		await runner.refresh(new AbortController().signal);
		expect(runner.reading.quotes).toHaveLength(1);
		expect(runner.reading.failing?.failure).toBe('not-json');
	});
});

describe('NET-02 Render', () => {
	it('is estimated from the operator’s figures, never as an offer', async () => {
		const { quotes } = await asked(render, file([], { render: figures }));
		expect(quotes[0]).toMatchObject({
			key: 'render:RTX-4090%2Ftier-2',
			evidence: 'manual',
			meaning: 'estimate',
			// As old as the oldest figure in it.
			observedAt: Date.UTC(2026, 7, 30) / 1_000,
			origin: 'own run of OctaneBench; Render knowledge base, pricing; ECB reference rate',
			gpu: { model: 'rtx4090' },
			price: { amount: '0.54', currency: 'USD', per: 'gpu' },
		});
		expect(priceOf(quotes[0])).toBe(540_000n);
	});

	it('rounds an estimate without an end up', async () => {
		const thirds = { ...figures, pointHoursPerEuro: { ...figures.pointHoursPerEuro, value: '300' } };
		const { quotes } = await asked(
			render,
			file([], { render: { ...thirds, usdPerEuro: { ...figures.usdPerEuro, usd: '1' } } }),
		);
		expect(quotes[0]?.price.amount).toMatch(/^0\.16{38}7$/);
	});

	it('names the figures that are missing, and invents none', async () => {
		const { quotes, incomplete } = await asked(render, file([]));
		expect(quotes).toEqual([]);
		expect(incomplete).toContain('OctaneBench');
		const { usdPerEuro: _, ...partly } = figures;
		const { failing } = await asked(render, file([], { render: partly }));
		expect(failing?.message).toContain('render.usdPerEuro');
	});

	it('is left out once its figures have run out', async () => {
		const { quotes, left } = await asked(render, file([], { render: { ...figures, validUntil: '2026-09-20' } }));
		expect(quotes).toEqual([]);
		expect(left).toEqual({ expired: 1 });
	});
});

describe('AGT-01 sources that read the operator’s file', () => {
	const ids = ['aethir', 'operator', 'render'];

	it('are not asked without one, and say what to set', () => {
		const { live, missing } = readSources({}, ['all'], 1_000);
		expect(live.map(({ definition }) => definition.id)).not.toEqual(expect.arrayContaining(ids));
		for (const id of ids) {
			expect(missing.find(({ definition }) => definition.id === id)?.note).toContain('OPERATOR_QUOTES_FILE');
		}
	});

	it('are asked with one', () => {
		const { live } = readSources({ OPERATOR_QUOTES_FILE: FILE }, ['all'], 1_000);
		expect(live.map(({ definition }) => definition.id)).toEqual(expect.arrayContaining(ids));
	});
});
