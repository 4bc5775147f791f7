/**
 * The chain's nodes as Ponder may believe them. Ponder takes every answer for the truth: a node that is behind, and answers with fewer logs and no error,
 * leaves rows out for good, and one whose head goes back looks like a reorganisation. Here an answer is passed on only when the chain's own headers confirm
 * it; otherwise the next node is asked, and when none can, Ponder gets an error and tries again.
 */
import { hasBloom, isWhole, mayHold } from '@necto/contracts';
import { type Address, type Hex, hexToNumber, isHex, numberToHex } from 'viem';
import { z } from 'zod';
import { type Question, RpcError, type Upstream } from './upstream.ts';

const hex = z.custom<Hex>((value) => isHex(value));
const headerSchema = z.looseObject({
	number: hex,
	hash: hex,
	parentHash: hex,
	timestamp: hex,
	logsBloom: hex.nullable().default(null),
	transactions: z.array(z.unknown()).default([]),
});
export type Header = z.output<typeof headerSchema>;

const logSchema = z.looseObject({
	address: hex,
	topics: z.array(hex),
	blockHash: hex,
	logIndex: hex,
	blockNumber: hex,
});
type RpcLog = z.output<typeof logSchema>;
const logsSchema = z.array(logSchema);
const receiptsSchema = z.array(z.looseObject({ blockHash: hex, logs: logsSchema }));
const topicsSchema = z.array(z.union([hex, z.array(hex), z.null()]));
const filterSchema = z.looseObject({
	blockHash: hex.optional(),
	fromBlock: hex.optional(),
	toBlock: hex.optional(),
	address: z.union([hex, z.array(hex)]).optional(),
	topics: topicsSchema.optional(),
});
type Filter = z.output<typeof filterSchema>;

export interface CheckedRpcOptions {
	/** Rounds through all nodes before a question fails. */
	tries: number;
	/** Milliseconds between two rounds. */
	retryMs: number;
	/** Milliseconds after which a lower head is believed: of a chain that lost its newest blocks. */
	believeMs: number;
	/** Milliseconds, of a clock that only grows. */
	now: () => number;
}

const DEFAULTS: CheckedRpcOptions = { tries: 4, retryMs: 500, believeMs: 60_000, now: () => performance.now() };
/** Blocks behind the newest whose logs are compared with each block's header. Further back two answers have to agree. */
const NEAR = 2_000;
/** Headers that are remembered. */
const HEADERS = 4_096;
const SIDE_BY_SIDE = 16;
const METHOD_NOT_FOUND = -32_601;

/** No node gave an answer that the chain confirms. Worth another try. */
export class UnconfirmedError extends Error {
	override name = 'UnconfirmedError';
}

export class CheckedRpc {
	readonly #upstreams: readonly Upstream[];
	readonly #options: CheckedRpcOptions;
	readonly #byHash = new Map<Hex, Header>();
	readonly #byNumber = new Map<number, Hex>();
	#head: Header | null = null;
	#behindSince: number | null = null;
	/** Whether the chain's bloom filters are those of its logs: one that fits shows it. Until then, and where none ever does, receipts have to confirm. */
	#isExact = false;
	/** Answers that were not passed on, as the chain did not confirm them. */
	refused = 0;

	/** @param upstreams one for each address, at least one */
	constructor(upstreams: readonly Upstream[], options: Partial<CheckedRpcOptions> = {}) {
		this.#upstreams = upstreams;
		this.#options = { ...DEFAULTS, ...options };
	}

	/** For how many milliseconds no node has known the newest block; null while one does. */
	get behindMs(): number | null {
		return this.#behindSince === null ? null : this.#options.now() - this.#behindSince;
	}

	/** The newest block. @throws UnconfirmedError when no node answers */
	latest(): Promise<Header> {
		return this.#latest(0);
	}

	/** A block by its number. @throws UnconfirmedError when no node has it */
	block(number: number): Promise<Header> {
		return this.#block({ method: 'eth_getBlockByNumber', params: [numberToHex(number), false] }, 0);
	}

	/**
	 * Answers a question.
	 *
	 * @param lane the node to ask first
	 * @throws RpcError what a node answered, UnconfirmedError when no answer is confirmed
	 */
	async request(question: Question, lane = 0): Promise<unknown> {
		const [first] = question.params;
		switch (question.method) {
			case 'eth_getBlockByNumber':
				return first === 'latest' ? this.#latest(lane) : this.#block(question, lane);
			case 'eth_getBlockByHash':
				return this.#block(question, lane);
			case 'eth_getLogs': {
				const filter = filterSchema.parse(first);
				return filter.blockHash === undefined
					? this.#range(filter, lane)
					: this.#logsOf(await this.#header(filter.blockHash, lane), lane);
			}
			default:
				return this.#first(question, lane, (answer) => answer);
		}
	}

