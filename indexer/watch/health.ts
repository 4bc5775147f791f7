/** How far the index is behind the chain, and whether it is complete: the content of `/health/index`, and the input of the watch. */
import type { Hex } from 'viem';
import type { CheckedRpc, Header } from '../rpc/checked.ts';
import { ageOf, type ChainCounts, type Difference, type Rows } from './compare.ts';
import { RowTurns, type Turn } from './turns.ts';

export interface IndexHealth {
	/** Whether the rows are those of the newest block or of one shortly before it, and none is missing. */
	ok: boolean;
	/** The newest block in the tables, and on chain. */
	block: string;
	head: string;
	behindBlocks: number;
	/** Seconds between the two blocks' times. */
	behindSeconds: number;
	/** Seconds for which no node has known the newest block that was shown. */
	nodesBehindSeconds: number;
	/** Answers of nodes that the chain's headers did not confirm, since the start. */
	refusedAnswers: number;
	/** What the tables have otherwise than the contracts at the same block; null when no node has the state of that block. */
	differences: Difference[] | null;
	/** Whether a block that the rows were made of is not on the chain, though it is deeper than Ponder follows. */
	turned: boolean;
	/** What is wrong, for people; null when nothing is. */
	problem: string | null;
}

/** The tables, as the running app reads them. */
export interface Tables {
	head(): Promise<bigint>;
	/** @param turn rows to compare besides the newest; ids that no row has are left out */
	rows(turn: Turn): Promise<Rows>;
}

/** Later than this, pages show an old market. */
const BEHIND_SECONDS = 60;
/** Less than the time after which a lower head is accepted (`rpc/checked.ts`), which restarts the count. */
const NODES_BEHIND_SECONDS = 30;
const TRIES = 5;

/** What did not answer, or refused, so that nothing could be compared. The cause is its error. */
export class LookFailure extends Error {
	override readonly name = 'LookFailure';
	readonly source: 'chain' | 'database';

	constructor(source: 'chain' | 'database', cause: unknown) {
		super(sentenceOf(source, cause), { cause });
		this.source = source;
	}
}

/** Says of an error in a look whose it is. */
export async function from<T>(source: LookFailure['source'], answer: Promise<T>): Promise<T> {
	try {
		return await answer;
	} catch (error) {
		throw error instanceof LookFailure ? error : new LookFailure(source, error);
	}
}

/** PostgreSQL's code for a role that lacks a right. */
const INSUFFICIENT_PRIVILEGE = '42501';
/** PostgreSQL's codes have five characters. Those of class 57 (it shuts down) and 08 (the connection broke) are of a server that is away. */
const REFUSAL = /^(?!57|08)[0-9A-Z]{5}$/;

function sentenceOf(source: LookFailure['source'], cause: unknown): string {
	if (source === 'chain') return "The chain's RPC does not answer (ADI_RPC_URL).";
	// The query builder wraps PostgreSQL's error.
	for (let error = cause; error instanceof Error; error = error.cause) {
		if (!('code' in error) || typeof error.code !== 'string' || !REFUSAL.test(error.code)) continue;
		return error.code === INSUFFICIENT_PRIVILEGE
			? `The database role of this process lacks a right: ${error.message}. Grant it as in docs/operating.md, "Database roles".`
			: `The database refused a query: ${error.message}.`;
	}
	return 'The database does not answer.';
}

export class HealthCheck {
	readonly #rpc: CheckedRpc;
	readonly #counts: ChainCounts;
	readonly #tables: Tables;
	/** Whether the chain still has a block that the rows were made of. */
	readonly #stands: (block: bigint) => Promise<boolean>;
	readonly #turns = new RowTurns();

	constructor(rpc: CheckedRpc, counts: ChainCounts, tables: Tables, stands: (block: bigint) => Promise<boolean>) {
		this.#rpc = rpc;
		this.#counts = counts;
		this.#tables = tables;
		this.#stands = stands;
	}

	/** Looks once. @throws LookFailure when the database or every node is away, or refuses */
	async look(): Promise<IndexHealth & { hash: Hex }> {
		const head = await from('chain', this.#rpc.latest());
		const turn = this.#turns.next();
		const { block, rows } = await from('database', this.#read(turn));
		const header = await from('chain', this.#rpc.block(Number(block)));
		const differences = rows === null ? null : await this.#differences(rows, header);
		if (rows !== null && differences !== null) this.#turns.done(turn, rows, differences);
		const turned = !(await from('database', this.#stands(block)));
		const behindBlocks = Math.max(0, Number(BigInt(head.number) - block));
		const figures = {
			block: block.toString(),
			head: BigInt(head.number).toString(),
			behindBlocks,
			behindSeconds: behindBlocks === 0 ? 0 : ageOf(head, header),
			nodesBehindSeconds: Math.round((this.#rpc.behindMs ?? 0) / 1_000),
			refusedAnswers: this.#rpc.refused,
			differences,
			turned,
		};
		const problem = problemOf(figures);
		return { ok: problem === null, ...figures, problem, hash: header.hash };
	}

	/** Rows of one block; null when each reading had another block go by. */
	async #read(turn: Turn): Promise<{ block: bigint; rows: Rows | null }> {
		for (let attempt = 0; ; attempt++) {
			const block = await this.#tables.head();
			const rows = await this.#tables.rows(turn);
			if ((await this.#tables.head()) === block) return { block, rows };
			if (attempt >= TRIES) return { block, rows: null };
		}
	}

	async #differences(rows: Rows, { hash }: Header): Promise<Difference[] | null> {
		try {
			return await this.#counts.differences(rows, hash);
		} catch {
			// Nodes keep the state of old blocks for a while only.
			return null;
		}
	}
}

function problemOf(
	figures: Pick<IndexHealth, 'behindSeconds' | 'nodesBehindSeconds' | 'differences' | 'turned'>,
): string | null {
	const { behindSeconds, nodesBehindSeconds, differences, turned } = figures;
	if (turned) return 'The chain was reorganised deeper than the indexer follows: the rows must be rebuilt.';
	const [first] = differences ?? [];
	if (first !== undefined) {
		return `The tables differ from the contracts: ${first.what} ${first.indexed} instead of ${first.chain}.`;
	}
	if (behindSeconds > BEHIND_SECONDS) return `The index is ${behindSeconds} seconds behind the chain.`;
	if (nodesBehindSeconds > NODES_BEHIND_SECONDS) {
		return `All RPC nodes have been behind the newest known block for ${nodesBehindSeconds} seconds. Add another RPC URL to ADI_RPC_URL.`;
	}
	return null;
}
