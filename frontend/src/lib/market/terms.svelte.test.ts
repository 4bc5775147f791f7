import { unixSeconds } from '@necto/core';
import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { offerView } from '../../../test/offer.ts';
import { chipsOf } from './chips.ts';
import { termsOf } from './compare.ts';
import OtherTerms from './OtherTerms.svelte';
import { cheapestOf, offerOf, seenAt } from './offer.ts';
import PriceMarks from './PriceMarks.svelte';

const prepaid = { minSeconds: null, prepaid: true, term: { kind: 'prepaid', words: 'prepaid 720' } } as const;

function onTerms() {
	const view = offerView({ key: 's:p', usd: '1000000' });
	return offerOf({ ...view, quote: { ...view.quote, rental: prepaid } });
}

test('AGT-02 an offer with other rental terms is marked with its term as the vendor published it', async () => {
	const offer = onTerms();
	await render(PriceMarks, { offer });
	await expect
		.element(page.getByText('Prepaid'))
		.toHaveAttribute('title', 'Term as published by the vendor: prepaid 720');
	expect(termsOf(offer.view.quote)).toBe('prepaid (“prepaid 720”), in advance, not given back');
});

test('AGT-02 an offer with other rental terms is never the cheapest', () => {
	const plain = offerOf(offerView({ key: 's:o', usd: '3000000' }));
	expect(cheapestOf([onTerms(), plain])?.key).toBe('s:o');
	expect(cheapestOf([onTerms()])).toBeNull();
});

test('AGT-02 offers with other rental terms are counted and shown on request', async () => {
	const onshow = vi.fn();
	await render(OtherTerms, { counts: { reserved: 3, prepaid: 1 }, onshow });
	await expect
		.element(page.getByText('4 more offers with rental terms that are not selected: reserved 3, prepaid 1.'))
		.toBeVisible();
	await page.getByRole('button', { name: 'Show them' }).click();
	expect(onshow).toHaveBeenCalledWith('reserved,prepaid');
	expect(chipsOf({ terms: 'reserved,any' }).map(({ label }) => label)).toEqual(['Reserved', 'Any rental term']);
});

test('AGT-03 what leads as “now” has no year-old token price in it', () => {
	const now = 1_790_000_000;
	const nos = offerOf(offerView({ key: 's:n', usd: '100000', observedAt: now, pricedAt: now - 364 * 86_400 }));
	const live = offerOf(offerView({ key: 's:l', usd: '3000000', observedAt: now }));
	expect(nos).toMatchObject({ dated: true, pricedAt: now - 364 * 86_400 });
	expect(cheapestOf([nos, live])).toMatchObject({ key: 's:l', dated: false });
	expect(cheapestOf([nos])).toMatchObject({ dated: true });
	// A later look at the quote does not make its token's price younger.
	expect(seenAt(nos, unixSeconds(now + 60))).toMatchObject({ observedAt: now + 60, pricedAt: nos.pricedAt });
	expect(seenAt(live, unixSeconds(now + 60)).pricedAt).toBe(now + 60);
});
