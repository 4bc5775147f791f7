/** A chain with a JobRegistry in memory: its blocks, logs and state at each block, as an honest node knows them. */
import { jobRegistryAbi, type jobStatus, reopenReason } from '@necto/contracts';
import { type ChainRequest, commitmentOf, hashTerms, NOT_ROUTED, type Routing, type Terms } from '@necto/core';
import { encodeAbiParameters, encodeEventTopics, type Hex, hexToBytes, keccak256, numberToHex, toHex } from 'viem';
import { RevertError } from '../../src/chain/reverts.ts';
import { hashStruct } from '../../src/worker/requests.ts';
import { BUYER, chainRequest, PROVIDER, ROUTER } from '../support/standIns.ts';
import type { Random } from './random.ts';

export const REGISTRY: Hex = `0x${'5e'.repeat(20)}`;
const TOKEN: Hex = `0x${'70'.repeat(20)}`;

export interface ModelJob {
	id: bigint;
	request: ChainRequest;
	terms: Terms;
	status: keyof typeof jobStatus;
	time: number;
	/** How often it was routed, and how often it lost its place again. */
	routed: number;
	reopened: number;
}

/** A log as JSON-RPC has it. */
export interface RpcLogOf {
	address: Hex;
	topics: Hex[];
	data: Hex;
	blockNumber: Hex;
	blockHash: Hex;
	transactionHash: Hex;
	transactionIndex: Hex;
	logIndex: Hex;
	removed: false;
}

export interface ModelBlock {
	number: number;
	hash: Hex;
	parentHash: Hex;
	timestamp: number;
	logs: RpcLogOf[];
	bloom: Hex;
	transactions: Hex[];
	/** State after the block. */
	jobs: ReadonlyMap<bigint, ModelJob>;
}

type NewLog = Pick<RpcLogOf, 'address' | 'topics' | 'data'>;

const EMPTY_BLOOM: Hex = `0x${'00'.repeat(256)}`;

/** Written apart from the product's, so that one mistake cannot hide in both. */
function bloomOf(logs: readonly NewLog[]): Hex {
	let bits = 0n;
	for (const value of logs.flatMap(({ address, topics }) => [address, ...topics])) {
		const hash = hexToBytes(keccak256(value));
		for (const at of [0, 2, 4]) bits |= 1n << BigInt((((hash[at] ?? 0) * 256 + (hash[at + 1] ?? 0)) % 2048) as number);
	}
	return bits === 0n ? EMPTY_BLOOM : toHex(bits, { size: 256 });
}

export class ChainModel {
	readonly #random: Random;
	readonly #blocks: ModelBlock[] = [];
	/** Blocks that a reorganisation took away. */
	readonly orphans = new Map<Hex, ModelBlock>();
	readonly withBloom: boolean;
	#salt = 0;

