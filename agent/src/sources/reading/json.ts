/** JSON from outside, read so that it has one meaning only. */
import { AmbiguousAnswer, SourceError } from '../asking/source.ts';

/**
 * The value of a JSON text, with or without a byte order mark. `JSON.parse` takes the last of two members with one name, other readers the first (RFC 8259, section 4:
 * "the behavior is unpredictable"), so of such an object nobody can tell which price holds.
 *
 * @throws SourceError `not-json` when it is no JSON; `shape` when an object has a member twice
 */
export function parseJson(text: string): unknown {
	const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
	let value: unknown;
	try {
		value = JSON.parse(plain);
	} catch (cause) {
		throw new SourceError('not-json', 'Its answer is not complete JSON.', { cause });
	}
	const name = repeatedName(plain);
	if (name === undefined) return value;
	throw new AmbiguousAnswer('Its answer has an object with the member', name);
}

const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;
const QUOTE = 34;
const COLON = 58;

/** The first member name that an object has twice. The text is known to be JSON: a string is a name where a colon follows. */
function repeatedName(text: string): string | undefined {
	const open: Set<string>[] = [];
	let names = new Set<string>();
	for (let at = 0; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === QUOTE) {
			const start = at + 1;
			at = endOfString(text, start);
			let next = at + 1;
			while (text.charCodeAt(next) <= 32) next++;
			if (text.charCodeAt(next) !== COLON) continue;
			const raw = text.slice(start, at);
			// Two spellings of one name, one of them with escapes, are one name.
			const name = raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw;
			const before = names.size;
			if (names.add(name).size === before) return name;
		} else if (code === OPEN) {
			open.push(names);
			names = new Set();
		} else if (code === CLOSE) names = open.pop() ?? new Set();
	}
	return undefined;
}

/** The place of the quotation mark that ends a string. */
function endOfString(text: string, start: number): number {
	let end = text.indexOf('"', start);
	while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
	return end;
}

function isEscaped(text: string, at: number): boolean {
	let slashes = 0;
	while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
	return slashes % 2 === 1;
}
