import { afterEach, describe, expect, test, vi } from 'vitest';
import { obstacleOf, readServices } from './services.ts';

const check = (name: string, detail: string | null = null) => ({ name, ok: detail === null, detail });

/** What the three questions are answered with: a status and a body each. */
function answers(given: Record<string, [status: number, body: unknown]>) {
	vi.stubGlobal(
		'fetch',
		vi.fn(async (path: string) => {
			const [status, body] = given[path] ?? [404, {}];
			return Response.json(body, { status });
		}),
	);
}

const good = {
	'/api/agent/status': [200, { state: 'idle' }],
	'/api/agent/ready': [200, { ready: true, checks: [check('gas')] }],
	'/api/indexer/ready': [200, {}],
} satisfies Record<string, [number, unknown]>;
const { signal } = new AbortController();

afterEach(() => {
	vi.unstubAllGlobals();
});

describe('SYS-05 the status in the header', () => {
	test('is ready when everything is', async () => {
		answers(good);
		expect(await readServices(signal)).toEqual({ agent: { state: 'idle' }, indexer: { state: 'ready' } });
	});

	test('names what is in the way, in a few words and in the sentences of the agent', async () => {
		const ready = {
			ready: false,
			checks: [check('0g', 'Zero is away.'), check('database'), check('gas', 'Send ADI to the key 0x1.')],
		};
		answers({ ...good, '/api/agent/ready': [503, ready] });
		expect((await readServices(signal)).agent).toEqual({
			state: 'degraded',
			obstacle: { words: 'not enough gas', details: 'Zero is away. Send ADI to the key 0x1.' },
		});
	});

	test('is said even while the database does not let the agent tell what it does', async () => {
		const problem = { code: 'internal', message: 'No database.' };
		answers({
			...good,
			'/api/agent/status': [500, problem],
			'/api/agent/ready': [503, { ready: false, checks: [check('database', 'It does not answer.')] }],
		});
		expect((await readServices(signal)).agent).toMatchObject({
			state: 'degraded',
			obstacle: { words: 'database unreachable' },
		});
	});

	test('tells a start from a fault, and a fault of the way from one of the agent', async () => {
		expect(obstacleOf({ ready: false, checks: [check('startup', 'Not yet.')] })).toBe('starting');
		expect(obstacleOf({ ready: false, checks: [check('startup', 'Not yet.'), check('scan', 'Job 7.')] })).toEqual({
			words: 'chain scan incomplete',
			details: 'Job 7.',
		});
		expect(obstacleOf({ ready: false, checks: [check('new-check', 'Oh.')] })).toEqual({
			words: 'new-check',
			details: 'Oh.',
		});
		const indexer = (reason?: string) => obstacleOf({ ready: false, checks: [{ ...check('indexer', 'Oh.'), reason }] });
		expect(indexer('unreachable')).toMatchObject({ words: 'indexer unreachable' });
		expect(indexer('incomplete')).toMatchObject({ words: 'indexer incomplete' });
		expect(indexer('behind')).toMatchObject({ words: 'indexer behind' });
		expect(indexer()).toMatchObject({ words: 'indexer behind' });
		const unreachable = { code: 'agent_unreachable', message: 'Necto cannot reach the agent.' };
		answers({ ...good, '/api/agent/status': [502, unreachable], '/api/agent/ready': [502, unreachable] });
		expect((await readServices(signal)).agent).toMatchObject({ state: 'unreachable' });
		answers({ ...good, '/api/agent/ready': [503, 'nonsense'] });
		expect((await readServices(signal)).agent).toEqual({ state: 'starting' });
	});
});
