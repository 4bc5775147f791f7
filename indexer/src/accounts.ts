import { holderOf } from '@necto/contracts';
import type { Address } from 'viem';

/** How tables write the Escrow account of a person or a team: the address, or 'team:3'. */
export function accountText(person: Address, team: number): string {
	return team === 0 ? person.toLowerCase() : `team:${team}`;
}

/** The same for an account as the Escrow's events have it. */
export function accountTextOf(account: bigint): string {
	const holder = holderOf(account);
	return 'team' in holder ? `team:${holder.team}` : holder.person;
}
