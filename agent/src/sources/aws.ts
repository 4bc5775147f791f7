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
	TermType: z.literal('OnDemand'),
	Unit: z.literal('Hrs'),
	PricePerUnit: z.string(),
	Currency: z.literal('USD'),
	'Instance Type': z.string(),
	'Region Code': z.string(),
});

/** What a machine on demand with nothing but Linux says in these columns. Others are the same machine dedicated, reserved, or with a licence. */
const PLAIN: Readonly<Record<string, string>> = {
	TermType: 'OnDemand',
	'Operating System': 'Linux',
	Tenancy: 'Shared',
	CapacityStatus: 'Used',
	'Pre Installed S/W': 'NA',
};

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
		if (!Object.entries(PLAIN).every(([name, value]) => row[name] === value)) return;
		const made = offerOf(row);
		if (made === null) return;
		if (++this.#kept > MOST_OFFERS) throw new SourceError('too-large', 'Its price list has no end.');
		if (typeof made === 'string') this.#offers.leave(made);
		else this.#offers.add(made);
	}

	/** @throws SourceError when there was not a row */
	end(): void {
		if (this.#rows === 0) throw new SourceError('shape', 'Its price list is empty.');
	}
}

function offerOf(row: CsvRow): RawOffer | string | null {
	const type = row['Instance Type'] ?? '';
	const machine = awsMachine(type);
	if (machine === 'not-a-gpu') return null;
	if (machine === 'unknown') return reasonOf(machine);
	const parsed = rowSchema.safeParse(row);
	if (!parsed.success) return 'not of the documented shape';
	const region = parsed.data['Region Code'];
	return {
		id: `${type}/${region}`,
		gpu: type,
		...machine,
		region,
		meaning: 'list-price',
		amount: parsed.data.PricePerUnit,
		per: 'instance',
		includes: ['cpu', 'ram'],
	};
}
