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
): Promise<{ observations: Observation[]; incomplete: string | null }> {
	const all: Observation[] = [];
	const done = (incomplete: string | null) => ({ observations: latestOf(all), incomplete });
	let token = '';
	for (let page = 0; page < MOST_PAGES; page++) {
		let answer: { items: Observation[]; next: string };
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
): Promise<{ items: Observation[]; next: string }> {
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

/** @throws SourceError when it is not such a page */
export function pageOf(text: string): { items: Observation[]; next: string } {
	const page = pageSchema.safeParse(parsed(text));
	if (!page.success) throw new SourceError('shape', 'EC2 does not answer with spot prices.');
	const { spotPriceHistorySet: set, nextToken } = page.data.DescribeSpotPriceHistoryResponse;
	const rows = set === '' ? [] : set.item;
	return { items: rows.flatMap(observationOf), next: nextToken ?? '' };
}

function observationOf(row: unknown): Observation[] {
	const item = itemSchema.safeParse(row);
	// Windows, SUSE and Red Hat cost more for their licence.
	if (!item.success || !/^Linux\/UNIX(?: \(Amazon VPC\))?$/.test(item.data.productDescription)) return [];
	const { instanceType, availabilityZone, availabilityZoneId, spotPrice, timestamp } = item.data;
	const at = Math.floor(Date.parse(timestamp) / 1000);
	return [{ type: instanceType, zone: availabilityZone, zoneId: availabilityZoneId ?? null, price: spotPrice, at }];
}

const fileSchema = z.object({
	SpotPriceHistory: z.array(z.record(z.string(), z.unknown())),
	NextToken: z.string().nullish(),
});

/** The same as AWS's own command line writes it, in JSON; null when it is something else. */
export function historyFileOf(body: unknown): { observations: Observation[]; more: boolean } | null {
	const file = fileSchema.safeParse(body);
	if (!file.success) return null;
	const named = (row: Record<string, unknown>) =>
		Object.fromEntries(
			Object.entries(row).map(([name, value]) => [`${name.slice(0, 1).toLowerCase()}${name.slice(1)}`, value]),
		);
	const observations = latestOf(file.data.SpotPriceHistory.flatMap((row) => observationOf(named(row))));
	return { observations, more: Boolean(file.data.NextToken) };
}

/** Of each machine in each zone, the price that holds. */
function latestOf(observations: readonly Observation[]): Observation[] {
	const latest = new Map<string, Observation>();
	for (const one of observations) {
		const place = `${one.type}/${one.zoneId ?? one.zone}`;
		if ((latest.get(place)?.at ?? 0) < one.at) latest.set(place, one);
	}
	return [...latest.values()];
}

function parsed(text: string): unknown {
	try {
		return xml.parse(text, true);
	} catch (cause) {
		throw new SourceError('not-json', 'EC2’s answer is not complete XML.', { cause });
	}
}
