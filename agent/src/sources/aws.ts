/**
 * AWS on demand: the price list of EC2 in a region, as AWS publishes it for everybody (docs.aws.amazon.com/awsaccountbilling, "price list bulk
 * API"): a CSV with five lines of description, then a row for each product, term and way of paying. USD per instance-hour; it says nothing about
 * capacity.
 *
 * Files have hundreds of megabytes, so they are read as they come, and of a million rows the few hundred about GPU machines are kept.
 */
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { BAD_LINE, type CsvRow, csvRows, csvRowsOf, linesThat, tableOf, wholeLines } from './reading/csv.ts';
import { awsMachine } from './reading/machines/aws.ts';
import { reasonOf } from './reading/machines/machine.ts';
import { Offers, type RawOffer } from './reading/offers.ts';
import { eachPart, listOf } from './reading/parts.ts';

const CSV = /\bcsv\b|octet-stream|text\/plain/i;
const HEADER_LINE = 6;
/** A line about a GPU machine, wherever in it the type stands: parsing the others would take minutes. */
const GPU_LINE = /"(?:p|gr?)\d[a-z0-9-]*\.[a-z0-9-]+"/;
/** More GPU machines on demand than a region has. */
const MOST_OFFERS = 2_000;

const rowSchema = z.object({
	TermType: z.string().min(1),
	Unit: z.literal('Hrs'),
	PricePerUnit: z.string(),
	Currency: z.literal('USD'),
	'Instance Type': z.string(),
	'Region Code': z.string(),
	/** `OnDemand`, `CapacityBlock`; older lists have no such column. */
	MarketOption: z.string().optional(),
	PurchaseOption: z.string().optional(),
	LeaseContractLength: z.string().optional(),
	OfferingClass: z.string().optional(),
	PriceDescription: z.string().optional(),
	/** The day on which the price begins. */
	EffectiveDate: z.string().optional(),
	/** Hours in a month from which, and up to which, the price holds: `0` and `Inf` where it is not in tiers. */
	StartingRange: z.string().optional(),
	EndingRange: z.string().optional(),
});

/** What a machine with nothing but Linux says in these columns, and what another value makes of it. */
const PLAIN: readonly (readonly [column: string, value: string, otherwise: string])[] = [
	['Operating System', 'Linux', 'with a licence'],
	['Pre Installed S/W', 'NA', 'with a licence'],
	['Tenancy', 'Shared', 'not a virtual machine of its own'],
	['CapacityStatus', 'Used', 'not a price of a running machine'],
];

export const aws: SourceDefinition = {
	id: 'aws',
	name: 'AWS on demand',
	network: 'aws',
	url: 'https://aws.amazon.com/ec2/pricing/on-demand/',
	about: 'List prices per machine; they say nothing about capacity.',
	prefix: 'AWS',
	baseUrl: 'https://pricing.us-east-1.amazonaws.com',
	keys: [],
	needsKeys: false,
	options: {
		AWS_LIST_REGIONS: {
			value: 'us-east-1',
			about: 'regions whose price lists are read, separated by commas; each has hundreds of megabytes',
		},
	},
	refreshSeconds: 86_400,
	timeoutMs: 300_000,
	async fetch({ http, now }, { baseUrl, options }) {
		const offers = new Offers(aws, now);
		await eachPart(
			offers,
			listOf(options.AWS_LIST_REGIONS),
			(region) => `The price list of ${region}`,
			async (region) => {
				const url = `${baseUrl}/offers/v1.0/aws/AmazonEC2/current/${encodeURIComponent(region)}/index.csv`;
				const cut = () => offers.cut(`The price list of ${region} breaks off.`);
				const list = new PriceList(offers);
				const lines = linesThat(wholeLines(http.stream(url, CSV), cut), HEADER_LINE, GPU_LINE);
				const onBadLine = () => offers.leave(BAD_LINE);
				for await (const row of csvRows(lines, { headerLine: HEADER_LINE, onBadLine })) list.add(row);
				list.end();
			},
		);
		return offers.answer();
	},
	read(body, taken): SourceAnswer {
		const offers = new Offers(aws, taken);
		const list = new PriceList(offers);
		const onBadLine = () => offers.leave(BAD_LINE);
		for (const row of csvRowsOf(tableOf(body), { headerLine: HEADER_LINE, onBadLine })) list.add(row);
		list.end();
		return offers.answer();
	},
};

/** Keeps of a price list what is about GPU machines. */
class PriceList {
	readonly #offers: Offers;
	#rows = 0;
	#kept = 0;

	constructor(offers: Offers) {
		this.#offers = offers;
	}

	add(row: CsvRow): void {
		if (this.#rows++ === 0 && !('PricePerUnit' in row && 'Instance Type' in row)) {
			throw new SourceError('shape', 'Its answer is not a price list of EC2.');
		}
		const made = offerOf(row);
		if (typeof made === 'string') {
			this.#offers.leave(made);
			return;
		}
		if (++this.#kept > MOST_OFFERS) throw new SourceError('too-large', 'Its price list has no end.');
		this.#offers.add(made);
	}

	/** @throws SourceError when there was not a row */
	end(): void {
		if (this.#rows === 0) throw new SourceError('shape', 'Its price list is empty.');
	}
}

function offerOf(row: CsvRow): RawOffer | string {
	const type = row['Instance Type'] ?? '';
	const machine = awsMachine(type);
	if (typeof machine === 'string') return reasonOf(machine);
	const other = PLAIN.find(([column, value]) => row[column] !== value);
	if (other !== undefined) return other[2];
	const parsed = rowSchema.safeParse(row);
	if (!parsed.success) return 'not of the documented shape';
	const { StartingRange: from = '', EndingRange: to = '', PriceDescription, EffectiveDate } = parsed.data;
	if (!/^(?:|0(?:\.0+)?)$/.test(from) || !/^(?:|inf)$/i.test(to)) return 'price in tiers';
	const region = parsed.data['Region Code'];
	const term = termIn(parsed.data);
	if (term === null) return 'paid in advance';
	return {
		id: [type, region, ...(term === '' ? [] : [term])].join('/'),
		gpu: type,
		...machine,
		texts: [PriceDescription],
		validity: { from: EffectiveDate },
		region,
		term,
		meaning: 'list-price',
		amount: parsed.data.PricePerUnit,
		per: 'instance',
		includes: ['cpu', 'ram'],
	};
}

/** Empty on demand; null where an hour has no price of its own, because some of it is paid at the beginning of the term. */
function termIn(row: z.output<typeof rowSchema>): string | null {
	const market = row.MarketOption ?? '';
	if (row.TermType === 'OnDemand') return market === 'OnDemand' ? '' : market;
	const { PurchaseOption: paid = '', LeaseContractLength: length = '', OfferingClass: kind = '' } = row;
	if (paid !== '' && paid !== 'No Upfront') return null;
	return [row.TermType, length, paid, kind, market === 'OnDemand' ? '' : market]
		.filter((part) => part !== '')
		.join(' ');
}
