import { type GpuModelKey, gpuModelKey } from '../ids.ts';
import { GPU_MODELS } from './catalogue.ts';

/** Names that several models share; only the memory tells them apart. */
const SHARED: Record<string, readonly string[]> = {
	rtx6000: ['rtx6000ada', 'quadrortx6000'],
	rtx5000: ['rtx5000ada', 'quadrortx5000'],
	rtx4000: ['rtx4000ada', 'quadrortx4000'],
	6000: ['rtx6000ada', 'quadrortx6000', 'rtxa6000'],
	5000: ['rtx5000ada', 'quadrortx5000', 'rtxa5000'],
	4000: ['rtx4000ada', 'quadrortx4000', 'rtxa4000'],
	mi300: ['mi300x', 'mi300a'],
	titanx: ['titanxpascal', 'gtxtitanx'],
};

const NAMES: ReadonlyMap<string, readonly GpuModelKey[]> = new Map<string, readonly GpuModelKey[]>([
	...Object.entries(SHARED).map(([name, keys]) => [name, keys.map(gpuModelKey)] as const),
	...GPU_MODELS.flatMap(({ key, aliases }) => [key, ...aliases].map((alias) => [alias, [key]] as const)),
]);

/** The models that a spelling (lower case, letters and digits) stands for. */
export function modelsNamed(spelling: string): readonly GpuModelKey[] | undefined {
	return NAMES.get(spelling);
}

/** Words of the longest name, were each of its parts a word: `radeon pro v 520`. */
const LONGEST_NAME = 8;

/** A run of words that spells a name. */
export interface Hit {
	keys: readonly GpuModelKey[];
	start: number;
	end: number;
	/** Letters and digits. */
	length: number;
	/** Four digits that several lines share: processors are called `5000` too. */
	weak: boolean;
}

/** Every run of whole words that spells a name; longest first, then from the left. */
export function hitsIn(words: readonly string[]): Hit[] {
	const hits: Hit[] = [];
	for (let start = 0; start < words.length; start++) {
		let text = '';
		for (let end = start + 1; end <= Math.min(words.length, start + LONGEST_NAME); end++) {
			text += words[end - 1];
			const keys = NAMES.get(text);
			if (keys !== undefined) hits.push({ keys, start, end, length: text.length, weak: /^[456]000$/.test(text) });
		}
	}
	return hits.sort((a, b) => b.length - a.length || a.start - b.start);
}
