/** What is typed to move money in or out, read against what there is. Everything in micro-USDC. */
import { formatUsd } from '@necto/core';
import { type Read, readAmount } from '#lib/teams/forms.ts';

/** An amount to take out: nothing typed is all of it. */
export function readWithdrawal(text: string, available: bigint): Read<bigint> {
	if (available === 0n) return { ok: false, error: 'Nothing is available.' };
	if (text.trim() === '') return { ok: true, value: available };
	return atMost(readAmount(text), available, `Only ${formatUsd(available)} is available.`);
}

/** An amount to pay in. */
export function readDeposit(text: string, wallet: bigint): Read<bigint> {
	return atMost(readAmount(text), wallet, 'That is more than your wallet holds.');
}

function atMost(read: Read<bigint>, most: bigint, error: string): Read<bigint> {
	return read.ok && read.value > most ? { ok: false, error } : read;
}
