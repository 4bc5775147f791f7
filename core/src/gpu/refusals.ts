/** Accelerators that are no GPU, by name or by maker. */
const ACCELERATOR =
	/^(?:tpus?|tpuv?\d\w*|inferentia\d*|trainium\d*|neuron|gaudi\d*|habana|hl\d{3}\w?|virtex|alveo|stratix|agilex|versal|xilinx|fpga|vu9p|ai100|ma35d|npu|lpu|ipu|vpu|ascend|cambricon|graphcore|cerebras|groq|tenstorrent|grayskull|wormhole|blackhole)$/;

/** Whole names of such, too short to be looked for inside others. */
const ACCELERATOR_NAME =
	/^(?:(?:inf|trn|dl)\d(?: \d*x?large)?|v\dlitepod \d+|(?:n150|n300|p150|p300)[abcds]?|tt galaxy wh|hl ?\d{3})$/;

/** Words of lines that price a host. Beside a GPU they only tell what it comes with. */
const HOST = /^(?:cpus?|cpunode|vcpus?|epyc|xeon|ryzen|threadripper|graviton\d?)$/;

/** Whether a name is of an accelerator that is no GPU, of a price list's line for a host, or of a machine without a GPU. */
export function isNoGpu(rawName: string, words: readonly string[]): boolean {
	return (
		words.some((word) => ACCELERATOR.test(word)) ||
		ACCELERATOR_NAME.test(words.join(' ')) ||
		/\binstance (?:core|ram)\b/i.test(rawName) ||
		// Azure's sizes with a GPU begin with N, and NP is one with an FPGA; "Standard_A2_v2" is a small machine.
		/^\s*(?:standard|basic)_(?:[^n]|np)/i.test(rawName)
	);
}

export function isOnlyHost(words: readonly string[]): boolean {
	return words.some((word) => HOST.test(word));
}

/** Words that make another card of the one they follow. Left over beside a known name, they mean a card that the catalogue does not have. */
const VARIANT_WORDS = new Set([
	'ti',
	'super',
	'd',
	'xt',
	'xtx',
	'gre',
	'ada',
	'laptop',
	'mobile',
	'maxq',
	'sff',
	'cnx',
	'mig',
	'vgpu',
	'grid',
	'slice',
	'fractional',
	'half',
]);

/**
 * The slice of a GPU or the other card that a name means with what is left of it beside the model's name; undefined when it means the model.
 *
 * @param leastGiB the least memory that the model comes with: "4g" is a GTX 1050 Ti's memory and a slice of an A100
 */
export function variantIn(rawName: string, rest: readonly string[], leastGiB: number): string | undefined {
	const word = rest.find((each) => VARIANT_WORDS.has(each));
	if (word !== undefined) return word;
	// "1g.10gb", "3g-40gb", "mig-2g20gb".
	if (/(?:^|[^a-z0-9])[1-7]g[^a-z0-9]?\d{1,3}gb/i.test(rawName)) return 'MIG slice';
	if (leastGiB > 7 && rest.some((each) => /^[1-7]g$/.test(each))) return 'MIG slice';
	if (/(?:^|[\s(])(?:1\/[2-9]|x ?0?\.\d+|0?\.\d+ ?x)(?![\d.])/i.test(rawName)) return 'part of a GPU';
	// "A10-12Q", "A100-40C": a profile's memory and kind.
	if (rest.some((each) => /^\d{1,2}[abcq]$/.test(each))) return 'vGPU profile';
	// Google's machine types begin like cards: "a2-highgpu-1g" has an A100.
	return rest.some((each) => /^(?:high|mega|ultra|edge)gpu$/.test(each)) ? 'machine type' : undefined;
}
