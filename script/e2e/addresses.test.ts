import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../src/paths.ts';
import { anyPort } from '../src/ports.ts';
import { until } from './until.ts';

/** The built pages behind a reverse proxy, and what stands for the indexer: it answers with the client that it is told. */
let frontend: ChildProcess;
let service: Server;
let url: string;

beforeAll(async () => {
	service = createServer((request, response) => {
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({ client: request.headers['x-forwarded-for'] }));
	});
	service.listen(0, '127.0.0.1');
	await once(service, 'listening');
	const address = service.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	const port = await anyPort();
	await port.free();
	url = `http://127.0.0.1:${port.number}`;
	frontend = spawn(process.execPath, [join(root, 'frontend/server.mjs')], {
		env: {
			PATH: process.env.PATH,
			HOST: '127.0.0.1',
			PORT: String(port.number),
			INDEXER_URL: `http://127.0.0.1:${address.port}`,
			// Nothing here asks these.
			AGENT_URL: 'http://127.0.0.1:1',
			ZEROG_INDEXER_URL: 'http://127.0.0.1:1',
			ADI_RPC_URL: 'http://127.0.0.1:1',
			NECTO_DEPLOYMENT: 'none.json',
			ADDRESS_HEADER: 'x-forwarded-for',
			XFF_DEPTH: '1',
		},
		stdio: 'ignore',
	});
	await until(
		() =>
			fetch(`${url}/api/nothing/x`).then(
				() => true,
				() => false,
			),
		(isUp) => isUp,
	);
	await port.release();
});

afterAll(async () => {
	frontend.kill('SIGTERM');
	await once(frontend, 'exit');
	service.closeAllConnections();
	service.close();
});

const ask = (headers: Record<string, string>) => fetch(`${url}/api/indexer/status`, { headers });

test('SYS-02 behind a proxy each visitor is one client, whatever it says of itself', async () => {
	expect(await (await ask({ 'x-forwarded-for': '203.0.113.5' })).json()).toEqual({ client: '203.0.113.5' });
	expect(await (await ask({ 'x-forwarded-for': '6.6.6.6, 203.0.113.5' })).json()).toEqual({ client: '203.0.113.5' });
	expect(await (await ask({ 'x-forwarded-for': '2001:db8::1' })).json()).toEqual({ client: '2001:db8::1' });
});

test('a request that came past the proxy is refused and says so', async () => {
	const response = await ask({});
	expect(response.status).toBe(400);
	expect(await response.json()).toMatchObject({
		code: 'no_client_address',
		suggestion: expect.stringContaining('ADDRESS_HEADER'),
		requestId: expect.any(String),
	});
});

test('SYS-02 the built server hands on the queries of its pages and no others', async () => {
	const post = (query: string) =>
		fetch(`${url}/api/indexer/graphql`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.5' },
			body: JSON.stringify({ query }),
		});
	const known = 'query ListingName($id: Int!) { listing(id: $id) { name region provider { name } } }';
	expect((await post(known)).status).toBe(200);
	const foreign = await post('{ jobs { items { listing { jobs { items { id } } } } } }');
	expect(foreign.status).toBe(403);
	expect(await foreign.json()).toMatchObject({ code: 'unknown_query' });
});

test('without the addresses of its services the server ends, with one sentence for each', async () => {
	const server = spawn(process.execPath, [join(root, 'frontend/server.mjs')], {
		env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '1', INDEXER_URL: 'nonsense' },
	});
	let said = '';
	server.stderr.on('data', (part: Buffer) => {
		said += part.toString('utf8');
	});
	const [code] = await once(server, 'close');
	expect(code).toBe(1);
	expect(said.trim().split('\n')).toEqual([
		"AGENT_URL is missing: set it to the URL of the agent's public API.",
		'INDEXER_URL must be an http(s) URL',
		"ZEROG_INDEXER_URL is missing: set it to the URL of 0G's storage indexer.",
		"ADI_RPC_URL is missing: set it to the URL of the settlement chain's RPC.",
		'NECTO_DEPLOYMENT is missing: set it to the path of the deployment file that the deploy script wrote.',
	]);
});
