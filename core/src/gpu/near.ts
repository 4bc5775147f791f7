import type { GpuModelKey } from '../ids.ts';
import { canonicalGpu } from './canonical.ts';
import { GPU_MODELS } from './catalogue.ts';
import { compact } from './spellings.ts';

/** Most models that are suggested for one that does not exist. */
const MOST = 3;

/**
 * Catalogue models that may be meant by a text that is no key, the likeliest first, at most three: those that its words name ("H100 NVL" names `h100`), otherwise
 * those whose key or spelling it begins or differs from by one or two characters (`h10` is near `h100`). Empty where nothing is near.
 */
export function nearModels(text: string): GpuModelKey[] {
	const read = canonicalGpu(text);
	const named = 'ok' in read ? [read.ok.model] : read.candidates;
	if (named.length > 0) return named.slice(0, MOST);
	const wanted = compact(text).slice(0, 40);
	if (wanted.length < 2) return [];
	return GPU_MODELS.map(({ key, aliases }) => ({
		key,
		distance: Math.min(...[key, ...aliases].map((spelling) => distanceOf(wanted, compact(spelling)))),
	}))
		.filter(({ distance }) => distance <= mostTypos(wanted))
		.sort((a, b) => a.distance - b.distance)
		.slice(0, MOST)
		.map(({ key }) => key);
}

/** One typo in four characters: in `foo` a second one would make it anything. */
function mostTypos(text: string): number {
	return Math.min(2, Math.floor(text.length / 3));
}

/** Levenshtein's distance; 1 for a text that the spelling begins with, which is how a name is cut short. */
function distanceOf(text: string, spelling: string): number {
	if (spelling.startsWith(text)) return 1;
	let before = Array.from({ length: spelling.length + 1 }, (_, index) => index);
	for (let row = 1; row <= text.length; row++) {
		const now = [row];
		for (let column = 1; column <= spelling.length; column++) {
			const replaced = (before[column - 1] ?? 0) + (text[row - 1] === spelling[column - 1] ? 0 : 1);
			now.push(Math.min(replaced, (before[column] ?? 0) + 1, (now[column - 1] ?? 0) + 1));
		}
		before = now;
	}
	return before[spelling.length] ?? text.length;
}
