import type { Hex } from 'viem';
import { z } from 'zod';
import { RpcError } from './json-rpc.ts';
import type { Segments } from './segments.ts';
import type { Submission, Submissions } from './submissions.ts';
import { CHUNK_BYTES, parentOf, SEGMENT_BYTES, SEGMENT_CHUNKS, segmentRoot } from './tree.ts';

const hashSchema = z
	.string()
	.regex(/^0x[0-9a-fA-F]{64}$/)
	// The pattern has checked what the type says.
	.transform((text) => text.toLowerCase() as Hex);

/** A segment as the SDK sends it. */
export const segmentSchema = z.object({
	root: hashSchema,
	data: z.base64(),
	index: z.int().nonnegative(),
	proof: z.object({ lemma: z.array(hashSchema).min(1), path: z.array(z.boolean()) }),
	fileSize: z.int().positive(),
});
export type Segment = z.infer<typeof segmentSchema>;

/** What a storage node tells about a file. */
export interface FileInfo {
	tx: {
		streamIds: string[];
		data: number[];
		dataMerkleRoot: Hex;
		merkleNodes: [number, Hex][];
		startEntryIndex: number;
		size: number;
		seq: number;
	};
	finalized: boolean;
	isCached: boolean;
	uploadedSegNum: number;
	pruned: boolean;
}

/** A storage node's keeping of files: takes only what the chain announced and the proofs confirm. */
export class Storage {
	readonly submissions: Submissions;
	readonly #segments: Segments;

	constructor(submissions: Submissions, segments: Segments) {
		this.submissions = submissions;
		this.#segments = segments;
	}

	/** The submission that stands for a root: the first finished one, else the first. */
	byRoot(root: string): Submission | undefined {
		const files = this.submissions.byRoot(root);
		return files.find((file) => this.isFinalized(file)) ?? files[0];
	}

	/** Whether all of a file is here. */
	isFinalized(file: Submission): boolean {
		return this.#uploaded(file) === file.segments;
	}

	info(file: Submission): FileInfo {
		return {
			tx: {
				streamIds: [],
				data: [],
				dataMerkleRoot: file.root,
				merkleNodes: file.nodes.map(({ root, height }) => [height + 1, root]),
				startEntryIndex: file.start,
				size: file.size,
				seq: file.seq,
			},
			finalized: this.isFinalized(file),
			isCached: false,
			uploadedSegNum: this.#uploaded(file),
			pruned: false,
		};
	}

	/**
	 * Takes a segment.
	 *
	 * @throws RpcError with a real node's words for a segment that does not belong to the file
	 */
	async put(file: Submission | undefined, segment: Segment): Promise<void> {
		if (file === undefined) throw RpcError.invalid('tx_seq', 'tx is unavailable');
		if (file.root !== segment.root) throw new RpcError(-32603, 'Internal error', 'data root and tx seq not match');
		if (file.size !== segment.fileSize) {
			throw RpcError.invalid('file_size', 'segment file size not matched with tx file size');
		}
		if (this.isFinalized(file)) throw RpcError.invalid('root', 'already uploaded and finalized');
		if (segment.index >= file.segments) throw RpcError.invalid('index', 'index out of bound');
		const data = Buffer.from(segment.data, 'base64');
		if (data.length !== segmentBytes(file, segment.index)) throw RpcError.invalid('data', 'invalid data length');
		if (!isProven(file, segment, data)) throw RpcError.invalid('proof', 'validation failed');
		await this.#segments.put(file.root, segment.index, data);
	}

	/** Whole chunks of a file, from `start` up to and without `end`; undefined while some are missing. */
	async chunks(file: Submission, start: number, end: number): Promise<Uint8Array | undefined> {
		const parts: Uint8Array[] = [];
		for (let index = Math.floor(start / SEGMENT_CHUNKS); index * SEGMENT_CHUNKS < end; index++) {
			if (!this.#segments.has(file.root, index)) return undefined;
			const data = await this.#segments.get(file.root, index);
			const first = index * SEGMENT_CHUNKS;
			parts.push(data.subarray(Math.max(0, start - first) * CHUNK_BYTES, (end - first) * CHUNK_BYTES));
		}
		return Buffer.concat(parts);
	}

	/** A file's bytes; undefined while some are missing. */
	async file(file: Submission): Promise<Uint8Array | undefined> {
		return (await this.chunks(file, 0, Math.ceil(file.size / CHUNK_BYTES)))?.subarray(0, file.size);
	}

	#uploaded(file: Submission): number {
		let count = 0;
		for (let index = 0; index < file.segments; index++) count += this.#segments.has(file.root, index) ? 1 : 0;
		return count;
	}
}

/** Bytes of a segment as it is sent: whole chunks, without the file's padding. */
function segmentBytes(file: Submission, index: number): number {
	const rest = file.size - index * SEGMENT_BYTES;
	return rest >= SEGMENT_BYTES ? SEGMENT_BYTES : Math.ceil(rest / CHUNK_BYTES) * CHUNK_BYTES;
}

/**
 * Whether the data is what the file's root says at the segment's place. The proof is [segment's root, siblings.., file's root], and `path`
 * tells for each sibling whether we are the left one; a file of one segment has only its root and no path.
 */
function isProven(file: Submission, { index, proof }: Segment, data: Uint8Array): boolean {
	const { lemma, path } = proof;
	const own = segmentRoot(data, Math.min(SEGMENT_CHUNKS, file.sectors - index * SEGMENT_CHUNKS));
	if (lemma[0] !== own) return false;
	if (path.length === 0) return lemma.length === 1 && own === file.root;
	if (lemma.length !== path.length + 2 || lemma.at(-1) !== file.root) return false;
	if (!samePath(pathOf(index, Math.ceil(file.sectors / SEGMENT_CHUNKS)), path)) return false;
	const top = path.reduce((node, isLeft, i) => {
		const sibling = lemma[i + 1] ?? node;
		return isLeft ? parentOf(node, sibling) : parentOf(sibling, node);
	}, own);
	return top === file.root;
}

/** The way from a leaf to the top, true where we are the left one. A level where the last node is alone has no sibling and no step. */
function pathOf(place: number, leaves: number): boolean[] {
	const path: boolean[] = [];
	for (let at = place, count = leaves; count > 1; at = at >> 1, count = Math.ceil(count / 2)) {
		if (at % 2 === 1) path.push(false);
		else if (at + 1 < count) path.push(true);
	}
	return path;
}

function samePath(a: readonly boolean[], b: readonly boolean[]): boolean {
	return a.length === b.length && a.every((isLeft, i) => isLeft === b[i]);
}

/** Reads a root from a request. */
export function readRoot(value: unknown): Hex {
	const root = hashSchema.safeParse(value);
	if (!root.success) throw RpcError.invalid('root', 'not a root (0x and 64 hexadecimal digits)');
	return root.data;
}

/** Bytes as storage nodes send them. */
export function toBase64(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString('base64');
}
