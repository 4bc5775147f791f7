/** The 0G Storage root of a file. */
import type { Hex } from 'viem';

export function zeroGRoot(_bytes: Uint8Array): Hex {
	throw new Error('not written yet');
}
