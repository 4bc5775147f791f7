/** Moving money in and out of the Escrow. Each function is one transaction and says how it went; balances are read anew afterwards. */
import { accountOf, accountOfTeam, escrowAbi, mockUsdcAbi } from '@necto/contracts';
import { formatUsd } from '@necto/core';
import { signTypedData } from '@wagmi/core';
import type { Address } from 'viem';
import { chainClient } from '#lib/jobs/chain.ts';
import type { Problem } from '#lib/problem.ts';
import type { Runtime } from '#lib/runtime.ts';
import { explain, isRejection } from '#lib/wallet/explain.ts';
import { type Outcome, transact } from '#lib/wallet/transactions.svelte.ts';
import { wallet } from '#lib/wallet/wallet.svelte.ts';
import { byAllowance, byPermit, type Funding, permitData } from './permit.ts';

type Deployment = Runtime['deployment'];

const usdc = (amount: bigint) => `${formatUsd(amount)} in USDC`;

/** Prints test USDC for a person. Only where the token is the mock: the local chain and ADI's testnet. */
export function mintTestUsdc(deployment: Deployment, to: Address, amount: bigint): Promise<Outcome> {
	return transact(`Get ${formatUsd(amount)} of test USDC`, {
		address: deployment.usdc,
		abi: mockUsdcAbi,
		functionName: 'mint',
		args: [to, amount],
	});
}

/** Lets the Escrow take exactly this much from the connected wallet: never more than the deposit that follows. */
export function approve(deployment: Deployment, amount: bigint): Promise<Outcome> {
	return transact(`Allow the Escrow to take ${usdc(amount)}`, {
		address: deployment.usdc,
		abi: mockUsdcAbi,
		functionName: 'approve',
		args: [deployment.escrow, amount],
	});
}

/** Moves money from the connected wallet into the balance of a person or, with `team` above 0, of a team. */
export function deposit(deployment: Deployment, amount: bigint, person: Address, team = 0): Promise<Outcome> {
	return transact(`Deposit ${usdc(amount)}${team === 0 ? '' : ` for team ${team}`}`, {
		address: deployment.escrow,
		abi: escrowAbi,
		functionName: 'depositTo',
		args: [team === 0 ? accountOf(person) : accountOfTeam(team), amount],
	});
}

/**
 * The same, after an approval where the Escrow may not take that much yet.
 *
 * @param allowance what the Escrow may already take from the connected wallet
 */
export async function approveAndDeposit(
	deployment: Deployment,
	amount: bigint,
	allowance: bigint,
	person: Address,
	team = 0,
): Promise<Outcome> {
	if (amount > allowance) {
		const approved = await approve(deployment, amount);
		if (!approved.ok) return approved;
	}
	return deposit(deployment, amount, person, team);
}

/** Pays from the connected person's available balance out to its wallet. */
export function withdraw(deployment: Deployment, amount: bigint, to: Address): Promise<Outcome> {
	return transact(`Withdraw ${usdc(amount)}`, {
		address: deployment.escrow,
		abi: escrowAbi,
		functionName: 'withdraw',
		args: [amount, to],
	});
}

/** Pays from a team's available balance out to any address. Only its Admins may. */
export function withdrawFromTeam(deployment: Deployment, team: number, amount: bigint, to: Address): Promise<Outcome> {
	return transact(`Withdraw ${usdc(amount)} of team ${team}`, {
		address: deployment.escrow,
		abi: escrowAbi,
		functionName: 'withdrawFromTeam',
		args: [team, amount, to],
	});
}

export type Funded = { ok: true; funding: Funding } | { ok: false; problem: Problem };

/**
 * Makes the connected person's USDC ready to be moved in by the next transaction: by a signature where token and wallet know how, otherwise by an
 * approval that is mined first.
 */
export async function fund(deployment: Deployment, amount: bigint): Promise<Funded> {
	const person = wallet.address;
	const data = person === null ? null : await permitData(chainClient(), deployment, person, amount);
	if (data !== null) {
		try {
			const funding = byPermit(data, await signTypedData(wallet.config, data));
			if (funding !== null) return { ok: true, funding };
		} catch (error) {
			// Whoever says no to the permission says no to the deposit; a wallet that cannot sign is asked for an approval.
			if (isRejection(error)) return { ok: false, problem: explain(error) };
		}
	}
	const approved = await approve(deployment, amount);
	return approved.ok ? { ok: true, funding: byAllowance(amount) } : approved;
}
