/** `/records/{root}` is no way to make the agent download without limit. */
import { describe, expect, it } from 'vitest';
import { RecordFetcher } from '../src/http/records.ts';
import { StorageError } from '../src/zerog/reader.ts';

const root = (digit: string) => `0x${digit.repeat(64)}` as const;
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const RECORD = text({ format: 'necto.record/1', much: 'more' });

function fetcher(limits: Partial<{ downloadsAtOnce: number; downloadsAMinute: number }> = {}) {
	const asked: string[] = [];
	const files = new Map<string, Uint8Array>();
	const held: (() => void)[] = [];
	const clock = { now: 0 };
	let [isHeld, isDown] = [false, false];
	const made = new RecordFetcher(
		async (of) => {
			asked.push(of);
			if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
			if (isDown) throw new StorageError('unavailable', '0G Storage: down.');
			const bytes = files.get(of);
			if (bytes === undefined) throw new StorageError('not-found', '0G Storage does not have this file.');
			return bytes;
		},
		{ downloadsAtOnce: 2, downloadsAMinute: 20, ...limits },
		() => clock.now,
	);
	return {
		asked,
		files,
		held,
		clock,
		get: (of: `0x${string}`, client = 'a') => made.fetch(of, client),
		hold: (to: boolean) => (isHeld = to),
		down: (to: boolean) => (isDown = to),
	};
}

describe('SYS-05 records from 0G', () => {
	it('are fetched once for all who ask at the same time, and kept', async () => {
		const { get, files, asked } = fetcher();
		files.set(root('1'), RECORD);
		expect(await Promise.all([get(root('1')), get(root('1'), 'b')])).toEqual([RECORD, RECORD]);
		expect(await get(root('1'))).toBe(RECORD);
		expect(asked).toHaveLength(1);
	});

	it('that are not there are not asked for again for a while', async () => {
		const { get, files, asked, clock } = fetcher();
		for (let times = 0; times < 5; times++) {
			await expect(get(root('2'))).rejects.toMatchObject(times === 0 ? { kind: 'not-found' } : { status: 404 });
		}
		expect(asked).toHaveLength(1);
		files.set(root('2'), RECORD);
		clock.now = 30_000;
		expect(await get(root('2'))).toBe(RECORD);
	});

	it('are asked for again at once when 0G was away', async () => {
		const { get, files, down } = fetcher();
		files.set(root('3'), RECORD);
		down(true);
		await expect(get(root('3'))).rejects.toMatchObject({ kind: 'unavailable' });
		down(false);
		expect(await get(root('3'))).toBe(RECORD);
	});

	it.each([
		['another file', text({ hello: 'necto' })],
		['a list', text([1])],
		['no JSON', new TextEncoder().encode('necto.record/1')],
		['no text', new Uint8Array([0xff, 0xfe])],
	])('are Necto’s own only: not %s', async (_, bytes) => {
		const { get, files } = fetcher();
		files.set(root('4'), bytes);
		await expect(get(root('4'))).rejects.toMatchObject({ status: 404, code: 'not_found' });
	});

	it('are so many in a minute for a client', async () => {
		const { get, files } = fetcher({ downloadsAMinute: 2 });
		for (const digit of ['5', '6', '7']) files.set(root(digit), RECORD);
		await get(root('5'));
		await get(root('6'));
		await expect(get(root('7'))).rejects.toMatchObject({ status: 429, code: 'too_many_requests' });
		// What is at hand costs nothing.
		await get(root('5'));
		await get(root('7'), 'b');
	});

	it('are so many at the same time, in all and for a client', async () => {
		const { get, files, held, hold, asked } = fetcher({ downloadsAtOnce: 1 });
		hold(true);
		const roots = ['1', '2', '3', '4', '5', '6', '7', '8'].map(root);
		for (const each of roots) files.set(each, RECORD);
		const all = roots.map((each, at) =>
			get(each, `client-${at}`).then(
				() => 'done',
				(error) => error.code,
			),
		);
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(asked).toHaveLength(1);
		hold(false);
		held[0]?.();
		// One is fetched, four wait.
		expect((await Promise.all(all)).sort()).toEqual(['busy', 'busy', 'busy', ...Array(5).fill('done')]);
	});
});