	/** The newest block, which does not go back because another node answers. */
	async #latest(lane: number): Promise<Header> {
		// Ponder wants all of its transactions, and gets the same block again while the nodes are behind.
		const question = { method: 'eth_getBlockByNumber', params: ['latest', true] };
		const known = this.#head;
		let best: Header | null = null;
		for (const upstream of this.#inTurn(lane)) {
			try {
				const found = headerSchema.parse(await upstream(question));
				if (best === null || numberOf(found) > numberOf(best)) best = found;
				if (known === null || numberOf(best) >= numberOf(known)) break;
			} catch {
				// The next node may answer.
			}
		}
		if (best === null) throw new UnconfirmedError('No node of the chain says what its newest block is.');
		if (known !== null && numberOf(best) < numberOf(known) && this.#isBehind(best)) return known;
		this.#behindSince = null;
		this.#head = best;
		return this.#remember(best);
	}

	/** Whether a lower head is of a node that is behind. A chain that turned has another block there. */
	#isBehind(head: Header): boolean {
		const hash = this.#byNumber.get(numberOf(head));
		if (hash !== undefined && hash !== head.hash) return false;
		const { now, believeMs } = this.#options;
		this.#behindSince ??= now();
		return now() - this.#behindSince < believeMs;
	}

	async #block(question: Question, lane: number): Promise<Header> {
		const block = await this.#first(question, lane, (answer) => {
			const header = headerSchema.safeParse(answer);
			return header.success ? header.data : null;
		});
		return this.#remember(block);
	}

	async #header(id: Hex | number, lane: number): Promise<Header> {
		const hash = typeof id === 'number' ? this.#byNumber.get(id) : id;
		const known = hash === undefined ? undefined : this.#byHash.get(hash);
		if (known !== undefined) return known;
		const question =
			typeof id === 'number'
				? { method: 'eth_getBlockByNumber', params: [numberToHex(id), false] }
				: { method: 'eth_getBlockByHash', params: [id, false] };
		return this.#block(question, lane);
	}

	/** All logs of a block. */
	async #logsOf(block: Header, lane: number): Promise<RpcLog[]> {
		const question = { method: 'eth_getLogs', params: [{ blockHash: block.hash }] };
		const answers: RpcLog[][] = [];
		return this.#first(question, lane, async (answer, upstream) => {
			const logs = logsSchema.parse(answer);
			if (hasBloom(block) ? this.#fits(block, logs) : block.transactions.length === 0) return logs;
			answers.push(logs);
			const received = await receivedLogs(upstream, block).catch((error: unknown) => {
				if (error instanceof RpcError) return undefined;
				throw error;
			});
			if (received === null) return null;
			// Nodes without receipts by block: then two answers have to agree.
			if (received === undefined) {
				const same = answers.filter((each) => placesOf(each) === placesOf(logs)).length;
				return same > 1 && !hasBloom(block) ? logs : null;
			}
			if (hasBloom(block) && this.#fits(block, received)) return received;
			if (hasBloom(block) && this.#isExact) return null;
			return answers.some((each) => placesOf(each) === placesOf(received)) ? received : null;
		});
	}

	#fits(block: Header, logs: readonly RpcLog[]): boolean {
		const fits = isWholeBlock(block, logs);
		if (fits && logs.length > 0) this.#isExact = true;
		return fits;
	}

	/** Logs of many blocks. */
	async #range(filter: Filter, lane: number): Promise<RpcLog[]> {
		const [from, to] = [hexToNumber(filter.fromBlock ?? '0x0'), hexToNumber(filter.toBlock ?? '0x0')];
		// A node beyond its head answers with what it has, and not that it lacks the rest.
		await this.#header(to, lane);
		const newest = numberOf(this.#head ?? (await this.#latest(lane)));
		// The first block that is near: of a longer range only what lies before it goes unconfirmed by headers.
		const near = Math.max(from, newest - NEAR + 1);
		if (near > to) return this.#agreed(filter, lane);
		const far = near === from ? [] : await this.#agreed({ ...filter, toBlock: numberToHex(near - 1) }, lane);
		return [...far, ...(await this.#compared(filter, { from: near, to }, lane))];
	}

	/** Each block that can hold such logs, as its header says, is asked for itself. */
	async #compared(filter: Filter, { from, to }: { from: number; to: number }, lane: number): Promise<RpcLog[]> {
		const addresses = filter.address === undefined ? null : [filter.address].flat();
		const found: RpcLog[] = [];
		for (let at = from; at <= to; at += SIDE_BY_SIDE) {
			const numbers = Array.from({ length: Math.min(SIDE_BY_SIDE, to - at + 1) }, (_, index) => at + index);
			const logs = await Promise.all(
				numbers.map(async (number, index) => {
					const header = await this.#header(number, lane + index);
					const isQuiet = hasBloom(header)
						? addresses?.every((address) => !mayHold(header, address)) === true
						: header.transactions.length === 0;
					return isQuiet ? [] : this.#logsOf(header, lane + index);
				}),
			);
			found.push(...logs.flat().filter((log) => isMatched(log, addresses, filter.topics ?? [])));
		}
		return found;
	}

	/** Two answers, of two nodes where there are several, have to be the same. */
	async #agreed(filter: Filter, lane: number): Promise<RpcLog[]> {
		const question = { method: 'eth_getLogs', params: [filter] };
		let before: RpcLog[] | null = null;
		return this.#first(question, lane, (answer) => {
			const logs = logsSchema.parse(answer);
			const same = before !== null && placesOf(before) === placesOf(logs);
			before = logs;
			return same ? logs : null;
		});
	}

	/** The first answer that `check` takes, of one node after the other, and again after a pause. */
	async #first<T>(
		question: Question,
		lane: number,
		check: (answer: unknown, upstream: Upstream) => T | null | Promise<T | null>,
	): Promise<T> {
		const { tries, retryMs } = this.#options;
		let failure: unknown = null;
		for (let attempt = 0; attempt < tries; attempt++) {
			if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, retryMs));
			for (const upstream of this.#inTurn(lane + attempt)) {
				try {
					const taken = await check(await upstream(question), upstream);
					if (taken !== null) return taken;
					this.refused++;
					failure = new UnconfirmedError(`No node gives an answer to ${question.method} that the chain confirms.`);
				} catch (error) {
					// A refusal of the question itself, such as a range that is too long or a call that reverts, is an answer.
					if (error instanceof RpcError && isFinal(error)) throw error;
					failure = error;
				}
			}
		}
		throw failure;
	}

	#inTurn(lane: number): readonly Upstream[] {
		const first = lane % this.#upstreams.length;
		return [...this.#upstreams.slice(first), ...this.#upstreams.slice(0, first)];
	}

	#remember(block: Header): Header {
		this.#byHash.set(block.hash, headerOf(block));
		this.#byNumber.set(numberOf(block), block.hash);
		for (const memory of [this.#byHash, this.#byNumber] as Map<unknown, unknown>[]) {
			const [oldest] = memory.keys();
			if (memory.size > HEADERS) memory.delete(oldest);
		}
		return block;
	}
}

