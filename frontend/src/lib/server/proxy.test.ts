import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { forward, type Upstream } from './proxy.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** A service on a free port that answers with what it was asked. */
async function upstream(answer?: (response: import('node:http').ServerResponse) => void): Promise<Upstream> {
	server = createServer((request, response) => {
		if (answer !== undefined) return answer(response);
		let body = '';
		request.on('data', (chunk) => {
			body += chunk;
		});
		request.on('end', () => {
			response.setHeader('content-type', 'application/json');
			response.setHeader('set-cookie', 'session=1');
			response.setHeader('etag', '"7"');
			response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
		});
	});
	await new Promise<void>((ready) => server?.listen(0, '127.0.0.1', ready));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return {
		name: 'the agent',
		code: 'agent',
		baseUrl: `http://127.0.0.1:${address.port}`,
		routes: [
			{ method: 'GET', path: /^\/offers$/ },
			{ method: 'POST', path: /^\/quotes$/ },
			{ method: 'DELETE', path: /^\/watches\/[a-z]+$/ },
		],
	};
}

const ask = (to: Upstream, path: string, init?: RequestInit) =>
	forward(to, new Request(`http://page.example/api/agent${path}`, init), path.split('?')[0] ?? path, '203.0.113.9');

describe('the way to a service', () => {
	test('hands on path, query, body and the tag, and nothing personal', async () => {
		const to = await upstream();
		const answer = await ask(to, '/offers?gpu=h100', {
			headers: { cookie: 'secret=1', authorization: 'Bearer x', 'if-none-match': '"6"' },
		});
		const seen = await answer.json();
		expect(seen).toMatchObject({ method: 'GET', url: '/offers?gpu=h100' });
		expect(seen.headers).toMatchObject({ 'if-none-match': '"6"', 'x-forwarded-for': '203.0.113.9' });
		expect(seen.headers).not.toHaveProperty('cookie');
		expect(seen.headers).not.toHaveProperty('authorization');
		expect(answer.headers.get('set-cookie')).toBeNull();
		expect(answer.headers.get('etag')).toBe('"7"');
	});

	test('deletes what may be deleted, and nothing else', async () => {
		const to = await upstream();
		const answer = await ask(to, '/watches/abc', { method: 'DELETE' });
		expect(await answer.json()).toMatchObject({ method: 'DELETE', url: '/watches/abc', body: '' });
		expect((await ask(to, '/offers', { method: 'DELETE' })).status).toBe(405);
	});

	test('posts what was posted', async () => {
		const to = await upstream();
		const answer = await ask(to, '/quotes', {
			method: 'POST',
			body: '{"a":1}',
			headers: { 'content-type': 'application/json' },
		});
		expect(await answer.json()).toMatchObject({ method: 'POST', body: '{"a":1}' });
	});

	test('only the known paths lead anywhere', async () => {
		const to = await upstream();
		for (const path of ['/metrics', '/offers/../metrics', '/offersx', '//offers']) {
			const answer = await ask(to, path);
			expect(answer.status, path).toBe(404);
			expect(await answer.json()).toMatchObject({ code: 'not_found', requestId: expect.any(String) });
		}
	});

	test('a wrong method is told which one is right', async () => {
		const answer = await ask(await upstream(), '/quotes');
		expect(answer.status).toBe(405);
		expect(answer.headers.get('allow')).toBe('POST');
	});

	test('too large a body is refused', async () => {
		const answer = await ask(await upstream(), '/quotes', { method: 'POST', body: 'x'.repeat(256 * 1024 + 1) });
		expect(answer.status).toBe(413);
	});

	test('a dead service is a 502 that says what to do, with a request id', async () => {
		const to = await upstream();
		server?.close();
		const answer = await ask(to, '/offers');
		expect(answer.status).toBe(502);
		const problem = await answer.json();
		expect(problem).toMatchObject({ code: 'agent_unreachable', message: 'Necto cannot reach the agent.' });
		expect(problem.suggestion).not.toBe('');
		expect(answer.headers.get('x-request-id')).toBe(problem.requestId);
	});

	test("a stranger's file can never run as a page of ours", async () => {
		const to = await upstream((response) => {
			response.setHeader('content-type', 'text/html');
			response.end('<script>alert(1)</script>');
		});
		const answer = await ask(to, '/offers');
		expect(answer.headers.get('content-type')).toBe('application/octet-stream');
		expect(answer.headers.get('content-disposition')).toBe('attachment');
		expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
	});

	test('a redirect of a service is not followed', async () => {
		const to = await upstream((response) => {
			response.statusCode = 302;
			response.setHeader('location', 'http://169.254.169.254/');
			response.end();
		});
		expect((await ask(to, '/offers')).status).toBe(502);
	});

	test('live answers arrive piece by piece, and leaving ends them at the service', async () => {
		let left: () => void = () => {};
		const gone = new Promise<void>((resolve) => {
			left = resolve;
		});
		const to = await upstream((response) => {
			response.setHeader('content-type', 'text/event-stream');
			response.write('event: change\ndata: 1\n\n');
			response.on('close', left);
		});
		const answer = await ask(to, '/offers', { headers: { accept: 'text/event-stream' } });
		const reader = answer.body?.getReader();
		const first = await reader?.read();
		expect(new TextDecoder().decode(first?.value)).toContain('event: change');
		await reader?.cancel();
		await gone;
	});
});
