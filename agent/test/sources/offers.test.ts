/** What every source's offers go through. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decimalText, MOST_OFFERS, Offers } from '../../src/sources/reading/offers.ts';
import { NOW } from '../support/source.ts';

describe('AGT-01 offers of a source', () => {
	it.each<[number, string]>([
		[0.1, '0.1'],
		[1.23e-7, '0.000000123'],
		[1e20, '100000000000000000000'],
		[1e-300, '0'],
	])('have %s as it is written out', (value, text) => {
		expect(decimalText(value)).toBe(text);
	});

	it.each([1e30, 1e300, 1.7976931348623157e308])(
		'are none at %s USD, however many of its zeros are left out',
		(amount) => {
			const offers = new Offers({ id: 'akash', network: 'akash' }, NOW);
			for (const exponent of [0, 2, 30]) {
				offers.add({ id: `${exponent}`, gpu: 'H100', amount, exponent, per: 'gpu', meaning: 'offer' });
			}
			expect(offers.answer().quotes.filter(({ price }) => price.exponent < 30)).toEqual([]);
		},
	);

	it('have an end, so that one network cannot hold up the others', () => {
		const offers = new Offers({ id: 'akash', network: 'akash' }, NOW);
		const rows = Array.from({ length: MOST_OFFERS + 2 }, (_, id) => ({ id: `${id}` }));
		offers.read(rows, z.object({ id: z.string() }), ({ id }) => {
			return { id, gpu: 'H100', amount: 2, per: 'gpu', meaning: 'offer' };
		});
		const { quotes, left, incomplete } = offers.answer();
		expect(quotes.length).toBe(MOST_OFFERS);
		expect(left).toEqual({ 'too many': 2 });
		expect(incomplete).toBe(`It has more than ${MOST_OFFERS} offers.`);
	});

	it('AGT-06 name nobody who asked not to be named: whole addresses are in no word that others wrote', () => {
		const buyer = `0x${'aB'.repeat(20)}`;
		const offers = new Offers({ id: 'golem', network: 'golem' }, NOW);
		offers.add({
			id: `vm-${buyer}`,
			gpu: `H100 (${buyer})`,
			region: buyer,
			amount: 2,
			per: 'gpu',
			meaning: 'offer',
			upstream: { cloud: buyer, type: `${buyer}${buyer.slice(2)}` },
			origin: buyer,
		});
		const { quotes } = offers.answer();
		expect(quotes).toHaveLength(1);
		expect(JSON.stringify(quotes).toLowerCase()).not.toContain('ab'.repeat(20));
	});

	it('AGT-02 hold under the term that the vendor says: on demand and spot by known words alone', () => {
		const offers = new Offers({ id: 'gcp', network: 'gcp' }, NOW);
		const terms = [undefined, null, 'On-Demand', 'Preemptible', 'Reserved 1Y', 'whenever we like'];
		terms.forEach((term, id) => {
			offers.add({ id: `${id}`, gpu: 'H100', amount: 2, per: 'gpu', meaning: 'list-price', term });
		});
		const { quotes } = offers.answer();
		expect(quotes.map(({ price, rental }) => [price.model, rental?.term])).toEqual([
			['fixed', undefined],
			['fixed', undefined],
			['fixed', undefined],
			['dynamic', undefined],
			['fixed', { kind: 'reserved', words: 'Reserved 1Y' }],
			['fixed', { kind: 'other', words: 'whenever we like' }],
		]);
	});
});
