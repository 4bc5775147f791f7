import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Indexer, MemData } from '@0gfoundation/0g-ts-sdk';
import { localHttp, localZeroG, waitForReceipt } from '@necto/contracts';
import { zeroGRoot } from '@necto/core';
import { getBytes, JsonRpcProvider, Wallet } from 'ethers';
import { type Address, createWalletClient, type Hex, toHex } from 'viem';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { accounts, keyOf } from '../src/chain/accounts.ts';
import { type LocalChain, startChain } from '../src/chain/anvil.ts';
import { prepareFlow } from '../src/chain/flow.ts';
import { anyPort } from '../src/ports.ts';
import { Roster } from '../src/roster.ts';
import { Shutdown } from '../src/shutdown.ts';
import { flowAbi } from '../src/zerog/flow.ts';
import { startZeroG, type ZeroG } from '../src/zerog/server.ts';
import { afterFile, scratch } from './scratch.ts';

const putAway = afterFile();
let data: string;
let chain: LocalChain;
let flow: Address;
let storage: ZeroG;
let signer: Wallet;
const shutdown = new Shutdown();

/** Bytes that are the same in each run and differ along the file. */
function bytes(size: number, seed = 0): Uint8Array {
	return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 17 + seed) % 251);
}

async function openStorage(): Promise<ZeroG> {
	const port = await anyPort();
	return startZeroG({ rpc: chain.rpc, chainId: localZeroG.id, flow, directory: join(data, 'zerog'), port });
}

interface Uploaded {
	root: string;
	tx: string;
}

/** Uploads with the SDK as it is. */
async function upload(content: Uint8Array): Promise<Uploaded> {
	const file = new MemData(content);
	// The SDK's types name the CommonJS build of ethers; the object is the same.
	const args = [file, chain.rpc, signer, { taskSize: 64 }] as unknown as Parameters<Indexer['upload']>;
	const [result, error] = await new Indexer(storage.url).upload(...args);
	if (error !== null) throw error;
	if (!('rootHash' in result)) throw new Error('several results for one file');
	return { root: result.rootHash, tx: result.txHash };
}

async function download(root: string): Promise<Uint8Array> {
	const [blob, error] = await new Indexer(storage.url).downloadToBlob(root);
	if (error !== null) throw error;
	return new Uint8Array(await blob.arrayBuffer());
}

async function rpc(method: string, params: readonly unknown[]): Promise<{ result?: unknown; error?: unknown }> {
	const response = await fetch(storage.url, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
	});
	// JSON-RPC answers are objects with a result or an error.
	return (await response.json()) as { result?: unknown; error?: unknown };
}

beforeAll(async () => {
	// The SDK talks to the console without a switch.
	vi.spyOn(console, 'log').mockImplementation(() => undefined);
	vi.spyOn(console, 'error').mockImplementation(() => undefined);
	data = await scratch(putAway);
	putAway(() => shutdown.stop());
	chain = await startChain(
		{ name: 'zerog', title: '0G chain', chain: localZeroG, port: await anyPort() },
		{ data, roster: new Roster(data) },
		(running) => shutdown.add(0, running),
	);
	flow = await prepareFlow(chain, data);
	storage = await openStorage();
	putAway(() => storage.close());
	signer = new Wallet(keyOf('storage'), new JsonRpcProvider(chain.rpc, undefined, { polling: true }));
});

describe('local 0G Storage under the unmodified SDK', () => {
	it.each([1, 180, 256, 257, 5000, 262_144])('VER-01 takes and gives back a file of %i bytes', async (size) => {
		const content = bytes(size, size);
		const { root, tx } = await upload(content);
		expect(root).toBe(zeroGRoot(content));
		expect(tx).toMatch(/^0x[0-9a-f]{64}$/);
		expect(await download(root)).toEqual(content);
	});

	it.each([262_145, 1_300_001])('VER-01 takes and gives back a file of several segments, %i bytes', async (size) => {
		const content = bytes(size);
		const { root } = await upload(content);
		expect(root).toBe(zeroGRoot(content));
		expect(await download(root)).toEqual(content);
	});

	it('takes the same file again without another transaction', async () => {
		const content = bytes(300, 7);
		const first = await upload(content);
		const again = await upload(content);
		expect(again).toEqual({ root: first.root, tx: '' });
	});

	it('serves a file by its root to browsers of any origin', async () => {
		const content = bytes(1000, 3);
		const { root } = await upload(content);
		const response = await fetch(`${storage.url}/file?root=${root}`, { headers: { origin: 'http://localhost:3000' } });
		expect(response.headers.get('access-control-allow-origin')).toBe('*');
		expect(new Uint8Array(await response.arrayBuffer())).toEqual(content);
	});

	it('finds its files again after a restart', async () => {
		const content = bytes(70_000, 11);
		const { root } = await upload(content);
		await storage.close();
		storage = await openStorage();
		expect(await download(root)).toEqual(content);
	});

	it('answers "file not found" for an unknown root, as 0G does in both its places', async () => {
		const unknown = `0x${'11'.repeat(32)}`;
		expect(await rpc('indexer_getFileLocations', [unknown])).toMatchObject({
			error: { code: -32000, message: 'file not found' },
		});
		const response = await fetch(`${storage.url}/file?root=${unknown}`);
		expect(response.status).toBe(200);
		expect(await response.json()).toEqual({ code: 101, message: 'File not found', data: null });
	});
});

