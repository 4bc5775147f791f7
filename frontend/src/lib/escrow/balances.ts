/** What an account holds, read from the chain: the indexer keeps no balances, as they would give untracked buyers away. */
import { accountOf, accountOfTeam, escrowAbi, mockUsdcAbi } from '@necto/contracts';
import type { Address, PublicClient } from 'viem';
import type { Runtime } from '#lib/runtime.ts';
import type { Funds } from './plan.ts';

/** Everything in micro-USDC. */
export interface Balances extends Funds {
	/** In the Escrow, locked for jobs. */
	readonly locked: bigint;
}

/**
 * The money of a payer. Wallet and allowance are always those of the connected person, who deposits for the team as well.
 *
 * @param team 0 is the person's own account
 */
export async function readBalances(
	client: PublicClient,
	{ escrow, usdc }: Runtime['deployment'],
	person: Address,
	team = 0,
): Promise<Balances> {
	const account = team === 0 ? accountOf(person) : accountOfTeam(team);
	const [held, wallet, allowance] = await Promise.all([
		client.readContract({ address: escrow, abi: escrowAbi, functionName: 'balanceOf', args: [account] }),
		client.readContract({ address: usdc, abi: mockUsdcAbi, functionName: 'balanceOf', args: [person] }),
		client.readContract({ address: usdc, abi: mockUsdcAbi, functionName: 'allowance', args: [person, escrow] }),
	]);
	return { available: held.available, locked: held.locked, wallet, allowance };
}

/** The same of each of these teams, by its number. */
export async function readTeamBalances(
	client: PublicClient,
	deployment: Runtime['deployment'],
	person: Address,
	teams: readonly number[],
): Promise<ReadonlyMap<number, Balances>> {
	return new Map(
		await Promise.all(teams.map(async (team) => [team, await readBalances(client, deployment, person, team)] as const)),
	);
}
