/**
 * The requester of an untracked job inside a signed transaction. Every call that acts on a job carries its terms, and they begin with the requester; what the
 * journal keeps of such a transaction has zeros there, of the same length, so that the rest of the bytes stays as it was signed.
 */
import { type Address, type Hex, parseTransaction } from 'viem';

/** In the call's hex digits: the selector, the job's word, and twelve bytes of padding come before the address. */
const BEGIN = 2 * (4 + 32 + 12);
const LENGTH = 2 * 20;

/** The bytes without the requester. */
export function hideRequester(raw: Hex): Hex {
	return withRequester(raw, '0'.repeat(LENGTH));
}

/** The bytes as they were signed. */
export function showRequester(raw: Hex, requester: Address): Hex {
	return withRequester(raw, requester.slice(2).toLowerCase());
}

/** @throws Error when the transaction is no call that acts on a job */
function withRequester(raw: Hex, digits: string): Hex {
	const call = parseTransaction(raw).data?.slice(2) ?? '';
	const at = raw.lastIndexOf(call);
	if (call.length < BEGIN + LENGTH || at < 0) throw new Error('The transaction brings no terms along.');
	return `0x${raw.slice(2, at + BEGIN)}${digits}${raw.slice(at + BEGIN + LENGTH)}`;
}
