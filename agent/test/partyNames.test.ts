/** SYS-05: each error of an outside party says which party it was. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPublicClient, http } from 'viem';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { messageOf } from '../src/errors.ts';
import type { CheckOptions } from '../src/health/checks.ts';
import { createChecks } from '../src/health/checks.ts';
import { Health } from '../src/health/health.ts';
import { Metrics } from '../src/metrics.ts';
import { named } from '../src/outside/words.ts';
import { Secret } from '../src/secret.ts';
import { SourceRunner } from '../src/sources/asking/runner.ts';
import { SourceError } from '../src/sources/asking/source.ts';
import { indexedBlock, indexerHttp } from '../src/sources/necto.ts';
import { failedStory } from '../src/worker/story.ts';
import { ZeroGStorage } from '../src/zerog/storage.ts';
import { fakeServer, sendJson } from './support/http.ts';
import { standIn } from './support/standIns.ts';

const signal = AbortSignal.timeout(60_000);

/** An address of this machine on which nothing listens. */
async function closedUrl(): Promise<string> {
	const server = createServer();
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	// It listens on TCP, so its address is an object.
	const { port } = server.address() as AddressInfo;
	await new Promise((done) => server.close(done));
	return `http://127.0.0.1:${port}`;
}

const failureOf = (work: Promise<unknown>) => work.then(() => 'no error', messageOf);

describe('SYS-05 an error names the party', () => {
	it('the indexer: away, failing, and answering what is no JSON', async () => {
		expect(await failureOf(indexedBlock(indexerHttp(signal), await closedUrl(), 31337))).toBe(
			'The indexer cannot be reached (ECONNREFUSED).',
		);
		const answers: [number, unknown, string][] = [
			[503, {}, 'The indexer answers with status 503.'],
			[429, {}, 'The indexer limits the rate of requests (429).'],
			[200, {}, 'The indexer does not say how far it is.'],
		];
		for (const [status, body, words] of answers) {
			const fake = await fakeServer((_, response) => sendJson(response, body, status));
			expect(await failureOf(indexedBlock(indexerHttp(signal), fake.url, 31337))).toBe(words);
			await fake.close();
		}
		const fake = await fakeServer((_, response) => {
			response.writeHead(200, { 'content-type': 'application/json' });
			response.end('{"a":1,"a":2}');
		});
		expect(await failureOf(indexedBlock(indexerHttp(signal), fake.url, 31337))).toMatch(
			/^The indexer's answer has an object/,
		);
		await fake.close();
	});

	it('the settlement chain: away and failing', async () => {
		const client = (url: string) => createPublicClient({ transport: http(url, { retryCount: 0 }) });
		expect(await failureOf(client(await closedUrl()).getBlockNumber())).toBe(
			'The RPC node of the settlement chain cannot be reached (ECONNREFUSED).',
		);
		const fake = await fakeServer((_, response) => sendJson(response, {}, 503));
		expect(await failureOf(client(fake.url).getBlockNumber())).toBe(
			'The RPC node of the settlement chain answers with status 503.',
		);
		await fake.close();
	});

	it('0G: its chain, and its storage indexer', async () => {
		const storageAt = (rpcUrl: string, indexerUrl: string) =>
			new ZeroGStorage(
				{ rpcUrl, indexerUrl, key: new Secret(`0x${'11'.repeat(32)}`), uploadTimeoutMs: 5_000 },
				(work) => work(),
			);
		const fake = await fakeServer((_, response) => sendJson(response, { jsonrpc: '2.0', id: 1, result: '0x1' }));
		const closed = await closedUrl();
		expect(await failureOf(storageAt(closed, fake.url).check())).toBe('The 0G chain cannot be reached (ECONNREFUSED).');
		expect(await failureOf(storageAt(fake.url, closed).check())).toBe(
			'The 0G Storage indexer cannot be reached (ECONNREFUSED).',
		);
		await fake.close();
	});

	it('a source of offers, whatever it throws and whatever is missing of its answer', async () => {
		const asked = async (
			fetch: () => Promise<never> | Promise<{ quotes: []; left: Record<string, never>; incomplete: string }>,
		) => {
			const source = {
				id: 'x',
				name: 'Azure',
				network: 'x',
				url: null,
				refreshSeconds: 60,
				timeoutMs: null,
				maxBytes: null,
			};
			const runner = new SourceRunner({ ...source, fetch }, { timeoutMs: 200, now: () => 1, retryDelayMs: 1 });
			await runner.refresh(signal);
			return runner.reading.failing?.message ?? runner.reading.incomplete;
		};
		expect(await asked(() => Promise.reject(new SourceError('shape', 'Its answer does not list prices.')))).toBe(
			"Azure's answer does not list prices.",
		);
		expect(await asked(() => Promise.reject(new TypeError('x is undefined')))).toBe(
			"Azure's answer cannot be read: x is undefined",
		);
		expect(await asked(() => new Promise(() => undefined))).toBe('Azure did not answer in time.');
		expect(await asked(async () => ({ quotes: [], left: {}, incomplete: 'It has more than 50 pages.' }))).toBe(
			'Azure has more than 50 pages.',
		);
	});

	it('a schema that an answer breaks is no page of JSON', () => {
		const { error } = z.object({ data: z.object({ items: z.array(z.int()) }) }).safeParse({ data: { items: ['x'] } });
		expect(messageOf(error)).toBe('An answer is not of the documented shape (at data.items.0).');
	});

	it('leaves words alone that only begin alike', () => {
		expect(named('Catalogues', 'Its table is empty.')).toBe("Catalogues' table is empty.");
		expect(named('Akash', 'Italy is missing.')).toBe('Italy is missing.');
		expect(named('Vast.ai', 'H100 did not come whole: Its answer is not text.')).toBe(
			"H100 did not come whole: Vast.ai's answer is not text.",
		);
	});
});

