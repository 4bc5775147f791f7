/** The bounded client, and the libraries that send through it, against a server that wishes them ill. */
import { Indexer, StorageNode } from '@0gfoundation/0g-ts-sdk';
import { FetchRequest, JsonRpcProvider } from 'ethers';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createChainClient, createNodes } from '../src/chain/clients.ts';
import { boundedFetch } from '../src/outside/fetch.ts';
import { boundLibraries } from '../src/outside/libraries.ts';
import type { CommonSettings } from '../src/settings/common.ts';
import { type Fake, fakeServer, sendJson } from './support/http.ts';
import { standIn } from './support/standIns.ts';

const fakes: Fake[] = [];
beforeAll(boundLibraries);
afterEach(async () => {
	for (const fake of fakes.splice(0)) await fake.close();
});

const MiB = 1024 * 1024;
type Handler = Parameters<typeof fakeServer>[0];

async function serve(answer: Handler): Promise<Fake> {
	const fake = await fakeServer(answer);
	fakes.push(fake);
	return fake;
}

/** An answer without an end, as fast as it is taken. */
function endless(count: { bytes: number }): Handler {
	return (_, response) => {
		response.writeHead(200, { 'content-type': 'application/json' });
		const more = () => {
			while (!response.destroyed && count.bytes < 600 * MiB) {
				count.bytes += MiB;
				if (!response.write(Buffer.alloc(MiB, ' '))) return void response.once('drain', more);
			}
		};
		more();
	};
}

const drip: Handler = (_, response) => {
	response.writeHead(200, { 'content-type': 'application/json' });
	const timer = setInterval(() => (response.destroyed ? clearInterval(timer) : response.write(' ')), 50);
};

/** A server that sends everybody to another one, and that other one. */
async function redirecting() {
	const elsewhere = await serve((_, response) => sendJson(response, { jsonrpc: '2.0', id: 1, result: '0x1' }));
	const fake = await serve((_, response) => response.writeHead(307, { location: `${elsewhere.url}/` }).end());
	return { fake, elsewhere };
}

const bounded = boundedFetch({ maxBytes: MiB, deadlineMs: 500 });

describe('SYS-05 the bounded client', () => {
	it('gives an answer on as it came', async () => {
		const fake = await serve((_, response) => sendJson(response, { a: 1 }, 201));
		const response = await bounded(fake.url, { method: 'POST', headers: { 'x-key': 'k' }, body: '{}' });
		expect([response.status, await response.json()]).toEqual([201, { a: 1 }]);
		expect(fake.requests[0]).toMatchObject({ method: 'POST', body: '{}', headers: { 'x-key': 'k' } });
	});

	it('takes no more than it may', async () => {
		const count = { bytes: 0 };
		const fake = await serve(endless(count));
		await expect(bounded(fake.url)).rejects.toMatchObject({ kind: 'too-large' });
		expect(count.bytes).toBeLessThan(32 * MiB);
	});

	it('counts the bytes after unpacking', async () => {
		const { gzipSync } = await import('node:zlib');
		const packed = gzipSync(Buffer.alloc(64 * MiB, ' '));
		expect(packed.length).toBeLessThan(MiB);
		const fake = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed));
		await expect(bounded(fake.url)).rejects.toMatchObject({ kind: 'too-large' });
	});

	it('has a deadline for the body, too', async () => {
		const fake = await serve(drip);
		await expect(bounded(fake.url)).rejects.toMatchObject({ kind: 'too-late' });
	});

	it('goes nowhere else', async () => {
		const { fake, elsewhere } = await redirecting();
		const sent = bounded(fake.url, { method: 'POST', headers: { 'x-api-key': 'secret' }, body: 'secret' });
		await expect(sent).rejects.toMatchObject({ kind: 'redirect' });
		expect(elsewhere.requests).toEqual([]);
	});

	it('fails by a huge header, and by a line that breaks', async () => {
		const fake = await serve((request, response) => {
			if (request.url === '/breaks') response.destroy();
			else response.writeHead(200, { 'x-filler': 'x'.repeat(512 * 1024) }).end();
		});
		await expect(bounded(fake.url)).rejects.toThrow('fetch failed');
		await expect(bounded(`${fake.url}/breaks`)).rejects.toThrow('fetch failed');
	});

	it('ends with its caller', async () => {
		const fake = await serve(drip);
		await expect(bounded(fake.url, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
			name: 'TimeoutError',
		});
	});
});

const chainAt = (url: string) =>
	standIn<CommonSettings['chain']>({
		rpcUrls: [url],
		deployment: standIn<CommonSettings['chain']['deployment']>({ chainId: 31337 }),
	});

describe('SYS-05 libraries send through it', () => {
	it.each<[string, (url: string) => Promise<unknown>]>([
		['viem', (url) => createChainClient(chainAt(url)).getBlockNumber()],
		['viem, for one node of several', (url) => createNodes(chainAt(url)).latest()],
		['ethers', (url) => new FetchRequest(url).send()],
		['the 0G SDK’s indexer', (url) => new Indexer(url).getShardedNodes()],
		['the 0G SDK’s nodes', (url) => new StorageNode(url).getStatus()],
	])('%s takes no endless answer and follows no redirect', async (_, ask) => {
		const count = { bytes: 0 };
		const fake = await serve(endless(count));
		await expect(ask(fake.url)).rejects.toThrow();
		// Each try is bounded.
		expect(count.bytes).toBeLessThan(200 * MiB);
		const { fake: moved, elsewhere } = await redirecting();
		await expect(ask(moved.url)).rejects.toThrow();
		expect(elsewhere.requests).toEqual([]);
	});

	it('a provider that the 0G SDK makes itself is bounded as well', async () => {
		const { fake, elsewhere } = await redirecting();
		const provider = new JsonRpcProvider(fake.url, 1, { staticNetwork: true });
		await expect(provider.getBlockNumber()).rejects.toThrow();
		provider.destroy();
		expect(elsewhere.requests).toEqual([]);
	});

	it('a storage node is asked three times, and answers as it did by the SDK’s own client', async () => {
		let asked = 0;
		const fake = await serve((_, response) => {
			if (++asked < 3) sendJson(response, {}, 502);
			else sendJson(response, { jsonrpc: '2.0', id: 1, result: [] });
		});
		expect(await new Indexer(fake.url).getFileLocations('0x1')).toEqual([]);
		expect(asked).toBe(3);
		const failing = await serve((_, response) =>
			sendJson(response, { jsonrpc: '2.0', id: 1, error: { code: -1, message: 'file not found' } }),
		);
		await expect(new Indexer(failing.url).getShardedNodes()).rejects.toThrow('file not found');
	});
});