describe('local 0G Storage under what it must refuse', () => {
	/** Announces a file on chain without uploading it. */
	async function announce(content: Uint8Array): Promise<{ seq: number; root: Hex; segment: Record<string, unknown> }> {
		const file = new MemData(content);
		const [submission, error] = await file.createSubmission('0x', signer.address);
		if (error !== null || submission === null) throw error ?? new Error('no submission');
		const wallet = createWalletClient({
			account: accounts.stranger,
			chain: localZeroG,
			transport: localHttp(chain.rpc),
		});
		const { data: announced } = submission;
		const hash = await wallet.writeContract({
			address: flow,
			abi: flowAbi,
			functionName: 'submit',
			args: [
				{
					data: {
						length: BigInt(announced.length),
						tags: '0x',
						nodes: announced.nodes.map(({ root, height }) => ({ root: toHex(getBytes(root)), height: BigInt(height) })),
					},
					submitter: accounts.stranger.address,
				},
			],
			value: 10n ** 15n,
		});
		await waitForReceipt(chain.client, hash);
		const root = zeroGRoot(content);
		const { result } = await rpc('zgs_getFileInfo', [root, true]);
		// Announced above, so it is known.
		const { tx } = result as { tx: { seq: number } };
		const whole = new Uint8Array(Math.ceil(content.length / 256) * 256);
		whole.set(content);
		return {
			seq: tx.seq,
			root,
			segment: {
				root,
				data: Buffer.from(whole).toString('base64'),
				index: 0,
				proof: { lemma: [root], path: [] },
				fileSize: content.length,
			},
		};
	}

	it('refuses a segment that is not what the root says, and keeps nothing of it', async () => {
		const content = bytes(600, 21);
		const { seq, root, segment } = await announce(content);
		const tampered = Buffer.from(String(segment.data), 'base64');
		tampered[5] = (tampered[5] ?? 0) ^ 1;
		const refused = await rpc('zgs_uploadSegmentsByTxSeq', [[{ ...segment, data: tampered.toString('base64') }], seq]);
		expect(refused.error).toEqual({ code: -32602, message: 'Invalid params: proof', data: 'validation failed' });
		expect(await readdir(join(data, 'zerog'))).not.toContain(root);
		expect(await rpc('zgs_uploadSegmentsByTxSeq', [[segment], seq])).toMatchObject({ result: null });
		expect(await download(root)).toEqual(content);
	});

	it('refuses a proof that leads elsewhere', async () => {
		const { seq, root, segment } = await announce(bytes(900, 22));
		const proof = { lemma: [root, root, root], path: [true] };
		const refused = await rpc('zgs_uploadSegmentsByTxSeq', [[{ ...segment, proof }], seq]);
		expect(refused.error).toEqual({ code: -32602, message: 'Invalid params: proof', data: 'validation failed' });
	});

	it.each([
		['another file size', { fileSize: 599 }, 'Invalid params: file_size'],
		['an index behind the end', { index: 1 }, 'Invalid params: index'],
		['too little data', { data: Buffer.alloc(256).toString('base64') }, 'Invalid params: data'],
		['another root', { root: `0x${'22'.repeat(32)}` }, 'Internal error'],
		['no base64', { data: '%%%' }, 'Invalid params: segments'],
	])('refuses %s', async (_, change, message) => {
		const { seq, segment } = await announce(bytes(600, 40 + message.length));
		expect(await rpc('zgs_uploadSegmentsByTxSeq', [[{ ...segment, ...change }], seq])).toMatchObject({
			error: { message },
		});
	});

	it('refuses a segment of a file that is complete', async () => {
		const { seq, segment } = await announce(bytes(600, 60));
		await rpc('zgs_uploadSegmentsByTxSeq', [[segment], seq]);
		expect((await rpc('zgs_uploadSegmentsByTxSeq', [[segment], seq])).error).toEqual({
			code: -32602,
			message: 'Invalid params: root',
			data: 'already uploaded and finalized',
		});
	});

	it('refuses a submission that was not announced on chain', async () => {
		const { segment } = await announce(bytes(600, 61));
		expect(await rpc('zgs_uploadSegmentsByTxSeq', [[segment], 9999])).toMatchObject({
			error: { code: -32602, message: 'Invalid params: tx_seq' },
		});
	});

	it('answers a malformed call with an error and goes on', async () => {
		const broken = await fetch(storage.url, { method: 'POST', body: '{' });
		expect(await broken.json()).toMatchObject({ error: { code: -32600 } });
		expect(await rpc('zgs_nothing', [])).toMatchObject({ error: { code: -32601, message: 'Method not found' } });
		expect(await rpc('zgs_getFileInfo', ['0x12', false])).toMatchObject({ error: { code: -32602 } });
		expect(await rpc('zgs_getShardConfig', [])).toMatchObject({ result: { shardId: 0, numShard: 1 } });
	});
});
