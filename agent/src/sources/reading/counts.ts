import { z } from 'zod';

/**
 * A number of free or idle GPUs: a whole number from zero, or null where none or nonsense is published (below zero, a fraction, a word). What is not known of
 * capacity takes nothing away from a price.
 */
export const freeCount = z
	.unknown()
	.transform((value) => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null));