describe('SYS-05 a step that failed', () => {
	it('says what failed and when it is tried again', () => {
		expect(failedStory(1n, 'The indexer cannot be reached (ECONNREFUSED).', 4.2).title).toBe(
			'The indexer cannot be reached (ECONNREFUSED); trying again in 5 s.',
		);
		const long = `${'x'.repeat(300)}.`;
		expect(failedStory(1n, long, 0.5)).toMatchObject({ title: 'A step failed; trying again in 1 s.', detail: long });
	});
});

describe('SYS-05 the check of the indexer', () => {
	it.each([
		['is away', null, 'unreachable', 'The indexer cannot be reached (ECONNREFUSED).'],
		['is behind', 10, 'behind', 'The indexer is 90 blocks (90 s) behind the chain'],
	])('says which it is when it %s', async (_, block, reason, words) => {
		const fake =
			block === null
				? null
				: await fakeServer((_request, response) =>
						sendJson(response, { chain: { id: 31337, block: { number: block, timestamp: block } } }),
					);
		const checks = createChecks(
			standIn<CheckOptions>({
				client: standIn<CheckOptions['client']>({
					chain: standIn<CheckOptions['client']['chain']>({
						nativeCurrency: { name: 'ADI', symbol: 'ADI', decimals: 18 },
					}),
					getBlockNumber: async () => 100n,
					// Of its overloads only the time of a numbered block is read.
					getBlock: (async ({ blockNumber }: { blockNumber: bigint }) => ({
						timestamp: blockNumber === 11n ? 10n : 100n,
					})) as unknown as CheckOptions['client']['getBlock'],
				}),
				deployment: standIn<CheckOptions['deployment']>({ chainId: 31337 }),
				indexerUrl: fake?.url ?? (await closedUrl()),
				metrics: new Metrics(),
				comparison: { indexerLacks: 0n },
			}),
		);
		const { indexer } = checks;
		if (indexer === undefined) throw new Error('There is no check of the indexer.');
		const { checks: found } = await new Health({ indexer }, new Metrics()).look();
		expect(found).toEqual([{ name: 'indexer', ok: false, reason, detail: expect.stringContaining(words) }]);
		await fake?.close();
	});
});
