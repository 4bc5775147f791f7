/** What a node over HTTP may answer. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { httpUpstream } from '../rpc/upstream.ts';

const servers = new Set<ReturnType<typeof createServer>>();

async function nodeAt(answer: RequestListener): Promise<string> {
	const server = createServer(answer).listen(0, '127.0.0.1');
	servers.add(server);
	await once(server, 'listening');
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return `http://127.0.0.1:${address.port}`;
}

afterEach(() => {
	for (const server of servers) {
		server.closeAllConnections();
		server.close();
	}
	servers.clear();
});

const question = { method: 'eth_blockNumber', params: [] };

test('SYS-05 an answer without end is given up at the limit', async () => {
	let sent = 0;
	const url = await nodeAt((_, response) => {
		const more = () => {
			while (!response.destroyed && response.write('0'.repeat(65_536))) sent += 65_536;
		};
		response.on('drain', more);
		more();
	});
	await expect(httpUpstream(url, { maxBytes: 1_000_000 })(question)).rejects.toThrow(
		'answers with more than 1000000 bytes',
	);
	const after = sent;
	await new Promise((resolve) => setTimeout(resolve, 100));
	// What was on the way when the reader left may still be counted.
	expect(sent - after).toBeLessThan(5_000_000);
});

test('an answer of exactly the limit is read', async () => {
	const body = JSON.stringify({ jsonrpc: '2.0', id: 1, result: '0x10' });
	const url = await nodeAt((_, response) => response.end(body));
	expect(await httpUpstream(url, { maxBytes: body.length })(question)).toBe('0x10');
	await expect(httpUpstream(url, { maxBytes: body.length - 1 })(question)).rejects.toThrow('more than');
});

test('SYS-05 a redirect is not followed', async () => {
	let asked = 0;
	const elsewhere = await nodeAt((_, response) => {
		asked++;
		response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: '0x10' }));
	});
	const url = await nodeAt((_, response) => response.writeHead(307, { location: elsewhere }).end());
	await expect(httpUpstream(url)(question)).rejects.toThrow();
	expect(asked).toBe(0);
});
