import { TABLES, type TableName } from '../tables.ts';
import type { Change } from './change.ts';

/** The newest block that is in the tables. */
export interface Head {
	readonly block: bigint;
	/** Differs between two blocks of one height, unless they are of the same second. */
	readonly mark: string;
}

/** What the feed reads from the tables. */
export interface Index {
	head(): Promise<Head>;
	/** The jobs whose rows changed in blocks above `block`. */
	jobsAbove(block: bigint): Promise<bigint[]>;
}

/** How the feed hears of new blocks. */
export interface Bell {
	/**
	 * Starts to listen.
	 *
	 * @param onBlock called when a block's rows are committed, with the tables that changed
	 * @param onGap called when listening was interrupted and works again
	 * @returns how to stop, once it is listening
	 */
	listen(onBlock: (tables: TableName[]) => void, onGap: () => void): Promise<() => Promise<void>>;
}

/** For how many blocks it is remembered which jobs changed. Ponder follows reorganisations of 30. */
const REMEMBERED_BLOCKS = 64n;

/**
 * Tells subscribers what changed, block by block. It listens only while somebody subscribes.
 *
 * When the chain is reorganised, Ponder takes rows back without a word and then announces the new blocks, the lowest first: a head that
 * went back is such a case, and then everything may have changed, also the jobs that only the abandoned blocks had.
 */
export class ChangeFeed {
	readonly #index: Index;
	readonly #bell: Bell;
	readonly #subscribers = new Set<(change: Change) => void>();
	readonly #told = new Map<bigint, readonly bigint[]>();
	#listening: Promise<() => Promise<void>> | undefined;
	#head: Head | undefined;
	/** Tables heard of and not yet told; undefined if there is nothing to tell. */
	#heard: Set<TableName> | undefined;
	#isTelling = false;
	/** Blocks seen without a ring of their own yet. Each block rings once; below zero, a height rang twice: its block was replaced. */
	#ahead = 0n;

	constructor(index: Index, bell: Bell) {
		this.#index = index;
		this.#bell = bell;
	}

	/** How many subscribers there are. */
	get size(): number {
		return this.#subscribers.size;
	}

	/**
	 * Calls `subscriber` with every change from now on. Resolves once nothing can be missed any more.
	 *
	 * @returns how to end the subscription
	 */
	async subscribe(subscriber: (change: Change) => void): Promise<() => void> {
		this.#subscribers.add(subscriber);
		const unsubscribe = () => {
			this.#subscribers.delete(subscriber);
			if (this.#subscribers.size === 0) this.#stop();
		};
		try {
			this.#listening ??= this.#start();
			await this.#listening;
		} catch (error) {
			this.#listening = undefined;
			unsubscribe();
			throw error;
		}
		return unsubscribe;
	}

	/** What may have changed since a block: for somebody who comes back. Every table, and the jobs that did. */
	async since(block: bigint | undefined): Promise<Change> {
		const head = await this.#index.head();
		const jobs = block === undefined ? [] : await this.#index.jobsAbove(block < head.block ? block : head.block - 1n);
		return { block: head.block, tables: TABLES, jobs };
	}

	async #start(): Promise<() => Promise<void>> {
		const stop = await this.#bell.listen(
			(tables) => {
				this.#ahead -= 1n;
				this.#hear(tables);
			},
			() => this.#hear(TABLES),
		);
		this.#head = await this.#index.head();
		this.#ahead = 0n;
		return stop;
	}

	#stop(): void {
		const listening = this.#listening;
		this.#listening = undefined;
		this.#heard = undefined;
		this.#head = undefined;
		this.#told.clear();
		// A start that failed has told whoever asked for it.
		listening?.then((stop) => stop()).catch(() => undefined);
	}

	#hear(tables: readonly TableName[]): void {
		this.#heard ??= new Set();
		for (const table of tables) this.#heard.add(table);
		if (!this.#isTelling) void this.#tell();
	}

	async #tell(): Promise<void> {
		this.#isTelling = true;
		try {
			while (this.#heard !== undefined) {
				const heard = this.#heard;
				this.#heard = undefined;
				const change = await this.#read(heard);
				if (change.tables.length > 0) for (const subscriber of this.#subscribers) subscriber(change);
			}
		} catch {
			// The database went away between the bell and the question. The bell hangs on the same database: it will report a gap.
		} finally {
			this.#isTelling = false;
		}
	}

	async #read(heard: ReadonlySet<TableName>): Promise<Change> {
		const head = await this.#index.head();
		const before = this.#head ?? head;
		this.#ahead += head.block - before.block;
		const isReorganised =
			head.block < before.block || (head.block === before.block && (head.mark !== before.mark || this.#ahead < 0n));
		if (this.#ahead < 0n || isReorganised) this.#ahead = 0n;
		// The bell rings once a block, but we may have seen two blocks at the first ring already: the second ring looks at the last again.
		const from = head.block > before.block ? before.block : head.block - 1n;
		const found = isReorganised || heard.has('job') ? await this.#index.jobsAbove(from) : [];
		const jobs = isReorganised ? [...new Set([...found, ...this.#toldAbove(from)])] : found;
		this.#head = head;
		this.#remember(head.block, jobs);
		return { block: head.block, tables: isReorganised ? TABLES : TABLES.filter((table) => heard.has(table)), jobs };
	}

	#toldAbove(block: bigint): bigint[] {
		return [...this.#told].flatMap(([at, jobs]) => (at > block ? jobs : []));
	}

	#remember(block: bigint, jobs: readonly bigint[]): void {
		if (jobs.length > 0) this.#told.set(block, [...new Set([...(this.#told.get(block) ?? []), ...jobs])]);
		for (const at of this.#told.keys()) if (at > block || at + REMEMBERED_BLOCKS < block) this.#told.delete(at);
	}
}