/** Without what a block carries: only how much that is. */
function headerOf({ number, hash, parentHash, timestamp, logsBloom, transactions }: Header): Header {
	return { number, hash, parentHash, timestamp, logsBloom, transactions: transactions.map(() => null) };
}

const numberOf = ({ number }: Header) => hexToNumber(number);

/** Errors that another node would answer with, too. */
function isFinal({ code, message }: RpcError): boolean {
	return code === 3 || code === METHOD_NOT_FOUND || /revert|range|limit|too many|exceed|not supported/i.test(message);
}

function isWholeBlock(block: Header, logs: readonly RpcLog[]): boolean {
	return isWhole(
		block,
		logs.map((log) => ({ ...log, logIndex: hexToNumber(log.logIndex) })),
	);
}

/** Logs from a block's receipts; null when one is missing. */
async function receivedLogs(upstream: Upstream, block: Header): Promise<RpcLog[] | null> {
	const answer = await upstream({ method: 'eth_getBlockReceipts', params: [block.hash] });
	const receipts = receiptsSchema.safeParse(answer);
	if (!receipts.success || receipts.data.length !== block.transactions.length) return null;
	if (receipts.data.some(({ blockHash }) => blockHash !== block.hash)) return null;
	return receipts.data.flatMap(({ logs }) => logs);
}

function placesOf(logs: readonly RpcLog[]): string {
	return logs
		.map(({ blockHash, logIndex }) => `${blockHash}:${hexToNumber(logIndex)}`)
		.sort()
		.join();
}

function isMatched(log: RpcLog, addresses: readonly Address[] | null, topics: z.output<typeof topicsSchema>): boolean {
	const isOf = addresses === null || addresses.some((address) => address.toLowerCase() === log.address.toLowerCase());
	return isOf && topics.every((topic, at) => topic === null || [topic].flat().includes(log.topics[at] ?? '0x'));
}
