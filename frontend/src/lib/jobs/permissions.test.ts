import { describe, expect, it } from 'vitest';
import { ARBITER_PERIOD, deadlineOf, GRACE_PERIOD, type JobFacts, jobActions, type Viewer } from './permissions.ts';

const BUYER = '0xAbC0000000000000000000000000000000000001';
const PROVIDER = '0xDef0000000000000000000000000000000000002';

const job: JobFacts = {
	status: 'requested',
	tracked: true,
	requester: BUYER.toLowerCase(),
	team: 0,
	provider: null,
	routeDeadline: 1_000,
	startDeadline: null,
	endsAt: null,
	disputedAt: null,
};
const routed: JobFacts = { ...job, status: 'routed', provider: PROVIDER.toLowerCase(), startDeadline: 2_000 };
const running: JobFacts = { ...routed, status: 'running', endsAt: 5_000 };
const disputed: JobFacts = { ...running, status: 'disputed', disputedAt: 4_000 };
const stranger = () => viewer('0x0000000000000000000000000000000000000009');

const viewer = (address: string | null, more: Partial<Viewer> = {}): Viewer => ({
	address,
	userOfTeams: [],
	isRequester: false,
	mayOperate: false,
	...more,
});
const actions = (facts: JobFacts, who: Viewer, now: number) => jobActions(facts, who, now).map((item) => item.action);

describe('SET-02 who may act on a job', () => {
	it('lets the buyer cancel until it runs, whatever the case of the address', () => {
		expect(actions(job, viewer(BUYER), 500)).toEqual(['cancel']);
		expect(actions(routed, viewer(BUYER), 500)).toEqual(['cancel']);
		expect(actions(running, viewer(BUYER), 4_000)).not.toContain('cancel');
	});

	it('lets the provider start or decline a routed job, and complete and give up a running one', () => {
		expect(actions(routed, viewer(PROVIDER), 2_000)).toEqual(['start', 'decline']);
		expect(actions(running, viewer(PROVIDER), 4_000)).toEqual(['complete', 'fail']);
		expect(actions(disputed, viewer(PROVIDER), 4_500)).toEqual(['submitEvidence', 'fail']);
	});

	it('lets a delegate do the same, but not before a provider is chosen', () => {
		const delegate = viewer('0x0000000000000000000000000000000000000007', { mayOperate: true });
		expect(actions(routed, delegate, 2_000)).toEqual(['start', 'decline']);
		expect(actions(running, delegate, 4_000)).toEqual(['complete', 'fail']);
		expect(actions(job, delegate, 500)).toEqual([]);
	});

	it('offers no start after the start deadline, but the way out', () => {
		expect(actions(routed, viewer(PROVIDER), 2_001)).toEqual(['decline', 'expire']);
	});

	it('RES-04 expires a routed job only after both deadlines: until then it may find another place', () => {
		const open = { ...routed, routeDeadline: 3_000 };
		expect(actions(open, stranger(), 2_500)).toEqual([]);
		expect(actions(open, stranger(), 3_001)).toEqual(['expire']);
		expect(actions({ ...routed, startDeadline: 4_000 }, stranger(), 3_500)).toEqual([]);
	});

	it('lets the buyer extend a running job until its end, and dispute it until grace is over', () => {
		expect(actions(running, viewer(BUYER), 5_000)).toEqual(['complete', 'extend', 'dispute']);
		expect(actions(running, viewer(BUYER), 5_001)).toEqual(['complete', 'dispute']);
		expect(actions(running, viewer(BUYER), 5_000 + GRACE_PERIOD)).toContain('dispute');
		expect(actions(running, viewer(BUYER), 5_001 + GRACE_PERIOD)).not.toContain('dispute');
	});

	it('SET-02 lets the buyer end its own dispute, and anyone settle one that nobody ruled on', () => {
		expect(actions(disputed, viewer(BUYER), 4_500)).toEqual(['complete', 'submitEvidence']);
		expect(jobActions(disputed, viewer(BUYER), 4_500)[0]?.label).toBe('Pay what was due');
		expect(actions(disputed, stranger(), 4_000 + ARBITER_PERIOD)).toEqual([]);
		expect(actions(disputed, stranger(), 4_001 + ARBITER_PERIOD)).toEqual(['resolve']);
	});

	it('gives a stranger only the ways out that are due', () => {
		expect(actions(job, stranger(), 1_000)).toEqual([]);
		expect(actions(job, stranger(), 1_001)).toEqual(['expire']);
		expect(actions(running, stranger(), 5_000 + GRACE_PERIOD)).toEqual([]);
		expect(actions(running, stranger(), 5_001 + GRACE_PERIOD)).toEqual(['complete']);
	});

	it('knows the buyer of an untracked job by the chain only', () => {
		const untracked: JobFacts = { ...job, tracked: false, requester: null };
		expect(actions(untracked, viewer(BUYER), 500)).toEqual([]);
		expect(actions(untracked, viewer(BUYER, { isRequester: true }), 500)).toEqual(['cancel']);
	});

	it('lets any User of the paying team cancel, and nobody of team 0', () => {
		const teammate = viewer('0x0000000000000000000000000000000000000003', { userOfTeams: [0, 7] });
		expect(actions({ ...job, team: 7 }, teammate, 500)).toEqual(['cancel']);
		expect(actions({ ...job, team: 8 }, teammate, 500)).toEqual([]);
		expect(actions(job, teammate, 500)).toEqual([]);
	});

	it('lets who asked for a team job act on it only while it is a User of the team', () => {
		const left = viewer(BUYER, { isRequester: true });
		const still = viewer(BUYER, { isRequester: true, userOfTeams: [7] });
		for (const [facts, now, offered] of [
			[job, 500, ['cancel']],
			[running, 4_000, ['complete', 'extend', 'dispute']],
			[disputed, 4_500, ['complete', 'submitEvidence']],
		] as const) {
			expect(actions({ ...facts, team: 7 }, left, now)).toEqual([]);
			expect(actions({ ...facts, team: 7 }, still, now)).toEqual(offered);
		}
	});

	it('offers nothing without a wallet, and nothing once it is over', () => {
		expect(actions(job, viewer(null), 5_000)).toEqual([]);
		expect(actions({ ...running, status: 'settled' }, viewer(BUYER), 9_999)).toEqual([]);
	});
});

describe('deadlineOf', () => {
	it('names the deadline of each waiting state and none of a final one', () => {
		expect(deadlineOf(job, 999)).toMatchObject({ at: 1_000, passed: false });
		expect(deadlineOf(routed, 2_001)).toMatchObject({ at: 2_000, passed: true });
		expect(deadlineOf(running, 0)).toMatchObject({ at: 5_000 });
		expect(deadlineOf(disputed, 0)).toMatchObject({ at: 4_000 + ARBITER_PERIOD });
		expect(deadlineOf({ ...job, status: 'failed' }, 0)).toBeNull();
	});

	it('promises another place only where there is time for one after the start deadline', () => {
		const anyone = 'Afterwards anyone may expire the job; all of the money goes back.';
		// Routed late: it may start until 2,000, and be routed until 1,000.
		expect(deadlineOf(routed, 900)?.afterwards).toBe(anyone);
		expect(deadlineOf({ ...routed, routeDeadline: 2_000 }, 900)?.afterwards).toBe(anyone);
		const early = { ...routed, routeDeadline: 3_000 };
		expect(deadlineOf(early, 900)?.afterwards).toMatch(/^Otherwise the agent may give it another place until /);
		expect(deadlineOf(early, 3_001)?.afterwards).toBe(anyone);
	});
});
