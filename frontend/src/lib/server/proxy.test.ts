import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type ForwardOptions, forward, type Upstream } from './proxy.ts';
import { MOST, Visitors } from './visitors.ts';

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
			{ method: 'GET', path: /^\/offers\/stream$/, stream: true },
			{ method: 'GET', path: /^\/offers$/ },
			{ method: 'POST', path: /^\/quotes$/ },
			{ method: 'DELETE', path: /^\/watches\/[a-z]+$/ },
		],
	};
}

const ask = (to: Upstream, path: string, init?: RequestInit) => askAs('203.0.113.9', to, path, init);
const askAs = (client: string, to: Upstream, path: string, init?: RequestInit, options?: ForwardOptions) => {
	const request = new Request(`http://page.example/api/agent${path}`, init);
	return forward(to, request, path.split('?')[0] ?? path, client, options);
};
/** Whether an answer's body arrives whole. */
const arrives = (answer: Response) =>
	answer.text().then(
		() => true,
		() => false,
	);

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

	test('too large a body is refused while it is being read', async () => {
		const to = await upstream();
		const answer = await ask(to, '/quotes', { method: 'POST', body: 'x'.repeat(256 * 1024 + 1) });
		expect(answer.status).toBe(413);
		// One that never ends is not waited for.
		let sent = 0;
		const endless = new ReadableStream<Uint8Array>({
			pull(controller) {
				sent += 1;
				controller.enqueue(new Uint8Array(64 * 1024));
			},
		});
		// Node wants to be told that a body may be sent before the answer comes; its type of a request does not know that yet.
		const init = { method: 'POST', body: endless, duplex: 'half' } as RequestInit;
		expect((await ask(to, '/quotes', init)).status).toBe(413);
		expect(sent).toBeLessThan(10);
	});

	test('a body is looked at before it is handed on', async () => {
		const to = await upstream();
		const check = (text: string) =>
			text === 'good' ? 'better' : { status: 403, code: 'no', message: 'No.', suggestion: 'Say good.' };
		const routes = [{ method: 'POST', path: /^\/quotes$/, check } as const];
		const good = await ask({ ...to, routes }, '/quotes', { method: 'POST', body: 'good' });
		expect(await good.json()).toMatchObject({ body: 'better' });
		const bad = await ask({ ...to, routes }, '/quotes', { method: 'POST', body: 'bad' });
		expect(bad.status).toBe(403);
		expect(await bad.json()).toMatchObject({ code: 'no', suggestion: 'Say good.', requestId: expect.any(String) });
	});

	test('an answer that is too large, or stops half way, breaks off', async () => {
		const large = await upstream((response) => response.end('x'.repeat(5_000)));
		const options = { maxAnswerBytes: 4_000 };
		expect(await arrives(await askAs('203.0.113.9', large, '/offers', {}, options))).toBe(false);
		expect(await arrives(await askAs('203.0.113.9', large, '/offers'))).toBe(true);
		// Asking for a stream does not lift the limits of what is none.
		const asStream = { headers: { accept: 'text/event-stream' } };
		expect(await arrives(await askAs('203.0.113.9', large, '/offers', asStream, options))).toBe(false);
		server?.close();
		const half = await upstream((response) => response.write('{"half":'));
		for (const options of [{ silenceMs: 50 }, { timeoutMs: 1_000 }]) {
			const visitors = new Visitors();
			const answer = await askAs('203.0.113.9', half, '/offers', {}, { ...options, visitors });
			expect(answer.status).toBe(200);
			expect(await arrives(answer)).toBe(false);
		}
		server?.closeAllConnections();
	});

	test('an answer that nobody reads is over at the deadline', async () => {
		const visitors = new Visitors();
		const half = await upstream((response) => response.write('{"half":'));
		for (let count = 0; count < MOST.answer.ofOne; count++) {
			await askAs('203.0.113.9', half, '/offers', {}, { timeoutMs: 1_000, visitors });
		}
		await expect.poll(() => typeof visitors.enter('203.0.113.9', 'answer'), { timeout: 5_000 }).toBe('function');
		server?.closeAllConnections();
	});

	test('SYS-02 one client has so many streams and answers at a time, and others theirs', async () => {
		const to = await upstream((response) => {
			response.setHeader('content-type', 'text/event-stream');
			response.write('event: ready\ndata: 1\n\n');
		});
		const visitors = new Visitors();
		for (const [kind, init] of [
			['stream', { headers: { accept: 'text/event-stream' } }],
			['answer', {}],
		] as const) {
			const path = kind === 'stream' ? '/offers/stream' : '/offers';
			const open: Response[] = [];
			for (let count = 0; count < MOST[kind].ofOne; count++) {
				open.push(await askAs('2001:db8::1', to, path, init, { visitors }));
			}
			expect(open.map(({ status }) => status)).toEqual(open.map(() => 200));
			// An address of the same network.
			const refused = await askAs('2001:db8::2', to, path, init, { visitors });
			expect(refused.status).toBe(429);
			expect(refused.headers.get('retry-after')).toBe('5');
			expect(await refused.json()).toMatchObject({ code: `too_many_${kind === 'stream' ? 'streams' : 'requests'}` });
			const other = await askAs('203.0.113.9', to, path, init, { visitors });
			expect(other.status).toBe(200);
			await Promise.all([...open, other].map((answer) => answer.body?.cancel()));
			const again = await askAs('2001:db8::2', to, path, init, { visitors });
			expect(again.status).toBe(200);
			await again.body?.cancel();
		}
		server?.closeAllConnections();
	});

	test('what is refused or fails counts no longer', async () => {
		const visitors = new Visitors();
		const to = await upstream();
		for (let count = 0; count < MOST.answer.ofOne; count++) {
			await askAs('203.0.113.9', to, '/quotes', { method: 'POST', body: 'x'.repeat(256 * 1024 + 1) }, { visitors });
		}
		server?.close();
		for (let count = 0; count < MOST.answer.ofOne; count++) {
			expect((await askAs('203.0.113.9', to, '/offers', {}, { visitors })).status).toBe(502);
		}
	});

	test('all clients together have a limit', () => {
		const visitors = new Visitors();
		const { ofOne, ofAll } = MOST.answer;
		for (let count = 0; count < ofAll; count++) {
			expect(typeof visitors.enter(`203.0.113.${Math.floor(count / ofOne)}`, 'answer')).toBe('function');
		}
		expect(visitors.enter('203.0.113.200', 'answer')).toBe('ofAll');
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
		const answer = await ask(to, '/offers/stream', { headers: { accept: 'text/event-stream' } });
		const reader = answer.body?.getReader();
		const first = await reader?.read();
		expect(new TextDecoder().decode(first?.value)).toContain('event: change');
		await reader?.cancel();
		await gone;
	});
});
