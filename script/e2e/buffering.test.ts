/** SYS-06: the pages behind a proxy that collects answers before it passes them on, as many do with their usual settings. */
import { request as ask, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { useChain } from './chain.ts';
import { request } from './request.ts';

/** More than a page's streams carry in a test. */
const BUFFER_BYTES = 64 * 1024;

const browser = useBrowser();
let proxy: Server;
let address: string;
/** What the streams' answers asked of proxies. */
const asked = new Set<string>();

beforeAll(async () => {
	const target = new URL(inject('ready').frontend);
	proxy = createServer((incoming, outgoing) => {
		const { method, url, headers } = incoming;
		const onward = ask({ host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
			if (answer.headers['content-type']?.startsWith('text/event-stream')) {
				asked.add(`${answer.headers['x-accel-buffering']}; ${answer.headers['cache-control']}`);
			}
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			// The headers pass at once: a page that took them for a working stream would wait for ever.
			outgoing.flushHeaders();
			let held: Buffer[] = [];
			let bytes = 0;
			answer.on('data', (part: Buffer) => {
				held.push(part);
				bytes += part.length;
				if (bytes < BUFFER_BYTES) return;
				outgoing.write(Buffer.concat(held));
				held = [];
				bytes = 0;
			});
			answer.on('end', () => outgoing.end(Buffer.concat(held)));
			answer.on('error', () => outgoing.destroy());
		});
		onward.on('error', () => outgoing.destroy());
		outgoing.on('close', () => onward.destroy());
		incoming.pipe(onward);
	});
	await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
	// A server that listens on a port has an address of this kind.
	address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(async () => {
	proxy.closeAllConnections();
	await new Promise((resolve) => proxy.close(resolve));
});

describe('SYS-06 behind a proxy that collects', () => {
	test("a job's page shows the steps and the route all the same, and every stream asks not to be collected", async () => {
		const chain = useChain();
		const { page } = await browser.visit();
		const job = await chain.request('buyer', request());
		await page.goto(`${address}/jobs/${job}`);
		// Asked for by the page, since nothing arrives by itself.
		await page.locator('[data-step="routed"]').waitFor({ timeout: 60_000 });
		await page.getByText('Polling', { exact: true }).waitFor();
		await page
			.getByRole('list', { name: 'Lifecycle' })
			.getByRole('listitem')
			.filter({ hasText: /Routed, (now|done|ended here)/ })
			.waitFor({ timeout: 60_000 });
		expect([...asked]).toEqual(['no; no-cache, no-transform']);
		await page.close();
	});
});
