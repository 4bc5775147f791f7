/** A catalogue in SkyPilot's format becomes offers. Every price is for a whole machine and an hour, whatever the count of GPUs. */
import { canonicalGpu, gpuModel, namesSlice } from '@necto/core';
import { sumOf } from '../reading/decimals.ts';
import { awsMachine } from '../reading/machines/aws.ts';
import { azureMachine } from '../reading/machines/azure.ts';
import { GCP_SHAPES, type GcpShape, gpuPriceName, shapeTitle } from '../reading/machines/gcp.ts';
import { type MachineLookup, reasonOf } from '../reading/machines/machine.ts';
import type { Offers, RawOffer } from '../reading/offers.ts';
import { SLICE } from '../reading/statements.ts';
import { validityTrouble } from '../reading/validity.ts';
import { gpuOfRow, machineName, multipliedIn } from './gpu.ts';
import type { CatalogueRow } from './row.ts';

/**
 * Machines that are known better than a catalogue tells: the GPUs are the machine's. (One catalogue gives a sixth of an A10 as a whole one, and
 * eight H100 as twelve.) Types of AWS and Azure are told by their names.
 */
function machineOf(type: string): MachineLookup {
	if (type.startsWith('Standard_')) return azureMachine(type);
	const machine = awsMachine(type);
	// A type that is newer than the table: what AWS's catalogue says of it comes from AWS.
	return machine === 'unknown' ? 'not-a-gpu' : machine;
}

/** Markets without a price on demand: what their catalogues give is what a bid has to be at least. */
const BID_FLOORS = new Set(['mithril']);

/** Types of Mithril, by which its file is known where nothing says whose it is: `h100-80gb.sxm.8x`. */
const MITHRIL_TYPE = /^[a-z0-9-]+\.(?:sxm|pcie)\d?\.\d+x$/;

/** Types of Google Cloud. */
const GCP_TYPE = /^(?:a[2-4]x?|g[2-4]|n1)-[a-z]+-\d+g?$/;

/** A machine with what it costs on demand and as spot. */
interface Priced {
	offer: Omit<RawOffer, 'id' | 'meaning' | 'amount' | 'per'>;
	machine: string;
	price: string | null;
	spotPrice: string | null;
}

/** After so many rows whoever reads a catalogue may do something else: an agent answers while it reads. */
const ROWS_AT_A_TIME = 1_000;

/**
 * Adds a catalogue's offers in steps.
 *
 * @param cloud the network that the catalogue is about: `aws`
 * @param now unix seconds; a catalogue with an older date may hold prices that ended since
 */
export function* addCatalogue(
	offers: Offers,
	cloud: string,
	rows: readonly CatalogueRow[],
	now: number,
): Generator<void> {
	const votes = rows.map(multipliedIn);
	const multiplied = votes.filter((vote) => vote === true).length > votes.filter((vote) => vote === false).length;
	const hosts = hostsOf(rows);
	const taken = new Map<string, Machine>();
	let read = 0;
	for (const row of rows) {
		if (++read % ROWS_AT_A_TIME === 0) yield;
		const made = madeOf(row, multiplied, hosts);
		if (made === null) continue;
		if (typeof made === 'string') {
			offers.leave(made);
			continue;
		}
		const over = validityTrouble({ until: row.validity.until }, now);
		if (over !== null) {
			offers.leave(over);
			continue;
		}
		if (row.trouble !== null) offers.leave(row.trouble);
		for (const priced of made) addPrices(offers, cloud, row, priced, taken);
	}
	const alone = rows.filter((row) => isHost(row) && !hosts.used.has(hostName(row, row.instanceType))).length;
	if (alone > 0) offers.leave(WITHOUT_GPU, alone);
}

const WITHOUT_GPU = 'machine without a GPU';

/** Whether a row is one of Google's without a GPU, which other rows' GPUs go with. */
function isHost({ instanceType, accelerator }: CatalogueRow): boolean {
	return accelerator === '' && GCP_TYPE.test(instanceType);
}

