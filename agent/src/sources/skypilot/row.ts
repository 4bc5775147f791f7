/** One row of a catalogue in SkyPilot's format, read by the names of its columns: their order, their case and their number differ from file to file. */
import { type CsvRow, repeatedColumn } from '../reading/csv.ts';
import type { Validity } from '../reading/validity.ts';
import { columnKind } from './columns.ts';
import { statedTerm, textsIn, unlikeTerms, validityIn } from './terms.ts';

export interface CatalogueRow {
	instanceType: string;
	accelerator: string;
	/** GPUs in the machine; null when none is stated. */
	count: readonly [number, number] | null;
	vcpus: number | null;
	memoryGiB: number | null;
	/** What `GpuInfo` says of the GPUs, whatever its dialect. */
	gpu: GpuInfo;
	/** USD per instance-hour, as written; null where there is none. */
	price: string | null;
	spotPrice: string | null;
	/** The term of `price` in the file's words, where it is neither on demand nor spot. */
	term: string | null;
	/** What columns that no reader knows say. */
	texts: readonly string[];
	validity: Validity;
	/** Why it makes no offer, or not all of them: prices in another currency, or such as nobody can read; null for most rows. */
	trouble: string | null;
	region: string;
	zone: string;
}

export interface GpuInfo {
	name: string | null;
	/** MiB that the file calls the size of one GPU; some files write the size of all. */
	sizeMiB: number | null;
	totalMiB: number | null;
}

/** A column by its names: SkyPilot's own first, then those of other tables of machines. Only names that leave no doubt of the unit. */
const COLUMNS = {
	instanceType: ['instancetype', 'armskuname', 'machinetype', 'vmsize', 'instancename'],
	accelerator: ['acceleratorname', 'gpuname'],
	count: ['acceleratorcount', 'gpucount'],
	price: ['price', 'ondemandusdperinstancehour', 'usdperinstancehour'],
	spotPrice: ['spotprice', 'spotusdperinstancehour'],
	region: ['region', 'armregion', 'armregionname', 'location'],
	zone: ['availabilityzone', 'zone'],
} as const satisfies Record<string, readonly string[]>;

/**
 * The columns of a row by their names in small letters, without what separates words.
 *
 * @throws SourceError when two columns have one name
 */
export function columnsOf(row: CsvRow): Map<string, string> {
	const columns = new Map<string, string>();
	for (const [name, value] of Object.entries(row)) {
		const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
		if (plain !== '' && columns.has(plain)) throw repeatedColumn(name);
		columns.set(plain, value.trim());
	}
	return columns;
}

/** Whether a file with these columns lists machines, or GPUs, with their prices by region. */
export function isCatalogue(columns: ReadonlyMap<string, string>): boolean {
	const has = (name: keyof typeof COLUMNS) => COLUMNS[name].some((word) => columns.has(word));
	return has('price') && has('region') && (has('instanceType') || (has('accelerator') && has('count')));
}

export function catalogueRow(columns: ReadonlyMap<string, string>): CatalogueRow {
	const at = (name: string) => columns.get(name) ?? '';
	const said = (name: keyof typeof COLUMNS) => COLUMNS[name].map(at).filter((value) => value !== '');
	const of = (name: keyof typeof COLUMNS) => said(name)[0] ?? '';
	const ramMib = numberOf(at('memorymib'));
	const info = gpuInfoOf(at('gpuinfo'));
	const term = statedTerm(columns, [of('instanceType'), of('accelerator'), info.name ?? '']);
	const [memory, totalMemory] = [memoryIn(columns, 'gpu-memory'), memoryIn(columns, 'gpu-memory-total')];
	const [price, spotPrice] = [readPrice(of('price')), readPrice(of('spotPrice'))];
	const unreadable = price === undefined || spotPrice === undefined;
	const contradicting = (['price', 'spotPrice', 'count'] as const).some((name) => new Set(said(name)).size > 1);
	const unlike =
		unlikeTerms(columns) ??
		(contradicting || memory === 'several' || totalMemory === 'several'
			? 'columns contradict each other'
			: memory === 'unreadable' || totalMemory === 'unreadable'
				? 'memory of the GPU not readable'
				: null);
	const none = unlike !== null;
	const { kind } = term;
	return {
		instanceType: of('instanceType'),
		accelerator: of('accelerator'),
		count: countOf(of('count')),
		vcpus: numberOf(at('vcpus')),
		memoryGiB: numberOf(at('memorygib')) ?? (ramMib === null ? null : ramMib / 1024),
		gpu: {
			...info,
			sizeMiB: info.sizeMiB ?? (typeof memory === 'number' ? memory : null),
			totalMiB: info.totalMiB ?? (typeof totalMemory === 'number' ? totalMemory : null),
		},
		price: none || kind === 'spot' ? null : (price ?? null),
		// What a row says of its price on other terms says nothing of a spot price beside it.
		spotPrice: none ? null : ((kind === 'spot' ? (spotPrice ?? price) : spotPrice) ?? null),
		term: kind === 'spot' || kind === 'on-demand' ? null : term.words,
		texts: textsIn(columns),
		validity: validityIn(columns),
		trouble: unlike ?? (unreadable ? 'price not readable' : null),
		region: of('region'),
		zone: of('zone'),
	};
}

