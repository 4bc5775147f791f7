/** One row of a catalogue in SkyPilot's format, read by the names of its columns: their order, their case and their number differ from file to file. */
import type { CsvRow } from '../reading/csv.ts';
import { isSpotRow, unlikeTerms } from './terms.ts';

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
	gpuMemory: ['gpumemory', 'gpumemorygib', 'gpumemorygb', 'gpumemorymib'],
} as const satisfies Record<string, readonly string[]>;

/** The columns of a row by their names in small letters, without what separates words. */
export function columnsOf(row: CsvRow): Map<string, string> {
	return new Map(
		Object.entries(row).map(([name, value]) => [name.toLowerCase().replace(/[^a-z0-9]/g, ''), value.trim()]),
	);
}

/** Whether a file with these columns lists machines, or GPUs, with their prices by region. */
export function isCatalogue(columns: ReadonlyMap<string, string>): boolean {
	const has = (name: keyof typeof COLUMNS) => COLUMNS[name].some((word) => columns.has(word));
	return has('price') && has('region') && (has('instanceType') || (has('accelerator') && has('count')));
}

export function catalogueRow(columns: ReadonlyMap<string, string>): CatalogueRow {
	const at = (name: string) => columns.get(name) ?? '';
	const of = (name: keyof typeof COLUMNS) => COLUMNS[name].map(at).find((value) => value !== '') ?? '';
	const ramMib = numberOf(at('memorymib'));
	const info = gpuInfoOf(at('gpuinfo'));
	const unlike = unlikeTerms(columns);
	const [price, spotPrice] = [readPrice(of('price')), readPrice(of('spotPrice'))];
	const unreadable = price === undefined || spotPrice === undefined;
	const none = unlike !== null;
	const spot = isSpotRow(columns);
	return {
		instanceType: of('instanceType'),
		accelerator: of('accelerator'),
		count: countOf(of('count')),
		vcpus: numberOf(at('vcpus')),
		memoryGiB: numberOf(at('memorygib')) ?? (ramMib === null ? null : ramMib / 1024),
		gpu: { ...info, sizeMiB: info.sizeMiB ?? mib(numberOf(of('gpuMemory'))) },
		price: none || spot ? null : (price ?? null),
		spotPrice: none ? null : ((spot ? (spotPrice ?? price) : spotPrice) ?? null),
		trouble: unlike ?? (unreadable ? 'price not readable' : null),
		region: of('region'),
		zone: of('zone'),
	};
}

/** The largest machine's GPUs; shares are given with three places: 0.167 is a sixth. */
const LARGEST_SHARE = 16;

/** `8`, `8.0`, `0.167`; null for anything that is neither whole nor a share of one. */
export function countOf(text: string): readonly [number, number] | null {
	const value = numberOf(text);
	if (value === null || value <= 0) return null;
	if (Number.isInteger(value)) return [value, 1];
	for (let parts = 2; parts <= LARGEST_SHARE; parts++) {
		const shares = Math.round(value * parts);
		if (shares >= 1 && Math.abs(value - shares / parts) < 0.0006) return [shares, parts];
	}
	return null;
}

function numberOf(text: string): number | null {
	const value = Number(text);
	return text === '' || !Number.isFinite(value) ? null : value;
}

/** A price as a plain decimal; null for none, which is written as nothing, as zero, or as a word; undefined for one that can be read in two ways. */
function readPrice(text: string): string | null | undefined {
	// `$1,234.50` is clear; `1,234` is not: in half of the world the comma stands before the cents.
	const plain = text.replace(/^(?:USD|US\$|\$) ?/i, '');
	const digits = /^\d{1,3}(?:,\d{3})+\.\d+$/.test(plain) ? plain.replaceAll(',', '') : plain;
	const value = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(digits) ? numberOf(digits) : null;
	if (value === null) return /\d/.test(text) ? undefined : null;
	return value <= 0 ? null : digits;
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

/** Some files write GiB where they say MiB: no card has less than one of them. */
function mib(stated: number | null): number | null {
	return stated !== null && stated < 1024 ? stated * 1024 : stated;
}
