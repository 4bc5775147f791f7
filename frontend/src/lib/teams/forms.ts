/** What is typed on the team page, read: values for the contract, or what is wrong in words. */
import { NO_LIMIT, scaledDecimal } from '@necto/core';
import { type Address, getAddress, isAddress } from 'viem';

export type Read<Value> = { ok: true; value: Value } | { ok: false; error: string };

const fine = <Value>(value: Value): Read<Value> => ({ ok: true, value });
const wrong = (error: string): { ok: false; error: string } => ({ ok: false, error });

/** An address as typed; a wrong checksum is a typing mistake and is refused. */
export function readAddress(text: string): Read<Address> {
	const trimmed = text.trim();
	if (trimmed === '') return wrong('Give an address.');
	if (!/^0x[0-9a-fA-F]{40}$/.test(trimmed)) return wrong('Not an address: 0x and 40 hexadecimal digits.');
	if (!isAddress(trimmed)) return wrong('Its capitals do not fit: a digit is mistyped.');
	if (BigInt(trimmed) === 0n) return wrong('The zero address is nobody.');
	return fine(getAddress(trimmed));
}

/** An amount above zero in USD, as micro-USDC. */
export function readAmount(text: string): Read<bigint> {
	const read = readUsd(text);
	return read.ok && read.value === 0n ? wrong('Give an amount above zero.') : read;
}

/** A limit: nothing typed is no limit, and 0 is nothing at all. */
export function readLimit(text: string): Read<bigint> {
	return text.trim() === '' ? fine(NO_LIMIT) : readUsd(text);
}

/** A limit as typed: '' for none. */
export function limitText(limit: bigint | null): string {
	if (limit === null || limit >= NO_LIMIT) return '';
	const digits = limit.toString().padStart(7, '0');
	return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, '');
}

/** Days from now, as unix seconds. */
export function readDays(text: string, now: number): Read<number> {
	const trimmed = text.trim();
	if (!/^\d{1,4}$/.test(trimmed) || Number(trimmed) === 0) return wrong('Give a whole number of days.');
	return fine(now + Number(trimmed) * 86_400);
}

function readUsd(text: string): Read<bigint> {
	const trimmed = text.trim();
	if (!/^\d{1,12}(\.\d{1,6})?$/.test(trimmed))
		return wrong('Give a plain number with at most six decimals, such as 250.');
	return fine(scaledDecimal(trimmed, 6));
}
