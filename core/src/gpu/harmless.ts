import type { Hit } from './names.ts';
import { isHostWord } from './refusals.ts';
import { formFactorsIn } from './words.ts';

/** Words that stand beside a model's name and make no other card of it. */
const HARMLESS = new Set([
	// How cards are built, connected and cooled.
	'superchip',
	'module',
	'nvlink',
	'nvswitch',
	'infiniband',
	'ib',
	'ecc',
	'vram',
	'passive',
	'lhr',
	'dgxs',
	'data',
	'center',
	'centre',
	'datacenter',
	// How sellers call what they rent out.
	'oracle',
	'cloud',
	'infrastructure',
	'compute',
	'mode',
	'vm',
	'vms',
	'bm',
	'bare',
	'metal',
	'baremetal',
	'instance',
	'node',
	'dedicated',
	'whole',
	'full',
	'secure',
	'community',
	'premium',
	'accelerator',
	'arm64',
]);

/** Architectures by the keys of their cards: beside another card the word means one that the catalogue does not have. */
const ARCHITECTURES: Readonly<Record<string, RegExp>> = {
	ada: /^(?:l\d+[gs]?|rtx40[5-9]0\w*)$/,
	lovelace: /^(?:l\d+[gs]?|rtx40[5-9]0\w*|rtx\d{4}\w*ada)$/,
	hopper: /^g?h\d{2,3}$/,
	blackwell: /^(?:g?b\d{2,3}|rtx50\d0\w*|rtxpro\w+)$/,
	ultra: /^g?b300$/,
	// Google's machine with eight H100 SXM.
	mega: /^h100$/,
	ampere: /^(?:a\d{1,3}g?|rtxa\d{3,4}|rtx30\d0\w*)$/,
	turing: /^(?:t4g?|t\d{3,4}|rtx20\d0\w*|quadrortx\d+|gtx16\d0\w*|titanrtx)$/,
	volta: /^(?:v100|titanv|quadrogv100)$/,
	pascal: /^(?:p\d{1,3}|gtx10\d0\w*|quadrog?p\d+|titanx(?:p|pascal))$/,
	maxwell: /^(?:m\d{2}|gtx9\d0\w*|quadrom\d+|gtxtitanx)$/,
	kepler: /^k\d{2,3}$/,
	radeon: /^(?:mi|rx|radeon)\w+$/,
	cdna: /^mi\d+[ax]?$/,
	cdna2: /^mi2\d+x?$/,
	cdna3: /^mi3[02]\d[ax]$/,
	cdna4: /^mi35\dx$/,
};

/** Machine types whose other words are sizes: `Standard_NC24ads_A100_v4`, `p6-b200.48xlarge`, `8H100.80S.176V__FI`, `gpu_8x_v100_n`. */
const MACHINE_TYPE =
	/^\s*(?:standard_n\w+|[a-z]\d[a-z]?-[a-z]+\d+\.(?:\d*x?large|metal)|\d[a-z0-9]+(?:\.\d+[sv])+(?:__[a-z]{2,3})?|gpu_\d+x_[a-z0-9]+_n)\s*$/i;

/** A host's or a device's own identifier: an address, a serial number. */
const IDENTIFIER = /^(?:0x)?[0-9a-f]{16,}$/;
const MEMORY_KIND = /^(?:hbm\d?e?|gddr\d\w?)$/;
/** Memory, or a number of something: GPUs, cores, a size. */
const AMOUNT = /^(?:\d{1,3}|\d{1,7}(?:gb?|gib|gi|mb|mib))$/;

/**
 * The first word beside a model's name that is not known to be harmless; undefined when all are. A name is that of the model only if every word of it is known:
 * "RTX 5090 Pro" and "RTX 4090 Ext" are no cards of the catalogue.
 */
export function unknownWordIn(rawName: string, words: readonly string[], best: Hit): string | undefined {
	if (MACHINE_TYPE.test(rawName)) return undefined;
	// What follows a processor's name is its own: "RTX 4090, Ryzen 9 7950X, 64 GB DDR5".
	const host = words.findIndex((word, index) => index >= best.end && isHostWord(word));
	const end = host === -1 ? words.length : host;
	return words
		.slice(0, end)
		.find((word, index) => (index < best.start || index >= best.end) && !isHarmless(word, index));

	function isHarmless(word: string, index: number): boolean {
		return (
			HARMLESS.has(word) ||
			AMOUNT.test(word) ||
			MEMORY_KIND.test(word) ||
			IDENTIFIER.test(word) ||
			isHostWord(word) ||
			formFactorsIn([word]).length > 0 ||
			/^nvl\d+$/.test(word) ||
			isArchitecture(word, best) ||
			// Oracle's second price of a product: "Compute - GPU - A100 - v2".
			(/^v\d$/.test(word) && index >= best.end && words.includes('compute'))
		);
	}
}

/** Whether all cards that a name can mean are of the architecture or line that the word names. */
export function isArchitecture(word: string, { keys }: Pick<Hit, 'keys'>): boolean {
	const pattern = Object.hasOwn(ARCHITECTURES, word) ? ARCHITECTURES[word] : undefined;
	return pattern !== undefined && keys.every((key) => pattern.test(key));
}
