import { describe, expect, test } from 'vitest';
import { type OfferShape, offerView } from '../../../test/offer.ts';
import { type Filters, noFilters } from './filters.ts';
import { offerOf } from './offer.ts';
import { choicesOf, visibleOffers } from './view.ts';

const offers = (...shapes: OfferShape[]) =>
	shapes.map((shape, index) => offerOf(offerView({ key: `s:${index}`, ...shape })));
const keys = (list: ReturnType<typeof offers>, filters: Partial<Filters> = {}) =>
	visibleOffers(list, { ...noFilters, ...filters }).map((offer) => offer.key);

describe('the order of the market', () => {
	const list = offers({ usd: '2000000' }, { usd: null }, { usd: '900000' }, { usd: '12000000' });

	test('NRM-01 prices are compared as amounts, not as text, and what cannot be compared comes last', () => {
		expect(keys(list)).toEqual(['s:2', 's:0', 's:3', 's:1']);
	});

	test('turned around, what cannot be compared still comes last', () => {
		expect(keys(list, { direction: 'desc' })).toEqual(['s:3', 's:0', 's:2', 's:1']);
	});

	test('amounts beyond what a float holds keep their order', () => {
		const close = offers({ usd: '9007199254740993' }, { usd: '9007199254740992' });
		expect(keys(close)).toEqual(['s:1', 's:0']);
	});

	test('the youngest price comes first by age', () => {
		expect(keys(offers({ observedAt: 100 }, { observedAt: 300 }, { observedAt: 200 }), { sort: 'age' })).toEqual([
			's:1',
			's:2',
			's:0',
		]);
	});

	test('equal rows keep one order however they came in', () => {
		const same = offers({ usd: '1' }, { usd: '1' }, { usd: '1' });
		expect(keys(same.toReversed())).toEqual(keys(same));
	});
});

describe('what the market shows', () => {
	test('a price limit hides dearer offers and those whose price is not known', () => {
		expect(keys(offers({ usd: '2000000' }, { usd: '2000001' }, { usd: null }), { max: '2' })).toEqual(['s:0']);
	});

	test('routable only hides what nobody fulfils through Necto', () => {
		expect(keys(offers({ routable: true }, {}), { routableOnly: true })).toEqual(['s:0']);
	});

	test('all words of the search must occur, in any order and case', () => {
		const list = offers({ model: 'h100' }, { model: 'h100', continent: 'asia', country: 'JP' }, { model: 'a100' });
		expect(keys(list, { text: 'JP h100' })).toEqual(['s:1']);
		expect(keys(list, { text: 'nothing like it' })).toEqual([]);
	});

	test('choices count their offers', () => {
		const list = offers({ model: 'h100' }, { model: 'h100' }, { model: 'a100' });
		expect(choicesOf(list, (offer) => ({ value: offer.model, label: offer.model }))).toEqual([
			{ value: 'a100', label: 'a100 (1)' },
			{ value: 'h100', label: 'h100 (2)' },
		]);
	});
});
