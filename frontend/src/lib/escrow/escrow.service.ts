/** Moving money in and out of the Escrow. Each function is one transaction and says how it went; balances are read anew afterwards. */
import { accountOf, accountOfTeam, escrowAbi, mockUsdcAbi } from '@necto/contracts';
import { formatUsd } from '@necto/core';
import type { Address } from 'viem';
import type { Runtime } from '#lib/runtime.ts';
import { type Outcome, transact } from '#lib/wallet/transactions.svelte.ts';

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

/** Pays from the connected person's available balance out to its wallet. */
export function withdraw(deployment: Deployment, amount: bigint, to: Address): Promise<Outcome> {
	return transact(`Withdraw ${usdc(amount)}`, {
		address: deployment.escrow,
		abi: escrowAbi,
		functionName: 'withdraw',
		args: [amount, to],
	});
}
