import { type Address, type Hex, type PublicClient, zeroHash } from 'viem';
import { flowAbi } from './flow.ts';
import { parentOf, SEGMENT_BYTES } from './tree.ts';

/** A file as it was announced on chain. */
export interface Submission {
	/** Its number, the "transaction sequence" of 0G's interfaces. */
	seq: number;
	/** The file's root. */
	root: Hex;
	nodes: readonly { root: Hex; height: number }[];
	/** First sector. */
	start: number;
	/** Bytes. */
	size: number;
	segments: number;
	/** Chunks of its tree, padding included. */
	sectors: number;
}

/** The files announced on a chain, followed by asking for new events. */
export class Submissions {
	readonly flow: Address;
	readonly #client: PublicClient;
	#files: Submission[] = [];
	#block = -1n;
	#hash: Hex = zeroHash;
	#following: Promise<void> = Promise.resolve();

	constructor(client: PublicClient, flow: Address) {
		this.#client = client;
		this.flow = flow;
	}

	/** The last block that was read. */
	get head(): { number: number; hash: Hex } {
		return { number: Number(this.#block), hash: this.#hash };
	}

	/** The number of the next file. */
	get next(): number {
		return this.#files.length;
	}

	/** Reads what the chain has got since the last call. Calls wait for each other. */
	follow(): Promise<void> {
		const next = this.#following.catch(() => undefined).then(() => this.#follow());
		this.#following = next;
		return next;
	}

	bySeq(seq: number): Submission | undefined {
		return this.#files[seq];
	}

	/** All submissions of a file, oldest first. */
	byRoot(root: string): Submission[] {
		const wanted = root.toLowerCase();
		return this.#files.filter((file) => file.root === wanted);
	}

	async #follow(): Promise<void> {
		const head = await this.#client.getBlock({ blockTag: 'latest' });
		if (head.hash === this.#hash) return;
		if (!(await this.#continues(head.number))) {
			// The chain was taken back to an earlier state: what was read beyond it does not exist any more.
			this.#files = [];
			this.#block = -1n;
		}
		const events = await this.#client.getContractEvents({
			address: this.flow,
			abi: flowAbi,
			eventName: 'Submit',
			fromBlock: this.#block + 1n,
			toBlock: head.number,
			strict: true,
		});
		for (const { args } of events) {
			const nodes = args.submission.nodes.map(({ root, height }) => ({ root, height: Number(height) }));
			const size = Number(args.submission.length);
			this.#files[Number(args.submissionIndex)] = {
				seq: Number(args.submissionIndex),
				root: nodes.map(({ root }) => root).reduceRight((right, left) => parentOf(left, right)),
				nodes,
				start: Number(args.startPos),
				size,
				segments: Math.ceil(size / SEGMENT_BYTES),
				sectors: nodes.reduce((sum, { height }) => sum + 2 ** height, 0),
			};
		}
		this.#block = head.number;
		this.#hash = head.hash;
	}

	async #continues(head: bigint): Promise<boolean> {
		if (this.#block < 0n) return true;
		if (head < this.#block) return false;
		const { hash } = await this.#client.getBlock({ blockNumber: this.#block });
		return hash === this.#hash;
	}
}
