import type { Address } from 'viem';

const ADDRESS_BITS = 160n;

/** The Escrow account of a person: the address as a number. */
export function accountOf(person: Address): bigint {
	return BigInt(person);
}

/**
 * The Escrow account of a team: the id above an empty address, so that it can never be a person's.
 *
 * @throws RangeError for ids that are no team's
 */
export function accountOfTeam(team: number): bigint {
	if (!Number.isInteger(team) || team < 1 || team > 0xffff_ffff) {
		throw new RangeError(`Not a team: ${team}. Teams are numbered from 1.`);
	}
	return BigInt(team) << ADDRESS_BITS;
}

/** Who holds an Escrow account: a team's number, or a person's address. */
export function holderOf(account: bigint): { team: number } | { person: Address } {
	const team = Number(account >> ADDRESS_BITS);
	if (team > 0) return { team };
	return { person: `0x${account.toString(16).padStart(40, '0')}` };
}
