/**
 * AWS spot: what machines that can be taken back cost, and how often that happens.
 *
 * Keyless: `spot.js`, the file behind AWS's own page of spot prices (region level, USD per instance-hour, a script with `callback({...});`), and
 * the file of the Spot Instance Advisor with the frequency of interruption by class. With keys also EC2's `DescribeSpotPriceHistory`
 * (docs.aws.amazon.com/AWSEC2/latest/APIReference), the price in each zone, which then stands instead of its region's.
 */
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { type ClassOf, readAdvisor } from './awsSpotAdvisor.ts';
import { historyFileOf, type Observation, readHistory } from './awsSpotHistory.ts';
import { awsMachine } from './reading/machines/aws.ts';
import { type Machine, reasonOf } from './reading/machines/machine.ts';
import { Offers, type RawOffer } from './reading/offers.ts';
import { addressOf, eachPart, listOf, partOf } from './reading/parts.ts';

/** The names of regions from before regions had names of today's form. */
const OLD_REGIONS: ReadonlyMap<string, string> = new Map([
	['us-east', 'us-east-1'],
	['us-west', 'us-west-1'],
	['eu-ireland', 'eu-west-1'],
	['apac-sin', 'ap-southeast-1'],
	['apac-syd', 'ap-southeast-2'],
	['apac-tokyo', 'ap-northeast-1'],
]);

const columnSchema = z.object({ name: z.string(), prices: z.object({ USD: z.string() }) });
const sizeSchema = z.object({ size: z.string(), valueColumns: z.array(columnSchema) });
const fileSchema = z.object({
	config: z.object({
		rate: z.literal('perhr'),
		regions: z.array(
			z.object({ region: z.string(), instanceTypes: z.array(z.object({ sizes: z.array(z.unknown()) })) }),
		),
	}),
});

const NOTICE_SECONDS = 120;
const TEXT = /\b(?:javascript|json|octet-stream)\b|text\/plain/i;

export const awsSpot: SourceDefinition = {
	id: 'aws-spot',
	name: 'AWS spot',
	network: 'aws',
	url: 'https://aws.amazon.com/ec2/spot/pricing/',
	about: 'Spot prices as AWS publishes them, not capacity: machines can be taken back at two minutes’ notice.',
	prefix: 'AWS_SPOT',
	baseUrl: 'https://spot-price.s3.amazonaws.com',
	keys: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
	needsKeys: false,
	options: {
		AWS_SPOT_ADVISOR_URL: {
			value: 'https://spot-bid-advisor.s3.amazonaws.com/spot-advisor-data.json',
			about: 'how often machines are taken back',
		},
		AWS_EC2_URL: {
			value: 'https://ec2.{region}.amazonaws.com',
			about: 'EC2, asked for prices by zone when there are keys',
		},
		AWS_REGIONS: {
			value: 'us-east-1,us-west-2,eu-west-1,eu-central-1',
			about: 'regions that EC2 is asked about, separated by commas',
		},
	},
	refreshSeconds: 900,
	timeoutMs: 60_000,
	maxBytes: 32 * 1024 * 1024,
	async fetch({ http, now }, { baseUrl, keys, options }) {
		const regions = regionsOf(await http.text(`${baseUrl}/spot.js`, TEXT));
		const offers = new Offers(awsSpot, now);
		const classes = await partOf(offers, 'How often machines are taken back', () =>
			readAdvisor(http, addressOf(options.AWS_SPOT_ADVISOR_URL, baseUrl), now),
		);
		const classOf = classes ?? (() => undefined);
		const byZone = new Set<string>();
		const [accessKeyId, secretAccessKey] = keys ?? [];
		if (accessKeyId !== undefined && secretAccessKey !== undefined) {
			const ec2Url = addressOf(options.AWS_EC2_URL, baseUrl);
			const pair = { accessKeyId: accessKeyId.reveal(), secretAccessKey: secretAccessKey.reveal() };
			// Without an answer of EC2 the prices by region are still there.
			await partOf(offers, 'EC2', () =>
				eachPart(
					offers,
					listOf(options.AWS_REGIONS),
					(region) => `EC2 of ${region}`,
					async (region) => {
						const { observations, incomplete, left } = await readHistory(http, ec2Url, region, pair, now);
						for (const reason of left) offers.leave(reason);
						if (incomplete !== null) offers.cut(`The spot prices of ${region} are incomplete: ${incomplete}`);
						addZones(offers, region, observations, classOf);
						for (const { type } of observations) byZone.add(`${region}/${type}`);
					},
				),
			);
		}
		return addRegions(offers, regions, classOf, byZone).answer();
	},
	read(body, taken): SourceAnswer {
		const offers = new Offers(awsSpot, taken);
		const history = historyFileOf(body);
		if (history === null) return addRegions(offers, regionsOf(body), () => undefined, new Set()).answer();
		for (const reason of history.left) offers.leave(reason);
		for (const observation of history.observations) {
			addZones(offers, observation.zone.replace(/[a-z]$/, ''), [observation], () => undefined);
		}
		if (history.more) offers.cut('This is a page; another one follows.');
		return offers.answer();
	},
};

