/** What the router answers with for its decisions. Without it the contracts take no route of its. */
import { type Deployment, escrowAbi } from '@necto/contracts';
import { formatUsd } from '@necto/core';
import type { Address } from 'viem';
import type { ChainClient } from './clients.ts';

/** Micro-USDC. */
export interface Bond {
	/** What counts for new decisions: without what was announced to leave. */
	standing: bigint;
	required: bigint;
}

export async function readBond(
	client: ChainClient,
	{ escrow }: Pick<Deployment, 'escrow'>,
	router: Address,
): Promise<Bond> {
	const bank = { address: escrow, abi: escrowAbi } as const;
	const [{ amount, leaving }, required] = await Promise.all([
		client.readContract({ ...bank, functionName: 'bondOf', args: [router] }),
		client.readContract({ ...bank, functionName: 'MIN_BOND' }),
	]);
	return { standing: amount - leaving, required };
}

/** What an operator has to do, or null when the bond is enough. */
export function bondAdvice({ standing, required }: Bond, router: Address): string | null {
	if (standing >= required) return null;
	return `Post a bond: router ${router} has ${formatUsd(standing)} of USDC standing and needs ${formatUsd(required)} to route. Deposit USDC into the Escrow with the router's key, then call postBond.`;
}
