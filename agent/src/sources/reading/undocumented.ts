/**
 * What a row says beside the fields that its reader knows. An answer may gain a field at any time (`rental_type`, `reservationTerm`), and one that binds the renter,
 * or ends the offer, must not be passed over because nobody expected it.
 */
import { namesSlice, termNamedIn, termOf } from '@necto/core';
import type { Validity } from './validity.ts';

export interface Undocumented {
	/** Texts that name a term, or a part of a GPU. */
	texts: string[];
	validity: Validity;
}

const FLAG = /^(?:is ?)?(?:spot|preempt[ai]ble|interrupt[ai]ble|reserved|committed|pre ?paid)$/;
const LENGTH = /^(?:commit|contract|reserv|lease|minimum term|min term|term|prepaid|upfront)/;
const FROM = /^(?:valid|effective|price) ?(?:from|start(?:s|date)?)/;
const UNTIL =
	/^(?:(?:valid|effective|price) ?(?:until|to|through|thru|end(?:s|date)?)|expir\w*|end date|available until)/;
const LONGEST_TEXT = 200;
const DEEPEST = 3;

/**
 * @param row as it came
 * @param known the same row as its schema reads it: fields that are in it are the reader's own
 */
export function undocumentedIn(row: unknown, known: unknown): Undocumented {
	const found: Undocumented = { texts: [], validity: {} };
	visit(row, known, DEEPEST, found);
	return found;
}

function visit(row: unknown, known: unknown, depth: number, found: Undocumented): void {
	if (!isObject(row)) return;
	for (const [name, value] of Object.entries(row)) {
		const read = isObject(known) && Object.hasOwn(known, name);
		if (isObject(value)) {
			if (depth > 1) visit(value, read ? known[name] : undefined, depth - 1, found);
		} else if (!read) note(wordsOf(name), value, found);
	}
}

function note(name: string, value: unknown, found: Undocumented): void {
	if (typeof value === 'string' && value.length <= LONGEST_TEXT) {
		if (termOf(value).kind === 'spot') found.texts.push('spot');
		else if (namesSlice(value) || termNamedIn(value) !== null) found.texts.push(value);
	}
	if (value === true && FLAG.test(name)) found.texts.push(name.replace(/^is ?/, ''));
	if (typeof value === 'number' && value > 0 && LENGTH.test(name)) found.texts.push(`commitment: ${name} ${value}`);
	if (typeof value !== 'string' && typeof value !== 'number') return;
	if (FROM.test(name)) found.validity = { ...found.validity, from: value };
	if (UNTIL.test(name)) found.validity = { ...found.validity, until: value };
}

/** `reservationTerm`, `reservation_term` -> `reservation term`. */
function wordsOf(name: string): string {
	return name
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.replace(/[^A-Za-z0-9]+/g, ' ')
		.trim()
		.toLowerCase();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
