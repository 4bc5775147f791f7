/** What can be done to teams, budgets and session keys. Each function is one transaction; nothing is done before its receipt. */
import { accessControlAbi, teamRole } from '@necto/contracts';
import { formatUsd } from '@necto/core';
import type { Address } from 'viem';
import { shorten } from '#lib/format.ts';
import type { Runtime } from '#lib/runtime.ts';
import { type Outcome, transact } from '#lib/wallet/transactions.svelte.ts';
import type { Role } from './team.queries.ts';

const access = (runtime: Runtime) => ({ address: runtime.deployment.accessControl, abi: accessControlAbi }) as const;

/** Makes a team with the connected person as its admin. */
export function createTeam(runtime: Runtime, name: string): Promise<Outcome> {
	return transact(`Create team ${name}`, { ...access(runtime), functionName: 'createTeam', args: [name] });
}

/** Adds a member, or changes its role and limit. `limit` is micro-USDC or NO_LIMIT. */
export function setMember(
	runtime: Runtime,
	team: number,
	member: Address,
	role: Role,
	limit: bigint,
): Promise<Outcome> {
	return transact(`Set ${shorten(member)} to ${role} of team ${team}`, {
		...access(runtime),
		functionName: 'setMemberWithBudget',
		args: [team, member, teamRole[role], limit],
	});
}

/** Takes a member out of a team; a member may take itself out. */
export function removeMember(runtime: Runtime, team: number, member: Address): Promise<Outcome> {
	return transact(`Remove ${shorten(member)} from team ${team}`, {
		...access(runtime),
		functionName: 'setMember',
		args: [team, member, teamRole.none],
	});
}

/** Changes what a team may lock in each period of so many seconds. */
export function setTeamBudget(runtime: Runtime, team: number, limit: bigint, period: number): Promise<Outcome> {
	return transact(`Set the budget of team ${team}`, {
		...access(runtime),
		functionName: 'setTeamBudget',
		args: [team, limit, period],
	});
}

/** `SessionLimits` of `IAccessControl.sol`. Money in micro-USDC. */
export interface SessionLimits {
	readonly total: bigint;
	readonly perPeriod: bigint;
	/** Seconds; 0 is one period for all of its life. */
	readonly period: number;
	/** Unix seconds. */
	readonly expiresAt: number;
	readonly team: number;
}

/** Lets a key request and cancel in the connected person's name. */
export function grantSession(runtime: Runtime, key: Address, limits: SessionLimits): Promise<Outcome> {
	return transact(`Let ${shorten(key)} spend up to ${formatUsd(limits.total)}`, {
		...access(runtime),
		functionName: 'grantSession',
		args: [key, limits],
	});
}

/** Makes one key worthless. */
export function revokeSession(runtime: Runtime, owner: Address, key: Address): Promise<Outcome> {
	return transact(`Revoke ${shorten(key)}`, {
		...access(runtime),
		functionName: 'revokeSession',
		args: [owner, key],
	});
}

/** Makes every key of the connected person worthless. */
export function revokeAllSessions(runtime: Runtime): Promise<Outcome> {
	return transact('Revoke all session keys', { ...access(runtime), functionName: 'revokeAllSessions', args: [] });
}
