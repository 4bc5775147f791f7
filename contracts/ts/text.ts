import { bytesToString, type Hex, hexToBytes, stringToHex } from 'viem';

/**
 * Short ASCII text as the contracts store it: left aligned and zero padded.
 *
 * @throws RangeError when the text is too long or holds anything but printable ASCII
 */
function encodeText(text: string, size: number): Hex {
	if (!/^[\x20-\x7e]*$/.test(text)) throw new RangeError(`Only plain ASCII can be stored: ${JSON.stringify(text)}.`);
	if (text.length > size) throw new RangeError(`Too long, at most ${size} characters: ${JSON.stringify(text)}.`);
	return stringToHex(text, { size });
}

function decodeText(bytes: Hex): string {
	return bytesToString(hexToBytes(bytes)).replace(/\0+$/, '');
}

/**
 * A GPU model's catalogue key as the contracts store it.
 *
 * @example encodeBytes16('h100') // '0x68313030000000000000000000000000'
 */
export function encodeBytes16(text: string): Hex {
	return encodeText(text, 16);
}

/** A GPU model's catalogue key from the chain. */
export function decodeBytes16(bytes: Hex): string {
	return decodeText(bytes);
}

/** A pricing token's symbol ("AKT") as listings store it; no text is no token. */
export function encodeToken(symbol: string): Hex {
	return encodeText(symbol, 8);
}

/** A pricing token's symbol from the chain. */
export function decodeToken(bytes: Hex): string {
	return decodeText(bytes);
}

const COUNTRY = /^[A-Z]{2}$/;

function checkCountry(code: string): string {
	if (!COUNTRY.test(code)) throw new RangeError(`Not an ISO 3166-1 alpha-2 code in capitals: ${JSON.stringify(code)}.`);
	return code;
}

/** A listing's country ("DE") as listings store it; no text is unknown. */
export function encodeCountry(code: string): Hex {
	return encodeText(code === '' ? '' : checkCountry(code), 2);
}

/** A listing's country from the chain, '' if unknown. */
export function decodeCountry(bytes: Hex): string {
	return decodeText(bytes);
}

/** Up to eight countries as a request holds them: back to back, zero padded. */
export function encodeCountries(codes: readonly string[]): Hex {
	if (codes.length > 8) throw new RangeError(`At most 8 countries, not ${codes.length}.`);
	return encodeText(codes.map(checkCountry).join(''), 16);
}

/** The countries of a request from the chain. */
export function decodeCountries(bytes: Hex): string[] {
	return decodeText(bytes).match(/../g) ?? [];
}
