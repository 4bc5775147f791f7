/** Sources against an outside world that is a server on this machine: kind, slow, broken or hostile. */
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { type SourceReading, SourceRunner } from '../../src/sources/asking/runner.ts';
import { bindSource, type SourceDefinition, type SourceSettings } from '../../src/sources/asking/source.ts';
import { type Fake, fakeServer, sendJson } from './http.ts';

/** 2026-09-21T14:13:20Z */
export const NOW = 1_790_000_000;

type Handler = Parameters<typeof fakeServer>[0];

/** For answers that end by themselves: however busy the machine is, it is not the deadline that ends them. */
const PATIENT_MS = 30_000;
/** For answers that never end. */
const IMPATIENT_MS = 300;

const fakes: Fake[] = [];

/** To be called once in a file that asks sources. */
export function closeFakes(): void {
	afterEach(async () => {
		for (const fake of fakes.splice(0)) await fake.close();
	});
}

/** A definition's settings as an operator without special wishes has them, pointed at `baseUrl`. */
export function settingsOf(
	{ options = {}, refreshSeconds, keys }: SourceDefinition,
	baseUrl: string,
	changes: Partial<SourceSettings> = {},
): SourceSettings {
	return {
		baseUrl,
		keys: keys.length === 0 ? null : keys.map((name) => new Secret(`secret-${name}`)),
		refreshSeconds,
		timeoutMs: PATIENT_MS,
		...changes,
		options: {
			...Object.fromEntries(Object.entries(options).map(([name, { value }]) => [name, value] as const)),
			...changes.options,
		},
	};
}

export interface Asked extends SourceReading {
	runner: SourceRunner;
	fake: Fake;
}

/** Asks a source once, with `answer` as the outside world. */
export async function ask(
	definition: SourceDefinition,
	answer: Handler,
	changes: Partial<SourceSettings> = {},
): Promise<Asked> {
	const fake = await fakeServer(answer);
	fakes.push(fake);
	const source = bindSource(definition, settingsOf(definition, fake.url, changes));
	const runner = new SourceRunner(source, { timeoutMs: PATIENT_MS, retryDelayMs: 1, now: () => NOW });
	await runner.refresh(new AbortController().signal);
	return { runner, fake, ...runner.reading };
}

/** A handler that answers with files by a part of their path; what is not there is 404. Text stands as it is, the rest becomes JSON. */
export function serve(files: Readonly<Record<string, unknown>>): Handler {
	return (request, response) => {
		const found = Object.entries(files).find(([part]) => request.url?.includes(part));
		if (found === undefined) return sendJson(response, {}, 404);
		const [, body] = found;
		if (typeof body !== 'string') return sendJson(response, body);
		response.writeHead(200, { 'content-type': 'text/plain' });
		response.end(body);
	};
}

const CASES: [string, string, (response: ServerResponse, good: string, type: string) => void][] = [
	[
		'a page instead of data',
		'not-json',
		(r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<html>sorry</html>'),
	],
	[
		'bytes that are no text',
		'not-json',
		(r, _, type) => r.writeHead(200, { 'content-type': type }).end(Buffer.from([0xff, 0xfe])),
	],
	['being asked too often', 'rate-limited', (r) => sendJson(r, {}, 429)],
	['a wrong key', 'refused', (r) => sendJson(r, {}, 401)],
	['an error', 'status', (r) => sendJson(r, {}, 500)],
	['a redirect in a circle', 'redirects', (r) => r.writeHead(302, { location: '/again' }).end()],
	['a redirect to a file', 'redirects', (r) => r.writeHead(302, { location: 'file:///etc/passwd' }).end()],
	['silence', 'timeout', () => undefined],
	[
		'an answer that drips',
		'timeout',
		(r, good, type) => {
			r.writeHead(200, { 'content-type': type });
			let at = 0;
			const drip = setInterval(
				() => (r.destroyed ? clearInterval(drip) : r.write(good[at++ % good.length] ?? ' ')),
				100,
			);
		},
	],
	['a line that breaks', 'unreachable', (r) => r.destroy()],
];

/**
 * What every source has to bear, whatever it asks first. `good` is an answer it would take.
 *
 * @param type content type of the good answer
 */
export function hostile(definition: SourceDefinition, good: unknown, type = 'application/json'): void {
	const text = typeof good === 'string' ? good : JSON.stringify(good);
	describe(`AGT-01 ${definition.name} in a hostile world`, () => {
		it.each(CASES)('says why when the answer is %s', async (_, failure, answer) => {
			const timeoutMs = failure === 'timeout' ? IMPATIENT_MS : PATIENT_MS;
			const asked = await ask(definition, (_request, response) => answer(response, text, type), { timeoutMs });
			expect(asked.failing).toMatchObject({ failure, since: NOW });
			expect(asked.quotes).toEqual([]);
			expect(asked.fetchedAt).toBeNull();
		});

		it('makes nothing of half an answer', async () => {
			const asked = await ask(definition, (_request, response) => {
				response.writeHead(200, { 'content-type': type });
				response.end(text.slice(0, Math.floor(text.length * 0.6)));
			});
			// Text without an end mark may be read as far as it goes; every price in it has to be one of the good answer's.
			expect(asked.failing !== null || asked.incomplete !== null || type !== 'application/json').toBe(true);
		});

		it.each([
			['an error in good JSON', { error: 'maintenance' }],
			['null', null],
			['a list of nonsense', [{ name: 'a100' }, 7, null]],
		])('makes no offer of %s', async (_, body) => {
			const asked = await ask(definition, (_request, response) => sendJson(response, body));
			expect(asked.quotes).toEqual([]);
		});

		it('shows its keys to nobody but the network, and in no address', async () => {
			const asked = await ask(definition, (_request, response) => sendJson(response, {}, 500));
			for (const { url } of asked.fake.requests) expect(url).not.toContain('secret-');
			expect(JSON.stringify({ ...asked.runner.reading, failing: asked.failing })).not.toContain('secret-');
		});
	});
}
