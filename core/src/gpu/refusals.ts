/** Accelerators that are no GPU, by name or by maker. */
const ACCELERATOR =
	/^(?:tpus?|tpuv?\d\w*|inferentia\d*|trainium\d*|neuron|gaudi\d*|habana|hl\d{3}\w?|virtex|alveo|stratix|agilex|versal|xilinx|fpga|vu9p|ai100|ma35d|npu|lpu|ipu|vpu|ascend|cambricon|graphcore|cerebras|groq|tenstorrent|grayskull|wormhole|blackhole)$/;

/** Whole names of such, too short to be looked for inside others. */
const ACCELERATOR_NAME =
	/^(?:(?:inf|trn|dl)\d(?: \d*x?large)?|v\dlitepod \d+|(?:n150|n300|p150|p300)[abcds]?|tt galaxy wh|hl ?\d{3})$/;

/** Words of processors and of lines that price a host. Beside a GPU they only tell what it comes with. */
const PROCESSOR =
	/^(?:cpus?|cpunode|vcpus?|epyc|xeon|ryzen|threadripper|opteron|graviton\d?|grace|altra|ampereone|naples|rome|milan|genoa|bergamo|siena|turin|skylake|icelake|cascadelake|emerald|sapphire|rapids)$/;

const HOST_PART = /^(?:cores?|threads?|ram|ddr\d|lpddr\d?x?|memory|system|disk|ssd|nvme|storage)$/;

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

/** Whether a word is of a host: its processor, memory or disks. */
export function isHostWord(word: string): boolean {
	return PROCESSOR.test(word) || HOST_PART.test(word);
}

/** Whether a name without a GPU's is of a processor. */
export function isOnlyHost(words: readonly string[]): boolean {
	return words.some((word) => PROCESSOR.test(word));
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
]);

/** The word that makes another card of the model; undefined without one. */
export function variantIn(rest: readonly string[]): string | undefined {
	return rest.find((word) => VARIANT_WORDS.has(word));
}

/** Google's machine types begin like cards: "a2-highgpu-1g" has an A100, and `1g` is its size. */
export function isMachineType(words: readonly string[]): boolean {
	return words.some((word) => /^(?:high|mega|ultra|edge)gpu$/.test(word));
}