	/** @param withBloom whether headers have a bloom filter: some chains fill none */
	constructor(random: Random, now: number, withBloom: boolean) {
		this.#random = random;
		this.withBloom = withBloom;
		this.#blocks.push({
			number: 0,
			hash: this.#hash(),
			parentHash: `0x${'00'.repeat(32)}`,
			timestamp: now - 200,
			logs: [],
			bloom: EMPTY_BLOOM,
			transactions: [],
			jobs: new Map(),
		});
	}

	get head(): ModelBlock {
		const head = this.#blocks.at(-1);
		if (head === undefined) throw new Error('The chain is empty.');
		return head;
	}

	get jobs(): readonly ModelJob[] {
		return [...this.head.jobs.values()];
	}

	at(number: number): ModelBlock | undefined {
		return this.#blocks[number];
	}

	/** Blocks from the first to a number. */
	upTo(number: number): readonly ModelBlock[] {
		return this.#blocks.slice(1, number + 1);
	}

	byHash(hash: Hex): ModelBlock | undefined {
		return this.#blocks.find((block) => block.hash === hash);
	}

	/** A block that nothing of ours happens in; some have transfers of another contract. */
	mine(): void {
		const quiet = this.#random.chance(0.5);
		this.#append(quiet ? [] : [[this.#transfer()]], this.head.jobs);
	}

	/** Jobs of one buyer in one block, so that a block has several logs with much the same topics. */
	request(count: number): bigint[] {
		const jobs = new Map(this.head.jobs);
		const time = this.head.timestamp + 1;
		const logs: NewLog[][] = [];
		const ids: bigint[] = [];
		for (let index = 0; index < count; index++) {
			const id = BigInt(jobs.size) + 1n;
			const wide = this.#random.chance(0.25);
			const gpuCount = wide ? 10 : 1 + this.#random.below(3);
			const request = chainRequest(Math.floor(Date.now() / 1000), {
				gpuCount,
				maxParts: wide ? 4 : 0,
				duration: 3_600 + this.#random.below(1_000),
			});
			const locked = BigInt(gpuCount) * 5_000_000n + BigInt(this.#random.below(1_000));
			this.#open(jobs, id, request, locked, time);
			logs.push([this.#transfer(), this.#requested(id, request, locked)]);
			ids.push(id);
		}
		this.#append(logs, jobs);
		return ids;
	}

	cancel(id: bigint): void {
		this.#change(id, ['requested', 'routed'], (job) => ({
			job: { ...job, status: 'cancelled' },
			logs: [this.#event('JobCancelled', { job: id }, [['uint64', 0n]])],
		}));
	}

	/** The provider gives the job back. */
	decline(id: bigint): void {
		this.#change(id, ['routed'], (job) => ({
			job: {
				...job,
				status: 'requested',
				terms: { ...job.terms, ...NOT_ROUTED },
				time: job.request.routeDeadline,
				reopened: job.reopened + 1,
			},
			logs: [
				this.#event('JobReopened', { job: id, listing: job.terms.listing, provider: job.terms.provider }, [
					['uint8', reopenReason.declined],
				]),
			],
		}));
	}

	/** @throws RevertError as the contract does */
	route(id: bigint, terms: Terms, routing: Routing): void {
		const { status, terms: agreed, request } = this.#agreed(id, terms);
		if (status !== 'requested') throw new RevertError('WrongStatus', [id]);
		const routedAt = this.head.timestamp + 1;
		const commitment = commitmentOf({ jobId: id, requestHash: agreed.requestHash, provider: PROVIDER, routing });
		const { listing, listingVersion, pricePerGpuHour, candidatesRoot, recordRoot, recordHash } = routing;
		const place = { provider: PROVIDER, listing, pricePerGpuHour, fee: 25, router: ROUTER, routedAt, commitment };
		this.#change(id, ['requested'], (job) => ({
			job: {
				...job,
				status: 'routed',
				terms: { ...job.terms, ...place },
				time: routedAt + request.startWindow,
				routed: job.routed + 1,
			},
			logs: [
				this.#event('JobRouted', { job: id, listing, provider: PROVIDER }, [
					['uint32', listingVersion],
					['uint64', pricePerGpuHour],
					['uint16', place.fee],
					['address', ROUTER],
					['uint40', routedAt + request.startWindow],
					['bytes32', candidatesRoot],
					['bytes32', recordRoot],
					['bytes32', recordHash],
					['bytes32', commitment],
				]),
			],
		}));
	}

	/** @throws RevertError as the contract does */
	split(id: bigint, terms: Terms, parts: readonly number[]): void {
		const whole = this.#agreed(id, terms);
		if (whole.status !== 'requested') throw new RevertError('WrongStatus', [id]);
		const jobs = new Map(this.head.jobs);
		jobs.set(id, { ...whole, status: 'split' });
		const first = BigInt(jobs.size) + 1n;
		const logs = parts.map((gpuCount, index) => {
			const part = first + BigInt(index);
			const request = { ...whole.request, gpuCount, maxParts: 0 };
			const locked = (whole.terms.locked * BigInt(gpuCount)) / BigInt(whole.request.gpuCount);
			this.#open(jobs, part, request, locked, whole.terms.requestedAt);
			return this.#requested(part, request, locked);
		});
		logs.push(
			this.#event('JobSplit', { job: id, firstPart: first }, [
				['uint8', parts.length],
				['uint64', 0n],
			]),
		);
		this.#append([logs], jobs);
	}

	/** Takes the newest blocks away; what was in them is lost, and others follow. */
	reorganise(depth: number): void {
		for (const block of this.#blocks.splice(Math.max(1, this.#blocks.length - depth))) {
			this.orphans.set(block.hash, block);
		}
		const height = this.#random.below(depth + 2);
		for (let index = 0; index < height; index++) this.mine();
	}

	#agreed(id: bigint, terms: Terms): ModelJob {
		const job = this.head.jobs.get(id);
		if (job === undefined) throw new RevertError('UnknownJob', [id]);
		if (hashTerms(terms) !== hashTerms(job.terms)) throw new RevertError('TermsMismatch', [id]);
		return job;
	}

	#change(
		id: bigint,
		from: readonly ModelJob['status'][],
		change: (job: ModelJob) => { job: ModelJob; logs: NewLog[] },
	): void {
		const job = this.head.jobs.get(id);
		if (job === undefined || !from.includes(job.status)) return;
		const changed = change(job);
		this.#append([changed.logs], new Map(this.head.jobs).set(id, changed.job));
	}

	#open(jobs: Map<bigint, ModelJob>, id: bigint, request: ChainRequest, locked: bigint, requestedAt: number): void {
		const terms: Terms = {
			requester: BUYER,
			team: 0,
			requestedAt,
			routeDeadline: request.routeDeadline,
			gpuCount: request.gpuCount,
			duration: request.duration,
			locked,
			requestHash: hashStruct(request),
			...NOT_ROUTED,
		};
		jobs.set(id, { id, request, terms, status: 'requested', time: request.routeDeadline, routed: 0, reopened: 0 });
	}

	#requested(job: bigint, request: ChainRequest, locked: bigint): NewLog {
		const item = jobRegistryAbi.find((entry) => entry.type === 'event' && entry.name === 'JobRequested');
		if (item?.type !== 'event') throw new Error('There is no such event.');
		const topics = encodeEventTopics({
			abi: jobRegistryAbi,
			eventName: 'JobRequested',
			args: { job, requester: BUYER, team: 0 },
		});
		const inputs = item.inputs.filter((input) => !('indexed' in input && input.indexed));
		return { address: REGISTRY, topics: topics as Hex[], data: encodeAbiParameters(inputs, ['h100', locked, request]) };
	}

	#event(
		eventName: 'JobCancelled' | 'JobReopened' | 'JobRouted' | 'JobSplit',
		args: Record<string, unknown>,
		data: readonly (readonly [type: string, value: unknown])[],
	): NewLog {
		const topics = encodeEventTopics({ abi: jobRegistryAbi, eventName, args: args as never });
		return {
			address: REGISTRY,
			topics: topics as Hex[],
			data: encodeAbiParameters(
				data.map(([type]) => ({ type })),
				data.map(([, value]) => value),
			),
		};
	}

	/** Of another contract. Its topics are none of ours: a last log whose topics all occur in earlier ones is what no header shows missing. */
	#transfer(): NewLog {
		const topic = (seed: number): Hex => toHex(seed, { size: 32 });
		return {
			address: TOKEN,
			topics: [topic(1_000), topic(1_001 + this.#random.below(1_000_000)), topic(1_000)],
			data: '0x01',
		};
	}

	#append(transactions: readonly NewLog[][], jobs: ReadonlyMap<bigint, ModelJob>): void {
		const parent = this.head;
		const number = parent.number + 1;
		const hash = this.#hash();
		const hashes = transactions.map(() => this.#hash());
		const logs = transactions.flatMap((transaction, at) =>
			transaction.map((log) => ({
				...log,
				blockNumber: numberToHex(number),
				blockHash: hash,
				transactionHash: hashes[at] ?? hash,
				transactionIndex: numberToHex(at),
				removed: false as const,
			})),
		);
		this.#blocks.push({
			number,
			hash,
			parentHash: parent.hash,
			timestamp: parent.timestamp + 1,
			logs: logs.map((log, index) => ({ ...log, logIndex: numberToHex(index) })),
			bloom: this.withBloom ? bloomOf(logs) : EMPTY_BLOOM,
			transactions: hashes,
			jobs,
		});
	}

	#hash(): Hex {
		return keccak256(toHex(`${this.#random.next()} ${this.#salt++}`));
	}
}
