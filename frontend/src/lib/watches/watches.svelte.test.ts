import { type Watch, watchSchema, watchWishSchema } from '@necto/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Watches } from './watches.svelte.ts';

const id = (letter: string) => letter.repeat(32);
const wish = watchWishSchema.parse({ gpuModel: 'h100', maxPricePerGpuHour: '2000000', continents: ['europe'] });

function watch(letter: string, hits: number[] = []): Watch {
	return watchSchema.parse({
		id: id(letter),
		wish,
		createdAt: 1_790_000_000 + letter.charCodeAt(0),
		expiresAt: 1_792_592_000,
		met: hits.length > 0,
		hits: hits.map((at) => ({ at, key: 'lambda:h100', usdPerGpuHour: '1990000', text: `H100 for $1.99 at ${at}.` })),
	});
}

/** The agent: what it knows, by id. */
const known = new Map<string, Watch>();
const asked: string[] = [];

beforeEach(() => {
	localStorage.clear();
	known.clear();
	asked.length = 0;
	vi.stubGlobal(
		'fetch',
		vi.fn(async (path: string, { method, headers }: RequestInit) => {
			asked.push(`${method} ${path}`);
			if (method === 'POST') {
				const made = watch('a');
				known.set(made.id, made);
				return Response.json(made, { status: 201 });
			}
			if (method === 'DELETE') {
				// As the pages' server does with what could be another site's form.
				if (new Headers(headers).get('content-type') !== 'application/json') return new Response(null, { status: 403 });
				const there = known.delete(path.split('/').at(-1) ?? '');
				return there
					? new Response(null, { status: 204 })
					: Response.json({ code: 'not_found', message: 'No such watch.' }, { status: 404 });
			}
			const ids = new URL(path, 'http://page.example').searchParams.get('ids')?.split(',') ?? [];
			return Response.json({ watches: ids.flatMap((each) => known.get(each) ?? []) });
		}),
	);
});
afterEach(() => vi.unstubAllGlobals());

/** A browser that keeps these ids, as after a reload. */
function browser(...letters: string[]) {
	if (letters.length > 0) localStorage.setItem('necto.watches', JSON.stringify(letters.map(id)));
	return new Watches();
}

describe('DISC-04 alerts', () => {
	test('without any nothing is asked', async () => {
		const watches = browser();
		expect(await watches.refresh()).toEqual([]);
		expect(asked).toEqual([]);
	});

	test('a new one is kept by this browser, and asked for after a reload', async () => {
		await browser().add(wish);
		expect(JSON.parse(localStorage.getItem('necto.watches') ?? '[]')).toEqual([id('a')]);
		const later = browser();
		await later.refresh();
		expect(later.list?.map((each) => each.id)).toEqual([id('a')]);
	});

	test('hits since the last visit are told once, and are new until somebody looks', async () => {
		known.set(id('b'), watch('b', [200, 100]));
		localStorage.setItem('necto.watches.seen', '150');
		const watches = browser('b');
		expect((await watches.refresh()).map(({ hit }) => hit.at)).toEqual([200]);
		expect(await watches.refresh()).toEqual([]);
		expect(watches.unseen).toHaveLength(1);
		watches.markSeen();
		expect(watches.unseen).toEqual([]);
		expect(await browser('b').refresh()).toEqual([]);
	});

	test('a hit while the page is open is told', async () => {
		known.set(id('b'), watch('b'));
		const watches = browser('b');
		expect(await watches.refresh()).toEqual([]);
		known.set(id('b'), watch('b', [300]));
		expect((await watches.refresh()).map(({ hit }) => hit.text)).toEqual(['H100 for $1.99 at 300.']);
	});

	test('one that has ended is forgotten', async () => {
		known.set(id('b'), watch('b'));
		const watches = browser('b', 'c');
		await watches.refresh();
		expect(JSON.parse(localStorage.getItem('necto.watches') ?? '[]')).toEqual([id('b')]);
	});

	test('one is deleted, also when the agent has forgotten it already', async () => {
		known.set(id('b'), watch('b'));
		const watches = browser('b', 'c');
		await watches.remove(id('b'));
		await watches.remove(id('c'));
		expect(asked).toEqual([`DELETE /api/agent/watches/${id('b')}`, `DELETE /api/agent/watches/${id('c')}`]);
		expect(watches.count).toBe(0);
	});

	test('rubbish in the browser’s keeping is nothing', async () => {
		localStorage.setItem('necto.watches', '{"ids":');
		expect(await browser().refresh()).toEqual([]);
	});

	test('when the agent does not answer, it is said, and nothing is forgotten', async () => {
		vi.mocked(fetch).mockRejectedValueOnce(new TypeError('offline'));
		const watches = browser('b');
		expect(await watches.refresh()).toEqual([]);
		expect(watches.problem?.code).toBe('offline');
		expect(watches.count).toBe(1);
	});
});