function namesOf({ instanceType, accelerator, gpu, texts }: CatalogueRow): string[] {
	return [instanceType, accelerator, gpu.name ?? '', ...texts];
}

/** What a row offers, or why nothing; null for one that other rows go with. */
function madeOf(row: CatalogueRow, multiplied: boolean, hosts: Hosts): Priced[] | string | null {
	// Files call the slice of a card by the card's name and keep the slice in the machine's.
	if (namesOf(row).some(namesSlice)) return SLICE;
	if (row.accelerator !== '') return row.instanceType === '' ? attached(row, hosts) : whole(row, multiplied);
	// Tables without names of GPUs: the type tells, if it is one that is known.
	if (isHost(row)) return row.count === null ? null : 'GPU not known';
	const nameless = row.count === null ? WITHOUT_GPU : 'GPU not known';
	if (row.instanceType === '') return nameless;
	const known = machineOf(row.instanceType);
	if (known === 'not-a-gpu') return nameless;
	if (known === 'unknown') return reasonOf(known);
	const { instanceType: machine, price, spotPrice } = row;
	return [{ offer: { ...known, gpu: machine }, machine, price, spotPrice }];
}

/** Up to two offers: what the machine costs on demand, and what it cost as spot when the catalogue was made. */
function addPrices(
	offers: Offers,
	cloud: string,
	row: CatalogueRow,
	{ offer, machine, price, spotPrice }: Priced,
	taken: Map<string, Machine>,
): void {
	if (price === null && spotPrice === null && row.trouble === null) offers.leave('no price');
	const floor = BID_FLOORS.has(cloud) || MITHRIL_TYPE.test(machine);
	if (floor && price !== null) offers.leave('price on demand in a market of bids');
	const described = describe(row, offer);
	const isMarket = MARKETS.has(cloud) || machineName(machine) !== machine;
	for (const [kind, amount] of [
		['on-demand', floor ? null : price],
		['spot', spotPrice],
	] as const) {
		if (amount === null) continue;
		const place = row.zone === '' ? row.region : row.zone;
		const term = kind === 'spot' ? null : row.term;
		const name = `${cloud}/${machine}/${place}/${term === null ? kind : term.replace(/\W+/g, '-').toLowerCase()}`;
		offers.add({
			...offer,
			texts: namesOf(row),
			validity: row.validity,
			id: freeId(taken, name, { ...described, price: isMarket ? amount : null }, [amount, `${offer.memoryGiB}`]),
			network: cloud,
			// The zone alone where the region is left out.
			region: row.region === '' ? row.zone : row.region,
			zone: place,
			seller: isMarket ? null : cloud,
			term,
			...(kind === 'spot'
				? { pricing: 'dynamic', meaning: floor ? 'floor' : 'observation' }
				: { meaning: 'list-price' }),
			amount,
			per: 'instance',
			includes: ['cpu', 'ram'],
		});
	}
}

/** Clouds whose machines have many owners, each with a price of its own: two prices for machines of one make are no contradiction. */
const MARKETS = new Set(['vast', 'clore', 'salad', 'akash', 'golem', 'tensordock']);

/** What tells machines of one name apart. */
interface Machine {
	/** The model's key, or the name as it stands where nobody knows it. */
	gpu: string;
	/** GiB of one GPU; null when it is open. */
	memoryGiB: number | null;
	gpus: string;
	/** In a market, where each machine has a price of its own. */
	price: string | null;
}

