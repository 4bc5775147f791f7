import { hitsIn } from './names.ts';
import { gpuWords } from './words.ts';

/** Words that say that a GPU is cut, shared or virtual, wherever they stand. */
const CLEAR_WORDS = [
	...['mig', 'vgpu', 'vcs', 'vws', 'vdws', 'qvdws', 'mps', 'multiinstance'],
	...['timeslice', 'timesliced', 'timeslicing', 'slice', 'slices', 'sliced', 'slicing'],
	...['fraction', 'fractional', 'fractions', 'partitioned'],
];

/** Words that say so of a GPU that is named beside them. */
const SLICE_WORDS: ReadonlySet<string> = new Set([
	...CLEAR_WORDS,
	...['grid', 'virtual', 'virtualized', 'virtualised', 'share', 'shares', 'shared', 'sharing'],
	...['partial', 'partition', 'part', 'portion', 'split'],
	...['half', 'third', 'quarter', 'fifth', 'sixth', 'seventh', 'eighth', 'tenth'],
]);
const CLEAR: ReadonlySet<string> = new Set(CLEAR_WORDS);

/** "1g.10gb", "3g-40gb", "mig-2g20gb", "1c.3g.40gb", "1g10". */
const MIG_INSTANCE = /(?:^|[^a-z0-9])[1-7]g(?:[^a-z0-9]?\d{1,3}gb|\d{1,3}(?![a-z0-9]))/i;

/** The sign of a fraction in all its forms, the colon of a ratio among them. */
const FRACTION_SIGNS = /[⁄∕÷:∶]/gu;

/** Whether a text that need not be a GPU's name (a machine type, a description) says that the GPU is cut, shared or virtual. */
export function namesSlice(text: string): boolean {
	const words = text.toLowerCase().split(/[^a-z0-9]+/);
	if (MIG_INSTANCE.test(text) || words.some((word) => CLEAR.has(word))) return true;
	if (!words.some((word) => SLICE_WORDS.has(word))) return false;
	// A machine may be called shared for its processor's sake.
	return words.includes('gpu') || hitsIn(gpuWords(text).words).length > 0;
}

/**
 * What in a name says that less than a whole GPU is sold, in words for a message; undefined when nothing does.
 *
 * Nvidia's names of MIG instances ("1g.10gb": seventh parts of the compute units and the memory) and of vGPU types ("A10-4Q": the memory and the kind) are those of
 * its MIG and vGPU user guides.
 *
 * @param rest the words of the name without those that spell the model
 * @param leastGiB the least memory that the model comes with: "4g" is a GTX 1050 Ti's memory and a MIG instance of an A100
 */
export function sliceIn(
	rawName: string,
	rest: readonly string[],
	leastGiB = Number.POSITIVE_INFINITY,
): string | undefined {
	const word = rest.find((each) => SLICE_WORDS.has(each));
	if (word !== undefined) return word;
	const text = rawName.slice(0, 300).normalize('NFKC').replace(FRACTION_SIGNS, '/');
	if (MIG_INSTANCE.test(text)) return 'a MIG instance';
	if (leastGiB > 7 && rest.some((each) => /^[1-7]g$/.test(each))) return 'a MIG instance';
	// "A10-12Q", "A100-40C", "T4-2B4", "A100-1-5CME".
	if (rest.some((each) => /^\d{1,3}(?:[acq]|b4?|cme)$/.test(each))) return 'a vGPU type';
	// "A10-8": a vGPU type without its letter, if no card of the model has that memory.
	const bare = Number(/(?:^|[^a-z0-9])[a-z]\d{1,3}-(\d{1,2})$/i.exec(text.trim())?.[1]);
	if (Number.isFinite(leastGiB) && bare < leastGiB * 0.87) return `${bare} of ${leastGiB} GiB`;
	// "1/7 H100", "H100 (1/2)", "3 / 8", "1 of 7".
	for (const [, part = '', whole = ''] of text.matchAll(/(?<![\d./])(\d{1,3}) ?(?:\/| of ) ?(\d{1,3})(?![\d./])/gi)) {
		if (Number(part) < Number(whole)) return `${part}/${whole}`;
	}
	// "0.5x A100", "A100 x0.25", "50% H100"; not the end of "23.99 GB".
	const [share] =
		/(?:(?:^|[\s([,;])0?|(?<![a-z0-9])x? ?0)\.\d{1,4}(?![\d.]| ?[gmt]i?b(?![a-z0-9]))|(?<![\d.])\d{1,2}(?:\.\d+)? ?%/i.exec(
			text,
		) ?? [];
	return share?.trim();
}
