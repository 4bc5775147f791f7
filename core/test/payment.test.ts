import { describe, expect, it } from 'vitest';
import { checkPayment, NO_LIMIT, type PaymentFacts, type SessionFacts, type TeamFacts, teamId } from '../src/index.ts';
import { NOW, request } from './build.ts';

/** Locks 5 USD. */
const own = request();
const teams = request({ team: teamId(3) });
const rich: PaymentFacts = { paused: false, available: 5_000_000n, deposit: null };

const unlimited = { limit: NO_LIMIT, spent: 0n, periodStart: NOW - 100 };
const team: TeamFacts = { role: 'user', period: 3_600, budget: unlimited, member: unlimited };
const session: SessionFacts = {
	total: 10_000_000n,
	spent: 5_000_000n,
	perPeriod: 6_000_000n,
	periodSpent: 1_000_000n,
	period: 3_600,
	periodIndex: 0,
	grantedAt: NOW - 100,
	expiresAt: NOW + 1,
	team: 0,
	revoked: false,
};

const codes = (asked: typeof own, changes: Partial<PaymentFacts>) =>
	checkPayment(asked, { ...rich, ...changes }, NOW).map(({ code }) => code);
const ofTeam = (changes: Partial<TeamFacts>) => codes(teams, { team: { ...team, ...changes } });
const byKey = (changes: Partial<SessionFacts>) => codes(own, { session: { ...session, ...changes } });

describe('BILL-04 AGT-09 whether the money for a request would be locked', () => {
	it('needs exactly what is locked, with what comes along', () => {
		expect(codes(own, {})).toEqual([]);
		expect(codes(own, { available: 4_999_999n })).toEqual(['insufficient_balance']);
		const deposit = { amount: 1n, wallet: 1n, allowance: null };
		expect(codes(own, { available: 4_999_999n, deposit })).toEqual([]);
		expect(codes(own, { available: 4_999_999n, deposit: { ...deposit, wallet: 0n } })).toEqual(['insufficient_wallet']);
		expect(codes(own, { available: 4_999_999n, deposit: { ...deposit, allowance: 0n } })).toEqual([
			'insufficient_allowance',
		]);
		// A deposit goes to the person, not to the team.
		expect(codes(teams, { team, available: 4_999_999n, deposit })).toEqual(['insufficient_balance']);
		expect(codes(own, { deposit: { ...deposit, amount: 0n } })).toEqual(['zero_deposit']);
	});

	it('is refused while requests are paused', () => {
		expect(codes(own, { paused: true })).toEqual(['paused']);
	});

	it('needs a User of a team that exists', () => {
		expect(ofTeam({})).toEqual([]);
		expect(ofTeam({ role: 'viewer' })).toEqual(['not_a_team_user']);
		expect(ofTeam({ role: 'none' })).toEqual(['not_a_team_user']);
		expect(codes(teams, { team: null })).toEqual(['unknown_team']);
	});

	it('counts the budgets of member and team in the period that it is now', () => {
		const spent = { limit: 9_000_000n, spent: 4_000_001n, periodStart: NOW - 100 };
		expect(ofTeam({ member: { ...spent, spent: 4_000_000n } })).toEqual([]);
		expect(ofTeam({ member: spent })).toEqual(['member_budget_exceeded']);
		expect(ofTeam({ budget: spent })).toEqual(['team_budget_exceeded']);
		// What was spent in a period that is over counts no more.
		expect(ofTeam({ member: spent, budget: { ...unlimited, periodStart: NOW - 3_600 }, period: 3_600 })).toEqual([]);
		expect(ofTeam({ budget: { ...spent, periodStart: NOW - 3_599 } })).toEqual(['team_budget_exceeded']);
		expect(ofTeam({ budget: { ...spent, periodStart: NOW - 3_600 } })).toEqual([]);
		// Lowered below what was spent.
		expect(ofTeam({ member: { limit: 0n, spent: 1n, periodStart: NOW - 100 } })).toEqual(['member_budget_exceeded']);
	});

	it('says how much of the budget is left', () => {
		const budget = { limit: 9_000_000n, spent: 8_000_000n, periodStart: NOW - 100 };
		const [finding] = checkPayment(teams, { ...rich, team: { ...team, member: budget } }, NOW);
		expect(finding).toMatchObject({ field: 'team', message: expect.stringContaining('$1.00 of $9.00 is left') });
	});

	it('needs a session key with enough left, in all and in the period', () => {
		expect(byKey({})).toEqual([]);
		expect(byKey({ expiresAt: NOW })).toEqual(['no_session']);
		expect(byKey({ expiresAt: 0 })).toEqual(['no_session']);
		expect(byKey({ revoked: true })).toEqual(['no_session']);
		expect(byKey({ team: 4 })).toEqual(['no_session']);
		expect(byKey({ spent: 5_000_001n })).toEqual(['session_total_exceeded']);
		expect(byKey({ periodSpent: 1_000_001n })).toEqual(['session_period_exceeded']);
		expect(byKey({ periodSpent: 6_000_000n, grantedAt: NOW - 3_600 })).toEqual([]);
	});
});
