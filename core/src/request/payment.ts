import type { UnixSeconds } from '../ids.ts';
import { formatUsd, lockFor } from '../money.ts';
import { budgetIn, currentPeriod, type StoredBudget, type StoredSession, sessionPeriodSpent } from './budget.ts';
import type { Finding } from './finding.ts';
import type { JobRequest } from './request.ts';

export type TeamRole = 'none' | 'viewer' | 'user' | 'admin';

/** What decides whether a payer may lock money, as the contracts store it. Money in micro-USDC. */
export interface PaymentFacts {
	/** Whether new requests are paused (`JobRegistry.paused`). */
	readonly paused: boolean;
	/** The payer's Escrow balance that is not locked. */
	readonly available: bigint;
	/** Moved in from the requester's wallet by the same transaction; null when nothing is. */
	readonly deposit: {
		readonly amount: bigint;
		readonly wallet: bigint;
		/** The Escrow's allowance; null when a signed permit is sent with the request. */
		readonly allowance: bigint | null;
	} | null;
	/** The paying team, null when it does not exist; undefined when the requester pays. */
	readonly team?: TeamFacts | null | undefined;
	/** The session key that sends the request for the requester; undefined when the requester sends it. */
	readonly session?: SessionFacts;
}

export interface TeamFacts {
	/** The requester's. */
	readonly role: TeamRole;
	/** Seconds. */
	readonly period: number;
	readonly budget: StoredBudget;
	/** The requester's own budget in the team. */
	readonly member: StoredBudget;
}

export interface SessionFacts extends StoredSession {
	/** The team whose money it may spend, 0 for its owner's. */
	readonly team: number;
	/** By itself or with all keys of its owner. */
	readonly revoked: boolean;
}

/**
 * Why the contracts would not lock the money for a request: the checks of `Requests._request`, `AccessControl.spend`, `spendByKey` and `Escrow.lock`, in their order.
 *
 * @param now the chain's time: budgets count by period and keys expire
 * @returns what is wrong; `field` is `team`, `session` or `payment`. Empty when the money would be locked.
 */
export function checkPayment(request: JobRequest, facts: PaymentFacts, now: UnixSeconds): Finding[] {
	const amount = lockFor(request);
	const findings = [
		...checkSession(request, facts.session, amount, now),
		...checkTeam(request, facts.team, amount, now),
	];
	const payment = (code: string, message: string, suggestion: string) =>
		findings.push({ field: 'payment', code, message, suggestion });
	if (facts.paused) {
		payment('paused', 'New requests are paused on this installation.', 'Running jobs continue. Try again later.');
	}
	// A deposit goes to the requester's own account, whichever account pays.
	const paidIn = request.team === 0 ? (facts.deposit?.amount ?? 0n) : 0n;
	if (facts.deposit !== null) checkDeposit(facts.deposit, payment);
	const available = facts.available + paidIn;
	if (available < amount) {
		const whose = request.team === 0 ? 'The Escrow balance' : "The team's Escrow balance";
		payment(
			'insufficient_balance',
			`${whose} is ${formatUsd(available)}, and ${formatUsd(amount)} would be locked.`,
			`Deposit ${formatUsd(amount - available)}, or ask for less.`,
		);
	}
	return findings;
}

function checkDeposit(
	{ amount, wallet, allowance }: NonNullable<PaymentFacts['deposit']>,
	payment: (code: string, message: string, suggestion: string) => void,
): void {
	if (amount <= 0n) payment('zero_deposit', 'The deposit is zero.', 'Request without one.');
	if (wallet < amount) {
		payment(
			'insufficient_wallet',
			`The wallet holds ${formatUsd(wallet)} in USDC, and ${formatUsd(amount)} is needed.`,
			'Get more USDC, or ask for less.',
		);
	} else if (allowance !== null && allowance < amount) {
		payment(
			'insufficient_allowance',
			`The Escrow’s allowance from this wallet is ${formatUsd(allowance)}, but ${formatUsd(amount)} is needed.`,
			'Approve the amount first.',
		);
	}
}

function checkTeam(
	request: JobRequest,
	team: TeamFacts | null | undefined,
	amount: bigint,
	now: UnixSeconds,
): Finding[] {
	if (request.team === 0) return [];
	const finding = (code: string, message: string, suggestion: string) => [{ field: 'team', code, message, suggestion }];
	if (team === undefined || team === null) {
		return finding('unknown_team', `There is no team ${request.team}.`, 'Choose another payer.');
	}
	if (team.role !== 'user' && team.role !== 'admin') {
		return finding(
			'not_a_team_user',
			team.role === 'viewer'
				? `A Viewer of team ${request.team} cannot spend its money.`
				: `This account is no member of team ${request.team}.`,
			'Ask an admin of the team for the role User, or pay for the job yourself.',
		);
	}
	const start = currentPeriod({ periodStart: team.budget.periodStart, period: team.period }, now);
	const member = budgetIn(team.member, start);
	const whole = budgetIn(team.budget, start);
	const over = (left: bigint, spent: bigint, limit: bigint) =>
		`${formatUsd(left)} of ${formatUsd(limit)} is left in this period (${formatUsd(spent)} used), and ${formatUsd(amount)} would be locked.`;
	const until = 'ask for less, or wait for the next period';
	if (member.left !== null && member.limit !== null && amount > member.left) {
		return finding(
			'member_budget_exceeded',
			`Your budget in team ${request.team}: ${over(member.left, member.spent, member.limit)}`,
			`Ask an admin of the team to raise your budget, ${until}.`,
		);
	}
	if (whole.left !== null && whole.limit !== null && amount > whole.left) {
		return finding(
			'team_budget_exceeded',
			`The budget of team ${request.team}: ${over(whole.left, whole.spent, whole.limit)}`,
			`Ask an admin of the team to raise its budget, ${until}.`,
		);
	}
	return [];
}

function checkSession(
	request: JobRequest,
	session: SessionFacts | undefined,
	amount: bigint,
	now: UnixSeconds,
): Finding[] {
	if (session === undefined) return [];
	const finding = (code: string, message: string, suggestion: string) => [
		{ field: 'session', code, message, suggestion },
	];
	const grant = 'Ask its owner for a new grant.';
	if (session.expiresAt === 0) return finding('no_session', 'This session key does not exist.', grant);
	if (session.revoked) return finding('no_session', 'The session key was revoked.', grant);
	if (now >= session.expiresAt) return finding('no_session', 'The session key has expired.', grant);
	if (session.team !== request.team) {
		return finding('no_session', 'The session key may not spend this payer’s funds.', grant);
	}
	const left = session.total - session.spent;
	if (amount > left) {
		return finding(
			'session_total_exceeded',
			`The session key may lock ${formatUsd(left)} more in all, and ${formatUsd(amount)} is needed.`,
			'Its owner can raise its cap.',
		);
	}
	const leftInPeriod = session.perPeriod - sessionPeriodSpent(session, now);
	if (amount > leftInPeriod) {
		return finding(
			'session_period_exceeded',
			`The session key may lock ${formatUsd(leftInPeriod)} more in this period, and ${formatUsd(amount)} is needed.`,
			'Wait for the next period, or let its owner grant it more.',
		);
	}
	return [];
}