type Regions = z.output<typeof fileSchema>['config']['regions'];

/** @throws SourceError when it is not the file with spot prices */
function regionsOf(body: unknown): Regions {
	const file = fileSchema.safeParse(unwrapped(body));
	if (!file.success) throw new SourceError('shape', 'Its answer does not list regions with spot prices per hour.');
	return file.data.config.regions;
}

/** @param byZone `region/type` that stand there by zone already */
function addRegions(offers: Offers, regions: Regions, classOf: ClassOf, byZone: ReadonlySet<string>): Offers {
	for (const { region: name, instanceTypes } of regions) {
		const region = OLD_REGIONS.get(name) ?? name;
		const sizes = instanceTypes.flatMap(({ sizes }) => sizes);
		for (const size of sizes) {
			const parsed = sizeSchema.safeParse(size);
			const type = parsed.data?.size ?? '';
			const machine = awsMachine(type);
			if (parsed.success && byZone.has(`${region}/${type}`)) continue;
			if (parsed.success && machine === 'not-a-gpu') {
				offers.leave(reasonOf(machine));
				continue;
			}
			const linux = parsed.data?.valueColumns.find((column) => column.name === 'linux');
			if (linux === undefined) offers.leave('not of the documented shape');
			else if (typeof machine === 'string') offers.leave(reasonOf(machine));
			else offers.add(offerOf(`${type}/${region}`, type, machine, region, linux.prices.USD, classOf(region, type)));
		}
	}
	return offers;
}

function addZones(offers: Offers, region: string, observations: readonly Observation[], classOf: ClassOf): void {
	for (const { type, zone, zoneId, price } of observations) {
		const machine = awsMachine(type);
		if (typeof machine === 'string') {
			offers.leave(reasonOf(machine));
			continue;
		}
		// Letters of zones are another zone in every account; the id is the same for all.
		const id = `${type}/${zoneId ?? zone}`;
		// The price holds now, since whenever: it is as old as the answer, not as its last change.
		offers.add(offerOf(id, type, machine, zoneId ?? region, price, classOf(region, type)));
	}
}

function offerOf(
	id: string,
	type: string,
	machine: Machine,
	region: string,
	amount: string,
	interrupted: ReturnType<ClassOf>,
): RawOffer {
	return {
		id,
		gpu: type,
		...machine,
		region,
		pricing: 'dynamic',
		meaning: 'observation',
		amount,
		per: 'instance',
		includes: ['cpu', 'ram'],
		...(interrupted === undefined
			? {}
			: {
					riskBps: interrupted.monthlyBps,
					interruption: { ...interrupted, noticeSeconds: NOTICE_SECONDS, source: 'AWS Spot Instance Advisor' },
				}),
	};
}

/** The object inside `callback({...});`; a file that was unpacked before is taken as it is. */
function unwrapped(body: unknown): unknown {
	if (typeof body !== 'string') return body;
	const inner = /^\s*(?:\/\*.*?\*\/\s*)?callback\(([\s\S]*)\);?\s*$/.exec(body)?.[1] ?? body;
	try {
		return JSON.parse(inner);
	} catch (cause) {
		throw new SourceError('not-json', 'Its answer is not a complete script with prices.', { cause });
	}
}
