/**
 * What a column of a table is about, by its name in small letters without what separates words. Tables name their columns as they like: what is no known column is told
 * by the words in its name, and what no word tells is a text that may still name a term or a part of a GPU.
 */

export type ColumnKind =
	| 'known'
	| 'currency'
	| 'unit'
	| 'term'
	| 'share'
	| 'valid-from'
	| 'valid-until'
	| 'gpu-memory'
	| 'gpu-memory-total'
	| 'text';

/** Columns of SkyPilot's catalogues and of the price tables of clouds that say nothing about the price, or are read by their own names. */
const KNOWN: ReadonlySet<string> = new Set([
	...['instancetype', 'armskuname', 'machinetype', 'vmsize', 'instancename'],
	...[
		'acceleratorname',
		'acceleratorcount',
		'acceleratormanufacturer',
		'gpuname',
		'gpucount',
		'gpuinfo',
		'gpumanufacturer',
	],
	...['price', 'ondemandusdperinstancehour', 'usdperinstancehour', 'spotprice', 'spotusdperinstancehour'],
	...['region', 'armregion', 'armregionname', 'location', 'availabilityzone', 'zone'],
	...['vcpus', 'cpu', 'cpus', 'cpuarch', 'arch', 'architecture', 'memory', 'memorygib', 'memorymib', 'generation'],
	...['disksize', 'storagegib', 'operatingsystem', 'os', 'platform'],
]);

const GPU_MEMORY =
	/vram|hbm|framebuffer|(?:gpu|accelerator|accel|card|graphics|device|video)\w*(?:mem|ram)|(?:mem|ram)\w*per(?:gpu|accelerator|card)/;
/** Figures of memory that are not its size. */
const NO_SIZE = /bandwidth|clock|type|bus|speed|hz/;

const UNTIL = /until|end|expir|thru|through|validto$|notafter|sunset/;
const DATE =
	/^valid|validity|effective|expir|sunset|notbefore|notafter|(?:start|end|from|until|begin|since)(?:s|ing)?(?:date|time|at|on)$|^(?:price)?(?:start|end|from|until|begin|since)s?$/;

const UNIT = /^(?:unit|per)$|unitofmeasure|^(?:price|cost|pricing|billing|rate)\w*(?:unit|per|basis|period)/;

const TERM = new RegExp(
	[
		'term(?!inat)|commit|contract|reserv|lease|tenure|duration|subscri|agreement|^terms?$|^plan|plan$',
		'billing|payment|purchas|pricing|pricetype|pricemodel|provision|chargetype|usagetype|usage$|offer(?:ing)?type|^type$',
		'spot|preempt|interrupt|evict|revoc|lifecycle|priority|capacitytype|market|rental|^rent',
		'upfront|prepa|advance|setup|deposit|discount|promo|saving|month|year|annual|weekly|minhours|variable',
	].join('|'),
);
const SHARE = /frac(?:tion\w*)?$|slice|share|partition|^mig|mig(?:profile|type|size|instance)|vgpu/;
const NOT_OF_GPU = /disk|storage|cpu|host|system|network/;

/** @param name in small letters, letters and digits only */
export function columnKind(name: string): ColumnKind {
	if (KNOWN.has(name)) return 'known';
	if (name.includes('currenc')) return 'currency';
	if (GPU_MEMORY.test(name) && !NO_SIZE.test(name)) return name.includes('total') ? 'gpu-memory-total' : 'gpu-memory';
	if (UNIT.test(name)) return 'unit';
	if (DATE.test(name)) return UNTIL.test(name) ? 'valid-until' : 'valid-from';
	if (TERM.test(name)) return 'term';
	return SHARE.test(name) && !NOT_OF_GPU.test(name) ? 'share' : 'text';
}

/** Whether a column holds a price of its own, which says nothing about the price that is read: `MonthlyPrice`, `reserved_1yr_usd`. */
export function isOtherPrice(name: string, text: string): boolean {
	return /price|cost|usd/.test(name) && !/upfront|prepa|advance|setup|deposit/.test(name) && /^[\d.,]+$/.test(text);
}
