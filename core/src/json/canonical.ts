import canonicalize from 'canonicalize';
import { bytesToString, stringToBytes } from 'viem';

/** RFC 8785: one byte sequence for one JSON value. @throws Error on what JSON cannot hold */
export function canonicalText(value: unknown): string {
	const text = canonicalize(value);
	if (text === undefined) throw new TypeError('Only JSON values have a canonical form.');
	return text;
}

export function canonicalBytes(value: unknown): Uint8Array {
	return stringToBytes(canonicalText(value));
}

/** The text of UTF-8 bytes. @throws TypeError when they are not UTF-8, or begin with a byte order mark */
export function textOf(bytes: Uint8Array): string {
	const text = bytesToString(bytes);
	// The decoder replaces what it cannot read and drops a byte order mark; neither comes back as the same bytes.
	if (!equalBytes(stringToBytes(text), bytes)) throw new TypeError('The bytes are not UTF-8 text.');
	return text;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	// A plain loop: files have millions of bytes, and a call for each is most of the time.
	for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
	return true;
}
