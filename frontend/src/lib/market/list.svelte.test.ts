import { offersDeltaSchema } from '@necto/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type OfferShape, offerView, offerViews } from '../../../test/offer.ts';
import { OfferList, type Order } from './list.svelte.ts';
import { nothingWaits } from './moved.ts';

const byPrice: Order = (a, b) => Number(BigInt(a.usdPerGpuHour ?? 0) - BigInt(b.usdPerGpuHour ?? 0));

function listOf(...shapes: OfferShape[]) {
	const list = new OfferList();
	list.replace(offerViews(...shapes), byPrice, true);
	return list;
}

/** What the agent tells in one event. */
const delta = (change: {
	changed?: OfferShape[];
	removed?: string[];
	seen?: { observedAt: number; keys: string[] }[];
}) =>
	offersDeltaSchema.pick({ changed: true, removed: true, seen: true }).parse({
		changed: (change.changed ?? []).map(offerView),
		removed: change.removed ?? [],
		seen: change.seen ?? [],
	});

const keys = (list: OfferList) => list.shown.map((row) => row.key);

afterEach(() => vi.useRealTimers());

describe('DISC-01 the rows of a market that moves', () => {
	test('take their new places at once while nobody has the list in hand', () => {
		const list = listOf({ usd: '1' }, { usd: '2' }, { usd: '3' });
		list.apply(
			delta({
				changed: [
					{ key: 's:2', usd: '0' },
					{ key: 's:9', usd: '5' },
				],
				removed: ['s:0'],
			}),
		);
		expect(keys(list)).toEqual(['s:2', 's:1', 's:9']);
		expect(list.waiting).toBe(nothingWaits);
	});

	test('stay where they are while somebody has it, with their new prices, until it is let go', () => {
		const list = listOf({ usd: '1' }, { usd: '2' }, { usd: '3' });
		list.hold(true);
		list.apply(
			delta({
				changed: [
					{ key: 's:2', usd: '0' },
					{ key: 's:9', usd: '5' },
				],
				removed: ['s:0'],
			}),
		);
		expect(keys(list)).toEqual(['s:0', 's:1', 's:2']);
		expect(list.shown.map(({ price, gone }) => [price, gone])).toEqual([
			[1n, true],
			[2n, false],
			[0n, false],
		]);
		expect(list.waiting).toEqual({ moved: 1, added: 1, gone: 1 });
		list.hold(false);
		expect(keys(list)).toEqual(['s:2', 's:1', 's:9']);
		expect(list.waiting).toBe(nothingWaits);
	});

	test('move on a press while the list is still in hand', () => {
		const list = listOf({ usd: '1' }, { usd: '2' });
		list.hold(true);
		list.apply(delta({ changed: [{ key: 's:1', usd: '0' }] }));
		list.settle();
		expect(keys(list)).toEqual(['s:1', 's:0']);
	});

	test('that are gone and come back are there again in their place', () => {
		const list = listOf({ usd: '1' }, { usd: '2' });
		list.hold(true);
		list.apply(delta({ removed: ['s:0'] }));
		list.apply(delta({ changed: [{ key: 's:0', usd: '1' }] }));
		expect(list.find('s:0')?.gone).toBe(false);
		expect(list.waiting).toBe(nothingWaits);
	});

	test('mark a changed price once, and not what is new or only seen again', () => {
		vi.useFakeTimers();
		const list = listOf({ usd: '1' }, { usd: '2' });
		list.apply(
			delta({
				changed: [
					{ key: 's:1', usd: '3' },
					{ key: 's:9', usd: '4' },
				],
				seen: [{ observedAt: 9, keys: ['s:0'] }],
			}),
		);
		expect([...list.flashed]).toEqual(['s:1']);
		vi.advanceTimersByTime(2_000);
		expect(list.flashed.size).toBe(0);
	});

	test('are confirmed with their new time', () => {
		const list = listOf({ usd: '1', observedAt: 100 }, { usd: '2', observedAt: 100 });
		list.apply(delta({ seen: [{ observedAt: 200, keys: ['s:1', 'not:there'] }] }));
		expect(list.shown.map((row) => row.observedAt)).toEqual([100, 200]);
	});

	test('remember the networks that were met, also when a filter hides them', () => {
		const list = listOf({ network: 'akash' }, { network: 'vast' });
		list.replace(offerViews({ network: 'akash' }), byPrice, true);
		expect(list.networks).toEqual(['akash', 'vast']);
	});

	test('change their places within a blink also when there are five thousand', () => {
		const list = listOf(...Array.from({ length: 5_000 }, (_, index) => ({ usd: String(index + 1) })));
		list.hold(true);
		list.apply(delta({ changed: [{ key: 's:4999', usd: '0' }] }));
		expect(list.waiting).toEqual({ moved: 1, added: 0, gone: 0 });
	});
});
