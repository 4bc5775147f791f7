import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { type Address, createPublicClient, http } from 'viem';
import { z } from 'zod';
import type { Port } from '../ports.ts';
import { answer, type Method, RpcError } from './json-rpc.ts';
import { Segments } from './segments.ts';
import { readRoot, type Segment, Storage, segmentSchema, toBase64 } from './storage.ts';
import { type Submission, Submissions } from './submissions.ts';
import { SEGMENT_CHUNKS } from './tree.ts';

/** What the local 0G Storage needs. */
export interface ZeroGOptions {
	/** The 0G chain. */
	rpc: string;
	chainId: number;
	flow: Address;
	/** Where the segments lie. */
	directory: string;
	port: Port;
}

/** A running 0G indexer with its one storage node, both at the same address. */
export interface ZeroG {
	url: string;
	close(): Promise<void>;
}

const LARGEST_BODY_BYTES = 64 * 1024 * 1024;
const SHARD = { shardId: 0, numShard: 1 };
const seqSchema = z.int().nonnegative();
const rangeSchema = z.tuple([seqSchema, z.int().nonnegative(), z.int().nonnegative()]);

function readSeq(value: unknown): number {
	const seq = seqSchema.safeParse(value);
	if (!seq.success) throw RpcError.invalid('tx_seq', 'not a number of a submission');
	return seq.data;
}

function readSegments(value: unknown): Segment[] {
	const segments = z.array(segmentSchema).safeParse(value);
	if (!segments.success) throw RpcError.invalid('segments', z.prettifyError(segments.error));
	return segments.data;
}

/** The storage node's methods that the SDK calls. */
function nodeMethods(storage: Storage, chainId: number): [string, Method][] {
	const { submissions } = storage;
	const info = (file: Submission | undefined) => (file === undefined ? null : storage.info(file));
	return [
		[
			'zgs_getStatus',
			async () => {
				await submissions.follow();
				return {
					connectedPeers: 0,
					logSyncHeight: submissions.head.number,
					logSyncBlock: submissions.head.hash,
					nextTxSeq: submissions.next,
					networkIdentity: {
						chainId,
						flowAddress: submissions.flow.toLowerCase(),
						p2pProtocolVersion: { major: 0, minor: 4, build: 0 },
					},
				};
			},
		],
		['zgs_getShardConfig', async () => SHARD],
		[
			'zgs_getFileInfo',
			async ([root]) => {
				await submissions.follow();
				return info(storage.byRoot(readRoot(root)));
			},
		],
		[
			'zgs_getFileInfoByTxSeq',
			async ([seq]) => {
				await submissions.follow();
				return info(submissions.bySeq(readSeq(seq)));
			},
		],
		[
			'zgs_uploadSegmentsByTxSeq',
			async ([segments, seq]) => {
				await submissions.follow();
				const file = submissions.bySeq(readSeq(seq));
				for (const segment of readSegments(segments)) await storage.put(file, segment);
				return null;
			},
		],
		[
			'zgs_downloadSegmentByTxSeq',
			async (params) => {
				const range = rangeSchema.safeParse(params.slice(0, 3));
				if (!range.success) throw RpcError.invalid('start_index', 'invalid chunk index');
				const [seq, start, end] = range.data;
				if (start >= end || end - start > SEGMENT_CHUNKS) throw RpcError.invalid('end_index', 'invalid chunk index');
				const file = submissions.bySeq(seq);
				const bytes = file === undefined ? undefined : await storage.chunks(file, start, end);
				return bytes === undefined ? null : toBase64(bytes);
			},
		],
	];
}

/** The indexer's methods that the SDK calls: where files and nodes are, which is here. */
function indexerMethods(storage: Storage, url: () => string): [string, Method][] {
	const since = Math.floor(Date.now() / 1000);
	const here = () => ({ url: url(), config: SHARD, latency: 1, since });
	return [
		['indexer_getShardedNodes', async () => ({ trusted: [here()], discovered: null })],
		[
			'indexer_getFileLocations',
			async ([root]) => {
				await storage.submissions.follow();
				if (storage.byRoot(readRoot(root)) === undefined) throw new RpcError(-32000, 'file not found');
				return [here()];
			},
		],
	];
}

const NOT_FOUND = { code: 101, message: 'File not found', data: null };

/** Starts the local 0G Storage. The unmodified 0G SDK works against it. */
export async function startZeroG(options: ZeroGOptions): Promise<ZeroG> {
	const client = createPublicClient({ transport: http(options.rpc, { retryCount: 0 }) });
	const submissions = new Submissions(client, options.flow);
	const segments = new Segments(options.directory);
	await segments.open();
	const storage = new Storage(submissions, segments);
	await submissions.follow();

	let url = '';
	const methods = new Map([...nodeMethods(storage, options.chainId), ...indexerMethods(storage, () => url)]);
	const app = new Hono();
	app.use(cors());
	app.post('/', bodyLimit({ maxSize: LARGEST_BODY_BYTES }), async (context) => {
		const body: unknown = await context.req.json().catch(() => undefined);
		return context.json(await answer(methods, body));
	});
	// The indexer's gateway. As on 0G's networks, "not found" comes with status 200.
	app.get('/file', async (context) => {
		await submissions.follow();
		const root = context.req.query('root') ?? '';
		const file = storage.byRoot(root);
		const bytes = file === undefined ? undefined : await storage.file(file);
		if (bytes === undefined) return context.json(NOT_FOUND);
		return context.body(new Uint8Array(bytes), 200, { 'content-type': 'application/octet-stream' });
	});
	await options.port.free();
	const server = await listen(app, options.port.number);
	url = `http://127.0.0.1:${options.port.number}`;
	return { url, close: () => close(server) };
}

function listen(app: Hono, port: number): Promise<ServerType> {
	return new Promise((resolve, reject) => {
		const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, () => resolve(server));
		server.once('error', reject);
	});
}

function close(server: ServerType): Promise<void> {
	return new Promise((resolve) => {
		server.close(() => resolve());
		if ('closeAllConnections' in server) server.closeAllConnections();
	});
}
