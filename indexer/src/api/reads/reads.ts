import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import { ReadSession, type SessionLimits } from './session.ts';
import { Slots } from './slots.ts';

/** The connections that Ponder reads with. */
export interface Pools {
	/** For what clients ask. */
	readonly readonly: pg.Pool;
	/** For Ponder itself. */
	readonly admin: pg.Pool;
}

export interface ReadsOptions extends SessionLimits {
	/** Requests that read at a time. */
	readonly most: number;
}

/** Who reads: the client that slots are counted by, and the signal that it went away. */
export interface Reader {
	readonly client: string;
	readonly signal: AbortSignal;
}

const QUEUE = 32;
const WAIT_MILLISECONDS = 3_000;
/** SQL of clients can make a backend use a gigabyte whatever its settings, so fewer of them run at a time. */
const MOST_SQL = 2;

/**
 * All that clients read from the database, each request in a session of its own.
 *
 * Ponder's GraphQL and SQL run their statements on its pool `readonly`, and nothing of theirs takes another. So the pool is asked for the session of
 * the request that a statement belongs to; statements that belong to none, such as those of `/status`, pass.
 */
export class Reads {
	readonly #pools: Pools;
	readonly #limits: SessionLimits;
	readonly #all: Slots;
	readonly #sql: Slots;
	readonly #sessions = new AsyncLocalStorage<ReadSession>();
	readonly #connect: () => Promise<pg.PoolClient>;

	constructor(pools: Pools, { most, ...limits }: ReadsOptions) {
		this.#pools = pools;
		this.#limits = limits;
		const share = (all: number) => Math.max(1, Math.ceil(all / 2));
		const wait = { queue: QUEUE, waitMilliseconds: WAIT_MILLISECONDS };
		this.#all = new Slots({ most, mostOfOne: share(most), ...wait });
		this.#sql = new Slots({ most: MOST_SQL, mostOfOne: share(MOST_SQL), ...wait });
		this.#connect = pools.readonly.connect.bind(pools.readonly);
		this.#divert();
	}

	/** The session of the request that is being served. */
	get session(): ReadSession | undefined {
		return this.#sessions.getStore();
	}

	/**
	 * Runs what a request reads.
	 *
	 * @param kind `sql` for statements that the client wrote
	 * @throws NoSlot when too many read already
	 * @throws ReadFailure when the client left, the time is up or the result is too large
	 */
	async run<T>(
		{ client, signal }: Reader,
		kind: 'own' | 'sql',
		work: (session: ReadSession) => Promise<T>,
	): Promise<T> {
		const slots = kind === 'sql' ? [this.#sql, this.#all] : [this.#all];
		const held: (() => void)[] = [];
		const giveBack = () => {
			for (const release of held) release();
		};
		let session: ReadSession;
		try {
			for (const slot of slots) held.push(await slot.acquire(client, signal));
			session = await this.#begin();
		} catch (error) {
			giveBack();
			throw error;
		}
		// A slot is a connection: it is free when the connection is.
		void session.closed.finally(giveBack);
		return session.run(() => this.#sessions.run(session, () => work(session)), this.#limits, signal);
	}

	async #begin(): Promise<ReadSession> {
		const connection = await this.#connect();
		try {
			return await ReadSession.begin(connection, this.#limits, (pid) =>
				this.#pools.admin.query('SELECT pg_cancel_backend($1)', [pid]),
			);
		} catch (error) {
			connection.release(true);
			throw error;
		}
	}

	#divert(): void {
		const pool = this.#pools.readonly;
		const query = pool.query.bind(pool);
		const own = (session: ReadSession) => ({
			query: (statement: string, values?: unknown[]) => session.query(statement, values),
			release: () => undefined,
		});
		Object.defineProperties(pool, {
			query: {
				value: (statement: string, values?: unknown[]) =>
					this.session === undefined ? query(statement, values) : this.session.query(statement, values),
			},
			connect: {
				value: (...args: []) =>
					this.session === undefined ? this.#connect(...args) : Promise.resolve(own(this.session)),
			},
		});
	}
}