/** Shares of one GPU are given with three places: 0.167 is a sixth. */
const LARGEST_SHARE = 16;

/**
 * The most GPUs that one machine has: GigaIO's SuperNODE of 2023 connects 32 to one server. Clouds rent out 16 (Google's `a2-megagpu-16g`, AWS's `p2.16xlarge`); the 72 of
 * a rack with GB200 are those of 18 machines.
 */
const MOST_GPUS = 32;

/** `8`, `8.0`, `0.167`; null for anything that is neither a whole number that a machine can hold nor a share of one GPU. */
export function countOf(text: string): readonly [number, number] | null {
	const value = numberOf(text);
	if (value === null || value <= 0 || value > MOST_GPUS) return null;
	if (Number.isInteger(value)) return [value, 1];
	if (value > 1) return null;
	for (let parts = 2; parts <= LARGEST_SHARE; parts++) {
		const shares = Math.round(value * parts);
		if (shares >= 1 && Math.abs(value - shares / parts) < 0.0006) return [shares, parts];
	}
	return null;
}

/** A plain decimal number. */
const PLAIN = /^(?:\d+\.?\d*|\.\d+)$/;

function numberOf(text: string): number | null {
	return PLAIN.test(text) && text.length <= 20 ? Number(text) : null;
}

/**
 * A price as a plain decimal; null for none, which is written as nothing, as a zero or a negative number, or in words; undefined for one that is not written as a plain
 * number. `1,234` is a thousand in one half of the world and one and a bit in the other, and `$`, `c` and `€` say that the column is not of USD as a catalogue's are.
 */
function readPrice(text: string): string | null | undefined {
	if (/^-[\d.]+$/.test(text) || !/[\p{N}]/u.test(text)) return null;
	if (!PLAIN.test(text)) return undefined;
	return /[1-9]/.test(text) ? text : null;
}

/** A Python dictionary, JSON, a plain name or nothing. Only what is needed is looked for: it is never evaluated. */
function gpuInfoOf(text: string): GpuInfo {
	if (!/[{[]/.test(text)) return { name: text === '' ? null : text, sizeMiB: null, totalMiB: null };
	const number = (name: string) =>
		numberOf(new RegExp(`['"]${name}['"]\\s*:\\s*['"]?([\\d.]+)`, 'i').exec(text)?.[1] ?? '');
	const totalGiB = number('GpuMemory');
	return {
		name: /['"]Name['"]\s*:\s*(['"])(.*?)\1/i.exec(text)?.[2] ?? null,
		sizeMiB: mib(number('SizeInMiB')),
		totalMiB: mib(number('TotalGpuMemoryInMiB')) ?? (totalGiB === null ? null : totalGiB * 1024),
	};
}

/** MiB that the columns about the GPU's memory state; null when none does. */
function memoryIn(
	columns: ReadonlyMap<string, string>,
	kind: 'gpu-memory' | 'gpu-memory-total',
): number | null | 'several' | 'unreadable' {
	const stated = [...columns].flatMap(([name, text]) =>
		columnKind(name) !== kind || /^(?:|-|n\/?a|none|null|0(?:\.0+)?)$/i.test(text) ? [] : [memoryOf(text)],
	);
	const [first = null, ...others] = stated;
	if (stated.includes(null)) return 'unreadable';
	return others.some((other) => other !== first) ? 'several' : first;
}

/** `80`, `80 GB`, `81920 MiB`; null for what is none of these. */
function memoryOf(text: string): number | null {
	const [, amount = '', unit = ''] = /^(\d{1,7}(?:\.\d+)?) ?(gi?b?|mi?b?)?$/i.exec(text) ?? [];
	if (amount === '') return null;
	return unit === '' ? mib(Number(amount)) : Number(amount) * (/^g/i.test(unit) ? 1024 : 1);
}

/** Some files write GiB where they say MiB: no card has less than one of them. */
function mib(stated: number | null): number | null {
	return stated !== null && stated < 1024 ? stated * 1024 : stated;
}
