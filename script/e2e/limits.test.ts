import { type JobRequest, requestSchema } from '@necto/core';
import { describe, expect, inject, test } from 'vitest';
import { useChain } from './chain.ts';
import { request } from './request.ts';
import { until } from './until.ts';

interface Told {
	status: string;
	steps: string[];
	text: string;
}

/** What the agent says about a job. */
async function told(job: bigint): Promise<Told> {
	const response = await fetch(`${inject('ready').agent}/jobs/${job}/activity`);
	const text = await response.text();
	const status = await useChain().status(job);
	if (response.status !== 200) return { status, steps: [], text };
	const { events }: { events: { step: string }[] } = JSON.parse(text);
	return { status, steps: events.map(({ step }) => step), text };
}

test('SYS-05 the public API of the indexer says, with its own role, that the index is whole', async () => {
	const health = await until(
		async () => (await fetch(`${inject('ready').indexer}/health/index`)).json(),
		({ ok }) => ok === true,
	);
	expect(health).toMatchObject({ problem: null, turned: false });
});

describe('what cannot be served', () => {
	test('AGT-12 a job that nothing serves says why, waits, and gives the money back at its deadline', async () => {
		const chain = useChain();
		const before = await chain.balance('buyer');
		// Long enough for a busy machine to say why it waits.
		const routeDeadline = Math.floor(Date.now() / 1000) + 30;
		const job = await chain.request('buyer', request({ ...requestFor('mi300x'), routeDeadline: unix(routeDeadline) }));
		const waiting = await until(
			() => told(job),
			({ steps }) => steps.includes('waiting'),
		);
		expect(waiting.status).toBe('requested');
		expect(waiting.text).toContain('gpu-model');
		await until(
			() => chain.status(job),
			(status) => status === 'expired',
		);
		expect(await chain.balance('buyer')).toEqual(before);
	});

	test('AGT-04 a ceiling a cent too low is named with both prices; a rate that comes down is then taken', async () => {
		const chain = useChain();
		// The only L40S of the registry costs 0.86.
		const job = await chain.request('buyer', request({ ...requestFor('l40s'), ...requestAt('850000') }));
		const waiting = await until(
			() => told(job),
			({ steps }) => steps.includes('waiting'),
		);
		expect(waiting.text).toContain('max-price');
		expect(waiting.status).toBe('requested');
		const hash = await chain.setRate('providerA', await chain.listing('L40S, Frankfurt'), 850_000n);
		expect(hash).toMatch(/^0x/);
		await until(
			() => chain.status(job),
			(status) => status === 'routed',
		);
		expect((await chain.terms(job)).pricePerGpuHour).toBe(850_000n);
	});

	test('PROV-03 two jobs for the last GPUs at once: one is routed, the other is told', async () => {
		const chain = useChain();
		const whole = { ...requestFor('h200'), gpuCount: 8, ...requestAt('4000000') };
		// The second comes while the first one's record is being stored.
		const jobs = [await chain.request('buyer', request(whole)), await chain.request('buyer', request(whole))];
		const outcomes = await until(
			() => Promise.all(jobs.map(told)),
			(all) => all.some(({ status }) => status === 'routed') && all.some(({ steps }) => steps.includes('waiting')),
		);
		expect(outcomes.map(({ status }) => status).sort()).toEqual(['requested', 'routed']);
		const other = outcomes.find(({ status }) => status === 'requested');
		expect(other?.text).toContain('capacity');
	});
});

describe('malformed requests get a clear answer', () => {
	const { agent, indexer, frontend, zerog } = inject('ready');
	const json = { 'content-type': 'application/json' };

	test.each([
		['not JSON', '{"request":'],
		['an unknown field', '{"request":{"surprise":true}}'],
		['a number for money', '{"request":{"maxPricePerGpuHour":2.5}}'],
	])('agent, POST /quotes: %s', async (_, body) => {
		const response = await fetch(`${agent}/quotes`, { method: 'POST', headers: json, body });
		expect(response.status).toBe(400);
		const answer = await response.json();
		expect(answer).toEqual({
			code: expect.stringMatching(/^[a-z-_]+$/),
			message: expect.stringMatching(/.{10}/),
			suggestion: expect.stringMatching(/.{5}/),
			requestId: expect.stringMatching(/.{4}/),
		});
	});

	test('AGT-08 agent, POST /parse without a key: the form works by hand', async () => {
		const response = await fetch(`${agent}/parse`, {
			method: 'POST',
			headers: json,
			body: '{"text":"8 H100 in Europe"}',
		});
		expect(response.status).toBe(503);
		expect(await response.json()).toMatchObject({ suggestion: expect.stringMatching(/form/i) });
	});

	test.each([
		['a job that is no number', '/jobs/first/activity'],
		['a record that does not exist', `/records/0x${'ab'.repeat(32)}`],
		['a path that does not exist', '/nothing'],
		['a filter that makes no sense', '/offers?maxUsd=cheap'],
	])('agent: %s', async (_, path) => {
		const response = await fetch(agent + path);
		expect([400, 404]).toContain(response.status);
		expect(await response.json()).toMatchObject({ code: expect.any(String), suggestion: expect.any(String) });
	});

	test('SYS-02 agent: the API describes itself', async () => {
		const document: { openapi: string; paths: Record<string, unknown> } = await (
			await fetch(`${agent}/openapi.json`)
		).json();
		expect(document.openapi).toMatch(/^3\./);
		for (const path of ['/offers', '/quotes', '/parse', '/activity', '/records/{root}', '/health', '/ready']) {
			expect(Object.keys(document.paths)).toContain(path);
		}
	});

	test('indexer: a query with a mistake, and a body that is no JSON', async () => {
		const mistake = await fetch(`${indexer}/graphql`, {
			method: 'POST',
			headers: json,
			body: '{"query":"{ jobz { items { id } } }"}',
		});
		expect(await mistake.text()).toMatch(/jobz/);
		const broken = await fetch(`${indexer}/graphql`, { method: 'POST', headers: json, body: '{"query":' });
		expect(await broken.text()).toMatch(/invalid JSON/);
	});

	test('indexer: SQL that writes is refused', async () => {
		const response = await fetch(
			`${indexer}/sql/db?sql=${encodeURIComponent(JSON.stringify({ sql: 'delete from job', params: [] }))}`,
		);
		expect(response.status).toBeGreaterThanOrEqual(400);
	});

	test('frontend: doors lead only where they should', async () => {
		expect((await fetch(`${frontend}/api/agent/../../etc/passwd`)).status).toBe(404);
		expect((await fetch(`${frontend}/api/elsewhere/x`)).status).toBe(404);
	});

	test('0G Storage: an unknown method and a root that is none', async () => {
		const response = await fetch(zerog.indexer, {
			method: 'POST',
			headers: json,
			body: '{"jsonrpc":"2.0","id":1,"method":"zgs_nothing"}',
		});
		expect(await response.json()).toMatchObject({ error: { code: -32601 } });
		const file = await fetch(`${zerog.indexer}/file?root=0x12`);
		expect(await file.json()).toMatchObject({ code: expect.any(Number), data: null });
	});
});

function requestFor(model: string): Pick<JobRequest, 'gpuModel'> {
	return { gpuModel: requestSchema.shape.gpuModel.parse(model) };
}

function requestAt(micro: string): Pick<JobRequest, 'maxPricePerGpuHour'> {
	return { maxPricePerGpuHour: requestSchema.shape.maxPricePerGpuHour.parse(micro) };
}

function unix(seconds: number): JobRequest['routeDeadline'] {
	return requestSchema.shape.routeDeadline.parse(seconds);
}
