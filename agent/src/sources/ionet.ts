/**
 * io.net: what cards cost by product, and with a key what a machine costs in all.
 *
 * Without a key: `GET /v1/io-explorer/network/market-snapshot`, which feeds explorer.io.net and is documented nowhere. USD for one card and hour in up to
 * five products; the cards that are idle are counted over all of them. No region.
 *
 * With a key (io.net/docs/reference): `GET …/vmaas/hardware`, USD an hour for a whole machine, before fees; and for a few of them `GET …/vmaas/price`, what
 * one machine costs for one hour with all fees. One of each, so that the total needs no division.
 */
import type { FormFactor } from '@necto/core';
import { z } from 'zod';
import type { SourceHttp } from './asking/http.ts';
import { type SourceAnswer, type SourceDefinition, SourceError, type SourceSettings } from './asking/source.ts';
import { freeCount } from './reading/counts.ts';
import { Offers, type RawOffer } from './reading/offers.ts';
import { partOf } from './reading/parts.ts';

/** Each with a price of its own in a row of the snapshot. */
const PRODUCTS = [
	['price', 'cluster'],
	['baremetal_price', 'bare-metal'],
	['kubernetes_price', 'kubernetes'],
	['caas_price', 'container'],
	['vmaas_price', 'vm'],
] as const;

/** Paid in advance for an hour at least, of which the first is not given back. */
const RENTAL = { minSeconds: 3_600, prepaid: true };
const MOST_QUOTES = 50;

const rowSchema = z.object({
	id: z.union([z.int(), z.string().min(1)]),
	hardware_name: z.string(),
	type: z.string(),
	idle: freeCount,
	price: z.number().nullish(),
	baremetal_price: z.number().nullish(),
	kubernetes_price: z.number().nullish(),
	caas_price: z.number().nullish(),
	vmaas_price: z.number().nullish(),
});

const machineSchema = z.object({
	id: z.string(),
	deploy_id: z.union([z.int(), z.string()]),
	name: z.string(),
	num_cards: z.int().min(0),
	/** USD an hour for the machine: the documentation's own list has one card at 0.30 and two of it at 0.60. */
	price: z.number(),
	sold_out: z.boolean().nullish(),
	vram_per_card: z.int().nullish(),
	interconnect: z.string().nullish(),
	vcpu: z.int().nullish(),
	memory: z.int().nullish(),
	location: z.string().nullish(),
});
type Machine = z.output<typeof machineSchema>;

const priceSchema = z.object({
	data: z.object({
		replica_count: z.literal(1),
		gpus_per_vm: z.int(),
		available_replica_count: z.array(z.int()),
		total_cost_usdc: z.number(),
	}),
});

export const ionet: SourceDefinition = {
	id: 'io-net',
	name: 'io.net',
	network: 'io-net',
	url: 'https://explorer.io.net',
	about:
		'List prices of a card by product; where no card is idle, a price that nobody can take. With a key also whole machines, and quotes with all fees.',
	prefix: 'IONET',
	baseUrl: 'https://api.io.solutions',
	keys: ['IONET_API_KEY'],
	needsKeys: false,
	options: {
		IONET_QUOTES: {
			value: '8',
			about: `How many machines to ask the full price of, 0 to ${MOST_QUOTES}. Needs IONET_API_KEY.`,
		},
	},
	refreshSeconds: 300,
	// A quote after the other.
	timeoutMs: 30_000,
	fetch: async ({ http, now }, settings) => {
		const offers = new Offers(ionet, now);
		const cards = async () => {
			const query = 'hardware_type=gpu';
			addCards(offers, await http.json(`${settings.baseUrl}/v1/io-explorer/network/market-snapshot?${query}`));
			return true;
		};
		const machines = async () => {
			await readMachines(offers, http, settings);
			return true;
		};
		if (settings.keys === null) await cards();
		// One of the two may go without taking the other with it.
		else if (await partOf(offers, 'The prices of cards', cards)) await partOf(offers, 'The machines', machines);
		else await machines();
		return offers.answer();
	},
	read: (body, taken): SourceAnswer => {
		const offers = new Offers(ionet, taken);
		const machines = machinesIn(body);
		if (machines === null) addCards(offers, body);
		else addMachines(offers, machines, new Map());
		return offers.answer();
	},
};

