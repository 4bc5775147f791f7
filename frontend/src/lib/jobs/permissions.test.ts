import { describe, expect, it } from 'vitest';
import { deadlineOf, GRACE_PERIOD, type JobFacts, jobActions, type Viewer } from './permissions.ts';

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
};
const routed: JobFacts = { ...job, status: 'routed', provider: PROVIDER.toLowerCase(), startDeadline: 2_000 };
const running: JobFacts = { ...routed, status: 'running', endsAt: 5_000 };

const viewer = (address: string | null, more: Partial<Viewer> = {}): Viewer => ({
	address,
	userOfTeams: [],
	isRequester: false,
	...more,
});
const actions = (facts: JobFacts, who: Viewer, now: number) => jobActions(facts, who, now).map((item) => item.action);

describe('SET-02 who may act on a job', () => {
	it('lets the buyer cancel until it runs, whatever the case of the address', () => {
		expect(actions(job, viewer(BUYER), 500)).toEqual(['cancel']);
		expect(actions(routed, viewer(BUYER), 500)).toEqual(['cancel']);
		expect(actions(running, viewer(BUYER), 4_000)).toEqual(['complete']);
	});

	it('lets the provider start and give up a routed job, and complete and give up a running one', () => {
		expect(actions(routed, viewer(PROVIDER), 2_000)).toEqual(['start', 'fail']);
		expect(actions(running, viewer(PROVIDER), 4_000)).toEqual(['complete', 'fail']);
	});

	it('offers no start after the start deadline, but the way out', () => {
		expect(actions(routed, viewer(PROVIDER), 2_001)).toEqual(['fail', 'expire']);
	});

	it('gives a stranger only the ways out that are due', () => {
		const stranger = viewer('0x0000000000000000000000000000000000000009');
		expect(actions(job, stranger, 1_000)).toEqual([]);
		expect(actions(job, stranger, 1_001)).toEqual(['expire']);
		expect(actions(running, stranger, 5_000 + GRACE_PERIOD)).toEqual([]);
		expect(actions(running, stranger, 5_001 + GRACE_PERIOD)).toEqual(['complete']);
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
		expect(deadlineOf({ ...job, status: 'failed' }, 0)).toBeNull();
	});
});
