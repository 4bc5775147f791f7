/** What settings are made of, and the error that names a wrong one. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A setting that is missing or wrong. The message is one sentence for the operator and never holds a secret. */
export class SettingsError extends Error {
	override name = 'SettingsError';
}

export const url = z
	.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
	.transform((text) => text.replace(/\/+$/, ''));

/** Seconds, milliseconds or days. A timer that is set beyond 24 days fires at once, and what waits by it would never rest. */
export const seconds = z.coerce
	.number({ error: 'must be a number' })
	.int('must be a whole number')
	.positive('must be above zero')
	.max(1_000_000, 'must be at most 1000000');

/** A number that no timer is set by. */
export const count = z.coerce
	.number({ error: 'must be a number' })
	.int('must be a whole number')
	.min(0, 'must not be below zero')
	.max(1_000_000_000, 'must be at most 1000000000');

/** @throws SettingsError when the file that a setting names cannot be read */
export function readTextFile(path: string, name: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch (cause) {
		throw new SettingsError(`${name} names a file that cannot be read: ${path}.`, { cause });
	}
}