/** By the model and not by the spelling: `H100`, `NVIDIA H100` and `H100-80GB` are one machine. */
function describe(row: CatalogueRow, { gpu, model, memoryGiB, gpus }: Priced['offer']): Machine {
	const found =
		model === undefined ? canonicalGpu(gpu, { memoryGiB: memoryGiB ?? null }) : { ok: { model, memoryGiB } };
	const gpuName = 'ok' in found ? found.ok.model : row.accelerator;
	const [only, ...others] = 'ok' in found ? (gpuModel(found.ok.model)?.memoriesGiB ?? []) : [];
	const memory = ('ok' in found ? found.ok.memoryGiB : null) ?? memoryGiB ?? (others.length === 0 ? only : null);
	return { gpu: gpuName, memoryGiB: memory ?? null, gpus: JSON.stringify([row.count, gpus]), price: null };
}

function isSame(one: Machine, other: Machine): boolean {
	const memories = one.memoryGiB === other.memoryGiB || one.memoryGiB === null || other.memoryGiB === null;
	return one.gpu === other.gpu && one.gpus === other.gpus && one.price === other.price && memories;
}

/**
 * A name that no other machine has. Machines of one name that differ in what the file says of them (in a market: also in price) get names of their own; the same machine
 * once more has the same name, whatever its price and however its GPU is spelled.
 */
function freeId(
	taken: Map<string, Machine>,
	name: string,
	machine: Machine,
	[amount, memory]: readonly string[],
): string {
	const names = [name, `${name}/${amount}`, `${name}/${amount}/${memory}`];
	const id = names.find((candidate) => isSame(taken.get(candidate) ?? machine, machine)) ?? name;
	taken.set(id, machine);
	return id;
}

/** A row with a machine: its price is the machine's. */
function whole(row: CatalogueRow, multiplied: boolean): Priced[] | string {
	const { price, spotPrice, instanceType: machine } = row;
	// Google's machines have rows without a GPU, and GPUs have rows without a machine. Of a row with both nobody can tell which price it is.
	if (GCP_TYPE.test(machine)) return 'price of the machine or of its parts';
	const known = machineOf(machine);
	if (known === 'unknown') return reasonOf(known);
	const gpu = gpuOfRow(row, multiplied);
	if (gpu.trouble !== null) return gpu.trouble;
	if (known === 'not-a-gpu') {
		const found = canonicalGpu(gpu.name, { memoryGiB: gpu.memoryGiB });
		// Counted by the common reason: an FPGA, a TPU, or a name that nobody knows.
		if ('ok' in found && row.count === null) return 'number of GPUs not known';
		const offer = {
			gpu: gpu.name,
			memoryGiB: gpu.memoryGiB,
			formFactor: gpu.formFactor,
			gpus: row.count ?? ([1, 1] as const),
			vcpus: row.vcpus,
			ramGiB: hostRam(row, gpu.memoryGiB),
		};
		return [{ offer, machine, price, spotPrice }];
	}
	// Files give the memory of a share where the machine has one; the machine's own is known.
	const named = canonicalGpu(gpu.name, { memoryGiB: known.gpus[1] === 1 ? gpu.memoryGiB : null });
	// Catalogues call an RTX PRO 6000 Server an RTX PRO 6000.
	const models = 'ok' in named ? [named.ok.model, `${named.ok.model}s`] : [];
	if (!models.includes(known.model)) return 'GPU is not its machine’s';
	return [{ offer: { ...known, gpu: row.accelerator }, machine, price, spotPrice }];
}

/** What a file tells of Google's machines: their rows without a GPU, and the memories that its names of GPUs tell apart. */
interface Hosts {
	/** By place and name. */
	rows: ReadonlyMap<string, CatalogueRow>;
	/** Names of machines with two prices in one place. */
	unclear: ReadonlySet<string>;
	/** `a100 80`, where a name says so. */
	named: ReadonlySet<string>;
	/** Names of hosts that GPUs went with; filled while rows are read. */
	used: Set<string>;
}

const hostName = ({ region, zone }: CatalogueRow, machine: string) => `${region}/${zone}/${machine}`;

