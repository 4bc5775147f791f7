/** EC2's `DescribeSpotPriceHistory`: the spot price of each instance type in each zone, signed with the operator's key. */
import { AwsV4Signer } from 'aws4fetch';
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { SourceHttp } from './asking/http.ts';
import { SourceError } from './asking/source.ts';
import { AWS_TYPES } from './reading/machines/aws.ts';

export interface Observation {
	type: string;
	/** Letters of zones mean another zone in every account. */
	zone: string;
	/** `use1-az4`: the same for all accounts; not in every answer. */
	zoneId: string | null;
	/** USD per instance-hour. */
	price: string;
	/** Since when it holds. Unix seconds. */
	at: number;
}

/** A page has at most 1,000 prices; more pages than this are no answer to the question. */
const MOST_PAGES = 40;

const itemSchema = z.object({
	instanceType: z.string(),
	productDescription: z.string(),
	spotPrice: z.string(),
	timestamp: z.iso.datetime(),
	availabilityZone: z.string(),
	availabilityZoneId: z.string().optional(),
});
const pageSchema = z.object({
	DescribeSpotPriceHistoryResponse: z.object({
		spotPriceHistorySet: z.union([z.literal(''), z.object({ item: z.array(z.unknown()) })]),
		nextToken: z.string().optional(),
	}),
});

const xml = new XMLParser({ parseTagValue: false, processEntities: false, isArray: (name) => name === 'item' });

/**
 * The latest price of every GPU instance type in every zone of a region.
 *
 * @param ec2Url with `{region}` in it
 * @throws SourceError when not even the first page comes; what is missing after it is said in `incomplete`
 */
export async function readHistory(
	http: SourceHttp,
	ec2Url: string,
	region: string,
	keys: { accessKeyId: string; secretAccessKey: string },
	now: number,
): Promise<Latest & { incomplete: string | null }> {
	const all: (Observation | string)[] = [];
	const done = (incomplete: string | null) => ({ ...latestOf(all), incomplete });
	let token = '';
	for (let page = 0; page < MOST_PAGES; page++) {
		let answer: HistoryPage;
		try {
			answer = await readPage(http, ec2Url.replace('{region}', region), region, keys, now, token);
		} catch (error) {
			if (page === 0 || !(error instanceof SourceError)) throw error;
			return done(`a page did not come. ${error.message}`);
		}
		all.push(...answer.items);
		token = answer.next;
		if (token === '') return done(null);
	}
	return done(`it has more than ${MOST_PAGES} pages.`);
}

async function readPage(
	http: SourceHttp,
	url: string,
	region: string,
	keys: { accessKeyId: string; secretAccessKey: string },
	now: number,
	token: string,
): Promise<HistoryPage> {
	const form = new URLSearchParams({
		Action: 'DescribeSpotPriceHistory',
		Version: '2016-11-15',
		'ProductDescription.1': 'Linux/UNIX',
		// From now on: EC2 adds the price that holds at that time.
		StartTime: new Date(now * 1000).toISOString().replace(/\.\d+/, ''),
		...Object.fromEntries(AWS_TYPES.map((type, index) => [`InstanceType.${index + 1}`, type])),
		...(token === '' ? {} : { NextToken: token }),
	});
	const type = 'application/x-www-form-urlencoded; charset=utf-8';
	const signer = new AwsV4Signer({
		method: 'POST',
		url,
		headers: { 'content-type': type },
		body: form.toString(),
		...keys,
		service: 'ec2',
		region,
	});
	const signed = await signer.sign();
	const headers = Object.fromEntries(
		[...signed.headers].filter(([name]) => name !== 'host' && name !== 'content-type'),
	);
	const text = await http.text(String(signed.url), /\bxml\b/i, { headers, form: { type, text: form.toString() } });
	return pageOf(text);
}

/** A page: for each row what it says, or why it says nothing. */
interface HistoryPage {
	items: (Observation | string)[];
	next: string;
}

/** @throws SourceError when it is not such a page */
export function pageOf(text: string): HistoryPage {
	const page = pageSchema.safeParse(parsed(text));
	if (!page.success) throw new SourceError('shape', 'EC2 does not answer with spot prices.');
	const { spotPriceHistorySet: set, nextToken } = page.data.DescribeSpotPriceHistoryResponse;
	const rows = set === '' ? [] : set.item;
	return { items: rows.map(observationOf), next: nextToken ?? '' };
}

function observationOf(row: unknown): Observation | string {
	const item = itemSchema.safeParse(row);
	if (!item.success) return 'not of the documented shape';
	// Windows, SUSE and Red Hat cost more for their licence.
	if (!/^Linux\/UNIX(?: \(Amazon VPC\))?$/.test(item.data.productDescription)) return 'with a licence';
	const { instanceType, availabilityZone, availabilityZoneId, spotPrice, timestamp } = item.data;
	const at = Math.floor(Date.parse(timestamp) / 1000);
	return { type: instanceType, zone: availabilityZone, zoneId: availabilityZoneId ?? null, price: spotPrice, at };
}

const fileSchema = z.object({
	SpotPriceHistory: z.array(z.record(z.string(), z.unknown()).catch({})),
	NextToken: z.string().nullish(),
});

/** The same as AWS's own command line writes it, in JSON; null when it is something else. */
export function historyFileOf(body: unknown): (Latest & { more: boolean }) | null {
	const file = fileSchema.safeParse(body);
	if (!file.success) return null;
	const named = (row: Record<string, unknown>) =>
		Object.fromEntries(
			Object.entries(row).map(([name, value]) => [`${name.slice(0, 1).toLowerCase()}${name.slice(1)}`, value]),
		);
	const latest = latestOf(file.data.SpotPriceHistory.map((row) => observationOf(named(row))));
	return { ...latest, more: Boolean(file.data.NextToken) };
}

/** The price that holds of each machine in each zone, and why the other rows say nothing. */
interface Latest {
	observations: Observation[];
	left: string[];
}

function latestOf(rows: readonly (Observation | string)[]): Latest {
	const latest = new Map<string, Observation>();
	const left: string[] = [];
	for (const one of rows) {
		if (typeof one === 'string') {
			left.push(one);
			continue;
		}
		const place = `${one.type}/${one.zoneId ?? one.zone}`;
		const known = latest.get(place);
		if (known !== undefined) left.push('replaced by a later price');
		if (known === undefined || known.at < one.at) latest.set(place, one);
	}
	return { observations: [...latest.values()], left };
}

function parsed(text: string): unknown {
	try {
		return xml.parse(text, true);
	} catch (cause) {
		throw new SourceError('not-json', 'EC2’s answer is not complete XML.', { cause });
	}
}
