/** The 0G SDK, unmodified, through the one module that knows it, against the local 0G Storage. */
import { zeroGRoot } from '@necto/core';
import { generatePrivateKey } from 'viem/accounts';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createLogger } from '../../src/logger.ts';
import { Secret } from '../../src/secret.ts';
import type { RouterSettings } from '../../src/settings/router.ts';
import { quietConsole } from '../../src/zerog/quiet.ts';
import { type Exclusive, ZeroGStorage } from '../../src/zerog/storage.ts';
import { type Fake, fakeServer, sendJson } from '../support/http.ts';

const { ready } = inject('network');
const opened: { close(): void | Promise<void> }[] = [];

beforeAll(() => quietConsole(createLogger('silent')));
afterEach(async () => {
	for (const one of opened.splice(0)) await one.close();
});

/** One at a time, as the database's lock does it between agents. */
function inTurn(): Exclusive {
	let last: Promise<unknown> = Promise.resolve();
	return (work) => {
		const next = last.then(work, work);
		last = next.catch(() => undefined);
		return next;
	};
}

function storage(changes: Partial<RouterSettings['zeroG']> = {}): ZeroGStorage {
	const key = ready.accounts.storage?.privateKey;
	if (key === undefined) throw new Error('There is no storage account.');
	const made = new ZeroGStorage(
		{
			rpcUrl: ready.zerog.rpc,
			indexerUrl: ready.zerog.indexer,
			key: new Secret(key),
			uploadTimeoutMs: 40_000,
			...changes,
		},
		inTurn(),
	);
	opened.push(made);
	return made;
}

const bytes = (text: string) => new TextEncoder().encode(`${text} ${Math.random()}`);

/** Stands between the SDK and the local 0G Storage. */
async function between(change: (method: string, answer: { result?: unknown }) => void): Promise<Fake> {
	const fake: Fake = await fakeServer(async (_, response, body) => {
		const answer = await fetch(ready.zerog.indexer, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body,
		});
		const json = JSON.parse((await answer.text()).replaceAll(ready.zerog.indexer, fake.url));
		change(JSON.parse(body).method, json);
		sendJson(response, json);
	});
	opened.push(fake);
	return fake;
}

describe('VER-01 0G Storage', () => {
	it('stores bytes under the root that core computes, and pays once', async () => {
		const file = bytes('once');
		const first = await storage().upload(file);
		expect(first.root).toBe(zeroGRoot(file));
		expect(first.transaction).toMatch(/^0x[0-9a-f]{64}$/);
		expect(await storage().upload(file)).toEqual({ root: first.root, transaction: null });
		expect(await storage().download(first.root)).toEqual(file);
	});

	it('stores several files at the same time from one account', async () => {
		const shared = storage();
		const files = ['a', 'b', 'c'].map(bytes);
		const uploaded = await Promise.all(files.map((file) => shared.upload(file)));
		expect(uploaded.map(({ root }) => root)).toEqual(files.map(zeroGRoot));
		expect(new Set(uploaded.map(({ transaction }) => transaction)).size).toBe(3);
	});

	it('stores a file of several segments', async () => {
		const file = Uint8Array.from({ length: 700_000 }, (_, i) => (i * 31 + Math.floor(i / 256)) % 251);
		const { root } = await storage().upload(file);
		expect(await storage().download(root)).toEqual(file);
	});

	it('believes no node: other bytes than the root’s are refused', async () => {
		const file = bytes('{"price":"1"}');
		const { root } = await storage().upload(file);
		const liar = await between((method, answer) => {
			if (method !== 'zgs_downloadSegmentByTxSeq' || typeof answer.result !== 'string') return;
			const data = Buffer.from(answer.result, 'base64');
			data[2] = (data[2] ?? 0) ^ 1;
			answer.result = data.toString('base64');
		});
		await expect(storage({ indexerUrl: liar.url }).download(root)).rejects.toMatchObject({ kind: 'tampered' });
	});

	it('says that a file is not there', async () => {
		await expect(storage().download(`0x${'11'.repeat(32)}`)).rejects.toMatchObject({ kind: 'not-found' });
	});

	it('says that the account is empty', async () => {
		const poor = storage({ key: new Secret(generatePrivateKey()) });
		await expect(poor.upload(bytes('poor'))).rejects.toMatchObject({ kind: 'no-funds' });
	});

	it('does not wait for ever for a node that never takes the file', async () => {
		// What a reverted or dropped transaction looks like to the SDK: the node does not know the file, again and again.
		const forgetful = await between((method, answer) => {
			if (method === 'zgs_getFileInfo') answer.result = null;
		});
		await expect(
			storage({ indexerUrl: forgetful.url, uploadTimeoutMs: 4_000 }).upload(bytes('lost')),
		).rejects.toMatchObject({
			kind: 'unavailable',
		});
	});

	it.each<[string, Partial<RouterSettings['zeroG']>]>([
		['indexer', { indexerUrl: 'http://127.0.0.1:9' }],
		['chain', { rpcUrl: 'http://127.0.0.1:9' }],
	])('says that the %s is down', async (_, changes) => {
		const down = storage(changes);
		await expect(down.check()).rejects.toMatchObject({ kind: 'unavailable' });
		await expect(down.upload(bytes('down'))).rejects.toMatchObject({ kind: 'unavailable' });
	});

	it('stores nothing that cannot be a file', async () => {
		await expect(storage().upload(new Uint8Array())).rejects.toMatchObject({ kind: 'rejected' });
		await expect(storage().upload(new Uint8Array(9 * 1024 * 1024))).rejects.toMatchObject({ kind: 'rejected' });
	});
});