function hostsOf(all: readonly CatalogueRow[]): Hosts {
	const rows = new Map<string, CatalogueRow>();
	const unclear = new Set<string>();
	const named = new Set<string>();
	for (const row of all) {
		if (row.instanceType === '') {
			const found = canonicalGpu(row.accelerator);
			if ('ok' in found && found.ok.memoryGiB !== undefined) named.add(`${found.ok.model} ${found.ok.memoryGiB}`);
		} else if (isHost(row)) {
			const name = hostName(row, row.instanceType);
			const other = rows.get(name) ?? row;
			if (other.price !== row.price || other.spotPrice !== row.spotPrice) unclear.add(name);
			rows.set(name, row);
		}
	}
	return { rows, unclear, named, used: new Set() };
}

/** A row without a machine: the price of the GPUs alone. With the hosts that they go with it makes machines. */
function attached(row: CatalogueRow, hosts: Hosts): Priced[] | string {
	const found = canonicalGpu(row.accelerator, { memoryGiB: row.gpu.sizeMiB === null ? null : row.gpu.sizeMiB / 1024 });
	if ('refused' in found) return found.refused === 'not-a-gpu' ? 'not a GPU' : 'GPU not known';
	const { model } = found.ok;
	const memory = found.ok.memoryGiB ?? onlyMemory(model, row, hosts);
	const mega = /mega/i.test(row.accelerator) ? '-mega' : '';
	const shapes = GCP_SHAPES.filter(
		(shape) =>
			gpuPriceName(shape) === `${model}${mega} ${memory}` && row.count?.[1] === 1 && shape.gpus[0] === row.count[0],
	).filter(({ name }) => hosts.rows.has(hostName(row, name)));
	for (const { name } of shapes) hosts.used.add(hostName(row, name));
	if (shapes.some(({ name }) => hosts.unclear.has(hostName(row, name)))) return 'price of the machine not clear';
	const made = shapes.flatMap((shape): Priced[] => {
		const host = hosts.rows.get(hostName(row, shape.name));
		return host === undefined ? [] : [together(row, host, shape)];
	});
	return made.length === 0 ? 'price of the GPU without its machine' : made;
}

/**
 * Google has most models with one memory. Where it has two and a row keeps quiet, it is the one that is left: of the machines that the file has in that
 * place, without those whose GPUs the file names by their memory.
 */
function onlyMemory(model: string, row: CatalogueRow, hosts: Hosts): number | undefined {
	const shapes = GCP_SHAPES.filter((shape) => shape.model === model);
	const all = new Set(shapes.map(({ memoryGiB }) => memoryGiB));
	if (all.size === 1) return [...all][0];
	const here = shapes.filter(({ name }) => hosts.rows.has(hostName(row, name)));
	const quiet = new Set(here.map(({ memoryGiB }) => memoryGiB).filter((gib) => !hosts.named.has(`${model} ${gib}`)));
	return quiet.size === 1 ? [...quiet][0] : undefined;
}

function together(row: CatalogueRow, host: CatalogueRow, shape: GcpShape): Priced {
	const title = shapeTitle(shape);
	return {
		offer: { ...shape, gpu: title, excludes: ['storage'] },
		machine: title,
		price: shape.spotOnly ? null : sum(row.price, host.price),
		spotPrice: sum(row.spotPrice, host.spotPrice),
	};
}

/** Exact, as text; null unless both are known. */
function sum(one: string | null, other: string | null): string | null {
	return one === null || other === null ? null : sumOf([{ amount: one }, { amount: other }]);
}

/** Some files repeat the GPUs' memory in the host's column: a machine of which that is said has unknown memory of its own. */
function hostRam({ memoryGiB, count, gpu }: CatalogueRow, ofOneGpu: number | null): number | null {
	const cards = count === null ? 1 : count[0] / count[1];
	const ofGpus = [gpu.totalMiB === null ? null : gpu.totalMiB / 1024, ofOneGpu === null ? null : ofOneGpu * cards];
	return memoryGiB === null || ofGpus.some((gib) => gib !== null && Math.abs(gib - memoryGiB) < 0.01)
		? null
		: memoryGiB;
}