/** @throws SourceError when it is not a snapshot */
function addCards(offers: Offers, body: unknown): void {
	const answer = z.object({ data: z.array(z.unknown()) }).safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list hardware.');
	offers.read(answer.data.data, rowSchema, (row) => {
		if (row.type.toUpperCase() !== 'GPU') return 'not a GPU';
		const sold = PRODUCTS.flatMap(([field, product]): RawOffer[] => {
			const price = row[field];
			// Null or zero: not sold as this product.
			if (price == null || price <= 0) return [];
			return [
				{
					id: `${row.id}/${product}`,
					gpu: row.hardware_name,
					meaning: 'list-price',
					amount: price,
					per: 'gpu',
					available: row.idle == null ? 'unknown' : row.idle > 0 ? 'available' : 'none',
					free: row.idle ?? null,
					rental: RENTAL,
				},
			];
		});
		return sold.length === 0 ? 'no price' : sold;
	});
}

async function readMachines(
	offers: Offers,
	http: SourceHttp,
	{ baseUrl, keys, options }: SourceSettings,
): Promise<void> {
	const root = `${baseUrl}/enterprise/v1/io-cloud/vmaas`;
	const headers = { 'x-api-key': keys?.[0]?.reveal() ?? '' };
	const rows = machinesIn(await http.json(`${root}/hardware`, { headers }));
	if (rows === null) throw new SourceError('shape', 'Its answer does not list machines.');
	const quotes = new Map<string, RawOffer>();
	for (const machine of worthAsking(rows, options.IONET_QUOTES ?? '')) {
		const query = new URLSearchParams({
			hardware_id: String(machine.deploy_id),
			location_ids: JSON.stringify([machine.location]),
			gpus_per_vm: String(machine.num_cards),
			replica_count: '1',
			duration_hours: '1',
			currency: 'usdc',
		});
		const body = await partOf(offers, `The full price of ${machine.name}`, () =>
			http.json(`${root}/price?${query}`, { headers }),
		);
		// How often it may be asked is not documented: the first refusal is the last question.
		if (body === null) break;
		const quote = quoteOf(machine, body);
		if (quote !== null) quotes.set(machine.id, quote);
	}
	addMachines(offers, rows, quotes);
}

/** Of each GPU the machine with the cheapest card, cheapest first. */
function worthAsking(rows: readonly unknown[], most: string): Machine[] {
	const machines = rows
		.flatMap((row) => machineSchema.safeParse(row).data ?? [])
		.filter(({ num_cards, price, sold_out, location }) => {
			return num_cards > 0 && price > 0 && sold_out !== true && location != null;
		})
		.sort((a, b) => a.price / a.num_cards - b.price / b.num_cards);
	const names = new Set<string>();
	const first = machines.filter(({ name }) => !names.has(name) && names.add(name));
	return first.slice(0, /^\d{1,4}$/.test(most) ? Math.min(Number(most), MOST_QUOTES) : 0);
}

/** Null when the answer is none, or one to another question. */
function quoteOf(machine: Machine, body: unknown): RawOffer | null {
	const { data: answer } = priceSchema.safeParse(body);
	if (answer === undefined || answer.data.gpus_per_vm !== machine.num_cards) return null;
	const { total_cost_usdc, available_replica_count } = answer.data;
	if (total_cost_usdc <= 0) return null;
	return {
		...common(machine),
		meaning: 'offer',
		amount: total_cost_usdc,
		includes: ['cpu', 'ram', 'disk', 'fee'],
		available: available_replica_count.some((free) => free > 0) ? 'available' : 'none',
	};
}

function addMachines(offers: Offers, rows: readonly unknown[], quotes: ReadonlyMap<string, RawOffer>): void {
	offers.read(rows, machineSchema, (machine) => {
		if (machine.num_cards === 0) return 'not a GPU';
		return (
			quotes.get(machine.id) ?? {
				...common(machine),
				meaning: 'list-price',
				amount: machine.price,
				includes: ['cpu', 'ram', 'disk'],
				excludes: ['fee'],
				available: machine.sold_out == null ? 'unknown' : machine.sold_out ? 'none' : 'available',
			}
		);
	});
}

function common(machine: Machine) {
	return {
		id: `vm/${machine.id}`,
		gpu: machine.name,
		memoryGiB: machine.vram_per_card,
		formFactor: formFactorOf(machine.interconnect ?? ''),
		gpus: machine.num_cards,
		vcpus: machine.vcpu,
		ramGiB: machine.memory,
		region: machine.location,
		per: 'instance',
		rental: RENTAL,
	} satisfies Partial<RawOffer>;
}

/** Documented as a list; answered inside `data.hardware`. */
function machinesIn(body: unknown): unknown[] | null {
	const list = z.array(z.unknown());
	const parsed = z
		.union([list, z.object({ data: z.object({ hardware: list }) }).transform(({ data }) => data.hardware)])
		.safeParse(body);
	return parsed.success ? parsed.data : null;
}

function formFactorOf(interconnect: string): FormFactor {
	if (/^sxm\d?$/i.test(interconnect)) return 'sxm';
	if (/^pcie\d?$/i.test(interconnect)) return 'pcie';
	return 'unknown';
}
