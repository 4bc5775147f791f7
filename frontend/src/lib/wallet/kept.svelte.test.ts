import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findKept, KEPT_AFTER_END_MS, type Kept, keep, keptAt, onKept, placeOf, sameIn, tidy } from './kept.ts';

const PLACE = placeOf(31337, '0xaa', '0xBB');
const ACCOUNT = `0x${'b0'.repeat(20)}` as const;

function entry(changes: Partial<Kept> = {}): Kept {
	return {
		id: crypto.randomUUID(),
		place: PLACE,
		account: ACCOUNT,
		wallet: 'necto-local',
		title: 'Request 1 × H100',
		state: 'submitted',
		content: 'request:0x01',
		requestHash: `0x${'03'.repeat(32)}`,
		to: ACCOUNT,
		dataHash: `0x${'04'.repeat(32)}`,
		nonce: 1,
		fromBlock: 1,
		hash: `0x${'05'.repeat(32)}`,
		jobId: null,
		problem: null,
		startedAt: Date.now(),
		endedAt: null,
		...changes,
	};
}

beforeEach(() => localStorage.clear());
afterEach(() => vi.restoreAllMocks());

describe('SYS-06 what is kept of transactions', () => {
	test('is there for the next page, the oldest first', () => {
		const [first, second] = [entry({ startedAt: Date.now() - 1_000 }), entry()];
		keep(second);
		keep(first);
		expect(keptAt(PLACE)).toEqual([first, second]);
		expect(findKept(first.id)).toEqual(first);
	});

	test('is told to this tab at once, and to another one by its storage', () => {
		const seen: string[] = [];
		const stop = onKept(({ state }) => seen.push(state));
		const one = entry({ state: 'signing', hash: null });
		keep(one);
		const key = Object.keys(localStorage).find((each) => each.endsWith(one.id)) ?? '';
		localStorage.setItem(key, JSON.stringify({ ...one, state: 'lost' }));
		window.dispatchEvent(new StorageEvent('storage', { key }));
		window.dispatchEvent(new StorageEvent('storage', { key: 'something else' }));
		stop();
		keep(entry());
		expect(seen).toEqual(['signing', 'lost']);
	});

	test('of a chain that began anew is no ghost of the new one', () => {
		keep(entry());
		const other = placeOf(31337, '0xcc', '0xbb');
		expect(keptAt(other)).toEqual([]);
		tidy(Date.now(), other);
		expect(keptAt(PLACE)).toEqual([]);
	});

	test('of another chain stays until that one is looked at again', () => {
		keep(entry());
		tidy(Date.now(), placeOf(36_900, '0xcc', '0xbb'));
		expect(keptAt(PLACE)).toHaveLength(1);
	});

	test('goes a while after its end, and never while it is under way', () => {
		const now = Date.now();
		keep(entry({ state: 'confirmed', endedAt: now }));
		keep(entry());
		tidy(now + KEPT_AFTER_END_MS);
		expect(keptAt(PLACE)).toHaveLength(2);
		tidy(now + KEPT_AFTER_END_MS + 1);
		expect(keptAt(PLACE).map(({ state }) => state)).toEqual(['submitted']);
	});

	test('is bounded: what ended goes first', () => {
		const open = entry({ startedAt: Date.now() - 10_000 });
		keep(open);
		for (let at = 0; at < 60; at++) keep(entry({ state: 'failed', endedAt: Date.now(), startedAt: Date.now() + at }));
		expect(keptAt(PLACE)).toHaveLength(50);
		expect(findKept(open.id)).not.toBeNull();
	});

	test('is not believed when it makes no sense', () => {
		const one = entry();
		keep(one);
		const key = Object.keys(localStorage).find((each) => each.endsWith(one.id)) ?? '';
		localStorage.setItem(key, JSON.stringify({ ...one, state: 'done' }));
		expect(keptAt(PLACE)).toEqual([]);
	});

	test('lasts as long as the page where nothing can be kept', () => {
		vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
			throw new DOMException('full', 'QuotaExceededError');
		});
		const seen = vi.fn();
		const stop = onKept(seen);
		keep(entry());
		stop();
		expect(seen).toHaveBeenCalledOnce();
	});

	test('tells whether the same is under way, or was done a moment ago', () => {
		const done = entry({ state: 'confirmed', jobId: '4', endedAt: 1 });
		const failed = entry({ state: 'failed', endedAt: 1 });
		const pending = entry();
		expect(sameIn([failed], 'request:0x01', ACCOUNT)).toBeNull();
		expect(sameIn([done, failed], 'request:0x01', ACCOUNT.toUpperCase().replace('0X', '0x'))).toBe(done);
		expect(sameIn([done, pending], 'request:0x01', ACCOUNT)).toBe(pending);
		expect(sameIn([pending], 'request:0x02', ACCOUNT)).toBeNull();
		expect(sameIn([pending], 'request:0x01', `0x${'b1'.repeat(20)}`)).toBeNull();
	});
});
