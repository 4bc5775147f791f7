import { expect, test } from 'vitest';
import { NoSlot, Slots } from '../src/api/reads/slots.ts';

const never = new AbortController().signal;
/** Lets everything that waits for nothing but itself go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('above the limit one waits, in order, and only so many', async () => {
	const slots = new Slots({ most: 1, mostOfOne: 1, queue: 2, waitMilliseconds: 60_000 });
	const first = await slots.acquire('a', never);
	const order: string[] = [];
	const waiting = ['b', 'c'].map((client) =>
		slots.acquire(client, never).then((release) => {
			order.push(client);
			release();
		}),
	);
	await settle();
	expect(order).toEqual([]);
	await expect(slots.acquire('d', never)).rejects.toThrow(NoSlot);
	first();
	first();
	await Promise.all(waiting);
	expect(order).toEqual(['b', 'c']);
	(await slots.acquire('d', never))();
});

test('a client with its full share waits while others pass', async () => {
	const slots = new Slots({ most: 2, mostOfOne: 1, queue: 9, waitMilliseconds: 60_000 });
	const first = await slots.acquire('a', never);
	let second = false;
	const waiting = slots.acquire('a', never).then((release) => {
		second = true;
		release();
	});
	(await slots.acquire('b', never))();
	await settle();
	expect(second).toBe(false);
	first();
	await waiting;
});

test('a wait ends by its time, and when the client leaves', async () => {
	const slots = new Slots({ most: 1, mostOfOne: 1, queue: 1, waitMilliseconds: 1 });
	const release = await slots.acquire('a', never);
	await expect(slots.acquire('b', never)).rejects.toThrow(NoSlot);
	const abort = new AbortController();
	const left = new Slots({ most: 1, mostOfOne: 1, queue: 1, waitMilliseconds: 60_000 });
	const held = await left.acquire('a', never);
	const waiting = left.acquire('b', abort.signal);
	abort.abort(new Error('gone'));
	await expect(waiting).rejects.toThrow('gone');
	await expect(left.acquire('b', abort.signal)).rejects.toThrow('gone');
	// Those who left take no slot.
	held();
	(await left.acquire('c', never))();
	release();
	(await slots.acquire('c', never))();
});
