/** Whether a payer may lock money for a job now: what the contracts will look at, read from them. */
import { accessControlAbi, jobRegistryAbi, nameOf, teamRole } from '@necto/contracts';
import type { TeamFacts } from '@necto/core';
import type { Address, PublicClient } from 'viem';
import type { Runtime } from '#lib/runtime.ts';

export interface Payer {
	readonly team: number;
	/** Whether new requests are paused. */
	readonly paused: boolean;
	/** Undefined when the person pays, null when there is no such team. */
	readonly facts: TeamFacts | null | undefined;
	/** Seconds by which the chain's clock is ahead of this device's. */
	readonly ahead: number;
}

/** @param team 0 is the person's own money */
export async function readPayer(
	client: Pick<PublicClient, 'readContract' | 'getBlock'>,
	{ accessControl, jobRegistry }: Runtime['deployment'],
	person: Address,
	team: number,
): Promise<Payer> {
	// The next block's time: the last one of a chain that mines on demand may be hours old.
	const [{ timestamp }, paused, facts] = await Promise.all([
		client.getBlock({ blockTag: 'pending' }),
		client.readContract({ address: jobRegistry, abi: jobRegistryAbi, functionName: 'paused' }),
		team === 0 ? undefined : readTeam(client, accessControl, person, team),
	]);
	return { team, paused, facts, ahead: Number(timestamp) - Math.floor(Date.now() / 1_000) };
}

async function readTeam(
	client: Pick<PublicClient, 'readContract'>,
	accessControl: Address,
	person: Address,
	team: number,
): Promise<TeamFacts | null> {
	const contract = { address: accessControl, abi: accessControlAbi } as const;
	const teams = await client.readContract({ ...contract, functionName: 'teamCount' });
	if (team > teams) return null;
	const [role, [budget, period, periodStart], member] = await Promise.all([
		client.readContract({ ...contract, functionName: 'roleOf', args: [team, person] }),
		client.readContract({ ...contract, functionName: 'teamBudget', args: [team] }),
		client.readContract({ ...contract, functionName: 'memberBudget', args: [team, person] }),
	]);
	// The contract gives both as of the period that it is now.
	return {
		role: nameOf(teamRole, role),
		period,
		budget: { ...budget, periodStart },
		member: { ...member, periodStart },
	};
}
