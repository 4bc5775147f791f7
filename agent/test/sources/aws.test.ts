/** Figures: AWS's price list of us-east-1 on 2026-07-20; the columns that its documentation names, fewer than the file has. */
import { describe, expect, it } from 'vitest';
import { aws } from '../../src/sources/aws.ts';
import { ask, closeFakes, hostile, NOW, serve } from '../support/source.ts';

closeFakes();

const COLUMNS = [
	'SKU',
	'TermType',
	'PriceDescription',
	'Unit',
	'PricePerUnit',
	'Currency',
	'Instance Type',
	'Tenancy',
	'Operating System',
	'CapacityStatus',
	'Pre Installed S/W',
	'Region Code',
	'LeaseContractLength',
	'PurchaseOption',
	'OfferingClass',
	'MarketOption',
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string>>;

function line(row: Row): string {
	const whole: Row = {
		SKU: 'JRTCKXETXF',
		TermType: 'OnDemand',
		PriceDescription: '$55.04 per On Demand Linux p5.48xlarge Instance Hour, "all in"',
		Unit: 'Hrs',
		PricePerUnit: '55.0400000000',
		Currency: 'USD',
		'Instance Type': 'p5.48xlarge',
		Tenancy: 'Shared',
		'Operating System': 'Linux',
		CapacityStatus: 'Used',
		'Pre Installed S/W': 'NA',
		'Region Code': 'us-east-1',
		...row,
	};
	return COLUMNS.map((name) => `"${(whole[name] ?? '').replaceAll('"', '""')}"`).join(',');
}

const ABOVE = [
	'"FormatVersion","v1.0"',
	'"Disclaimer","This pricing list is for informational purposes only. All prices are subject to the additional terms."',
	'"Publication Date","2026-07-20T18:04:12Z"',
	'"Version","20260720180412"',
	'"OfferCode","AmazonEC2"',
];

const list = (...rows: Row[]) =>
	`${[...ABOVE, COLUMNS.map((name) => `"${name}"`).join(','), ...rows.map(line)].join('\n')}\n`;

const good = list({}, { 'Instance Type': 'g6f.large', PricePerUnit: '0.2020000000' });
const OPTIONS = { options: { AWS_LIST_REGIONS: 'us-east-1' } };
const asked = (text: string) => ask(aws, serve({ '/us-east-1/index.csv': text }), OPTIONS);

describe('DISC-02 AWS on demand', () => {
	it('gives the list price of a machine with the GPUs that stand in it', async () => {
		const { quotes, failing, incomplete, fake } = await asked(good);
		expect(failing ?? incomplete).toBeNull();
		expect(fake.requests[0]?.url).toBe('/offers/v1.0/aws/AmazonEC2/current/us-east-1/index.csv');
		expect(quotes).toHaveLength(2);
		expect(quotes[0]).toMatchObject({
			meaning: 'list-price',
			evidence: 'live',
			gpu: { model: 'h100', formFactor: 'sxm', memoryGiB: 80 },
			gpus: { numerator: 8, denominator: 1 },
			region: { country: 'US', raw: 'us-east-1' },
			price: { model: 'fixed', amount: '55.0400000000', per: 'instance' },
		});
		expect(quotes[1]?.gpus).toEqual({ numerator: 1, denominator: 8 });
	});

	it.each<[string, Row, string]>([
		['with Windows', { 'Operating System': 'Windows' }, 'with a licence'],
		['with SUSE', { 'Operating System': 'SUSE' }, 'with a licence'],
		['dedicated', { Tenancy: 'Dedicated' }, 'not a virtual machine of its own'],
		[
			'a reservation that nobody uses',
			{ CapacityStatus: 'UnusedCapacityReservation' },
			'not a price of a running machine',
		],
		['with a database in it', { 'Pre Installed S/W': 'SQL Std' }, 'with a licence'],
		['without a GPU', { 'Instance Type': 'm5.large' }, 'not a GPU'],
		['an Inferentia', { 'Instance Type': 'inf2.48xlarge' }, 'not a GPU'],
	])('counts what is %s', async (_, row, reason) => {
		const { quotes, left } = await asked(list(row, {}));
		expect(quotes).toHaveLength(1);
		// Lines about other machines need not even be read.
		expect(reason === 'not a GPU' ? {} : { [reason]: 1 }).toEqual(left);
	});

	it.each<[string, Row, string]>([
		['without a price', { PricePerUnit: '0.0000000000' }, 'no price'],
		['in another unit', { Unit: 'Quantity' }, 'not of the documented shape'],
		['in another currency', { Currency: 'CNY' }, 'not of the documented shape'],
		['of an unknown type', { 'Instance Type': 'p9.48xlarge' }, 'machine not known'],
	])('counts a GPU machine %s', async (_, row, reason) => {
		const { quotes, left } = await asked(list(row, { 'Instance Type': 'g4dn.xlarge', PricePerUnit: '0.526' }));
		expect(quotes.map(({ gpu }) => gpu.model)).toEqual(['t4']);
		expect(left).toEqual({ [reason]: 1 });
	});

	it('AGT-02 shows what is bound for a time apart, and counts what is partly paid in advance', async () => {
		const reserved = {
			TermType: 'Reserved',
			LeaseContractLength: '1yr',
			OfferingClass: 'standard',
			PricePerUnit: '34.5',
		};
		const { quotes, left } = await asked(
			list(
				{},
				{ ...reserved, PurchaseOption: 'No Upfront' },
				{ ...reserved, PurchaseOption: 'All Upfront', PricePerUnit: '0.0000000000' },
				{ ...reserved, PurchaseOption: 'Partial Upfront', PricePerUnit: '16' },
				{ MarketOption: 'CapacityBlock', PricePerUnit: '31.4' },
				{ TermType: 'Whenever' },
			),
		);
		expect(quotes.map(({ price, rental }) => [price.amount, rental?.term])).toEqual([
			['55.0400000000', undefined],
			['34.5', { kind: 'reserved', words: 'Reserved 1yr No Upfront standard' }],
			['31.4', { kind: 'capacity-block', words: 'CapacityBlock' }],
			['55.0400000000', { kind: 'other', words: 'Whenever' }],
		]);
		expect(left).toEqual({ 'paid in advance': 2 });
	});

	it('keeps little of a list that is larger than an answer may be', async () => {
		const filler = `${line({ 'Instance Type': 'm5.large' })}\n`;
		const { quotes, failing } = await asked(`${good}${filler.repeat(60_000)}`);
		expect(filler.length * 60_000).toBeGreaterThan(8 * 1024 * 1024);
		expect(failing).toBeNull();
		expect(quotes).toHaveLength(2);
	});

	it('AGT-01 says when a list breaks off, and believes no half line', async () => {
		const { quotes, incomplete } = await asked(good.slice(0, -4));
		expect(quotes.map(({ gpu }) => gpu.model)).toEqual(['h100']);
		expect(incomplete).toBe('The price list of us-east-1 breaks off.');
	});

	it('AGT-01 keeps the regions that came', async () => {
		const { quotes, incomplete } = await ask(aws, serve({ '/us-east-1/': good }), {
			options: { AWS_LIST_REGIONS: 'eu-west-9, us-east-1' },
		});
		expect(quotes).toHaveLength(2);
		expect(incomplete).toBe('The price list of eu-west-9 did not come whole: AWS on demand answers with status 404.');
	});

	it.each(['', ABOVE.join('\n'), list()])('is refused when it is no price list', async (text) => {
		expect((await asked(text)).failing?.failure).toBe('shape');
	});

	it('is read from a file', () => {
		expect(aws.read?.(good, NOW).quotes).toHaveLength(2);
	});
});

hostile(aws, good, 'text/csv');
