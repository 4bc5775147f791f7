import type pg from 'pg';

/** Why the database did not answer a request. */
export type Reason =
	/** The client went away. */
	| 'left'
	| 'timeout'
	| 'too-large'
	/** The database refused a statement: a mistake of the query, or of ours. */
	| 'refused';

export class ReadFailure extends Error {
	override readonly name = 'ReadFailure';
	readonly reason: Reason;

	constructor(reason: Reason, message: string, cause?: unknown) {
		super(message, { cause });
		this.reason = reason;
	}
}

export interface SessionLimits {
	readonly milliseconds: number;
	/** Bytes that the database may send. */
	readonly bytes: number;
}

/** PostgreSQL's code of a statement that was cancelled, by its timeout or from outside. */
const CANCELLED = '57014';
const PATIENCE_MILLISECONDS = 1_000;
/** Memory of one sort or hash. Ponder's connections have 512 MB, with which a few strangers fill a machine. */
const WORK_MEMORY = '16MB';
const TRANSACTION_CONTROL = /^(begin|commit|rollback)\b/;

/** Statements as `pg` and drizzle hand them to a connection. */
type Statement = string | { readonly text: string };

/**
 * What one request reads: one connection, in one read-only transaction that is rolled back at the end, so that nothing a query sets outlives it.
 * It ends when the client leaves, the time is up or the database has sent too much; what then still runs in the database is cancelled there.
 */
export class ReadSession {
	readonly #client: pg.PoolClient;
	readonly #cancel: (pid: number) => Promise<unknown>;
	readonly #pid: number;
	#failure: ReadFailure | undefined;
	/** Statements that run or wait for their turn. */
	#running = 0;
	#last: Promise<void> = Promise.resolve();
	#onIdle: () => void = () => undefined;
	#fail: (failure: ReadFailure) => void = () => undefined;
	/** Rejects when the session ends before its work. */
	readonly #ended: Promise<never>;
	readonly #closed = Promise.withResolvers<void>();

	private constructor(client: pg.PoolClient, pid: number, cancel: (pid: number) => Promise<unknown>) {
		this.#client = client;
		this.#pid = pid;
		this.#cancel = cancel;
		this.#ended = new Promise((_, reject) => {
			this.#fail = reject;
		});
		// Whoever waits for the work hears of it; a session whose work is over has nobody to tell.
		this.#ended.catch(() => undefined);
	}

	/**
	 * Begins the transaction. One snapshot for all statements of a request, so that its answer is of one block.
	 *
	 * @param cancel cancels what a backend runs, over another connection
	 */
	static async begin(
		client: pg.PoolClient,
		limits: SessionLimits,
		cancel: (pid: number) => Promise<unknown>,
	): Promise<ReadSession> {
		// Several statements at once give several results, which the types of pg do not say.
		const results = (await client.query(
			`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
			SET LOCAL statement_timeout = ${limits.milliseconds};
			SET LOCAL work_mem = '${WORK_MEMORY}';
			SET LOCAL max_parallel_workers_per_gather = 0;
			SELECT pg_backend_pid() AS pid`,
		)) as unknown as readonly pg.QueryResult<{ pid: number }>[];
		const pid = results.at(-1)?.rows[0]?.pid;
		if (pid === undefined) throw new Error('The database does not say which backend it is.');
		return new ReadSession(client, pid, cancel);
	}

	get failure(): ReadFailure | undefined {
		return this.#failure;
	}

	/** Resolves once the connection is free for somebody else, or closed. */
	get closed(): Promise<void> {
		return this.#closed.promise;
	}

	/** Runs a statement on this session's connection. */
	async query(statement: Statement, values?: unknown[]): Promise<pg.QueryResult> {
		this.#throwIfOver();
		const text = typeof statement === 'string' ? statement : statement.text;
		// Ponder puts a transaction around SQL of clients; it is in one already.
		if (TRANSACTION_CONTROL.test(text)) return { rows: [], rowCount: 0, fields: [], command: '', oid: 0 };
		this.#running += 1;
		// One after the other: a connection runs one statement at a time.
		const before = this.#last;
		const turn = Promise.withResolvers<void>();
		this.#last = turn.promise;
		try {
			await before;
			this.#throwIfOver();
			return await this.#client.query(statement, values);
		} catch (error) {
			this.#refuse(error);
			throw error;
		} finally {
			turn.resolve();
			this.#running -= 1;
			if (this.#running === 0) this.#onIdle();
		}
	}

	/**
	 * Does a request's work on this session, and then ends the session.
	 *
	 * @throws ReadFailure when the client left, the time is up or the result is too large
	 */
	async run<T>(work: () => Promise<T>, limits: SessionLimits, signal: AbortSignal): Promise<T> {
		const onAbort = () => this.#stop(new ReadFailure('left', 'The client went away.'));
		const timer = setTimeout(
			() => this.#stop(new ReadFailure('timeout', 'The request timed out.')),
			limits.milliseconds,
		);
		const { stream } = this.#client.connection;
		let bytes = 0;
		const count = (chunk: Buffer) => {
			bytes += chunk.length;
			if (bytes <= limits.bytes || this.#failure?.reason === 'too-large') return;
			this.#stop(new ReadFailure('too-large', 'The database sent too much.'));
			// A single huge value cannot be cancelled any more once it is on its way.
			stream.destroy();
		};
		stream.on('data', count);
		signal.addEventListener('abort', onAbort);
		try {
			if (signal.aborted) onAbort();
			return await Promise.race([work(), this.#ended]);
		} finally {
			clearTimeout(timer);
			signal.removeEventListener('abort', onAbort);
			// Not part of the answer: a slow end would hold up a result that is there.
			void this.#end().finally(() => stream.off('data', count));
		}
	}

	#throwIfOver(): void {
		// Ponder tries a failed statement nine times more over a minute, unless the message says that something "does not exist".
		if (this.#failure !== undefined) throw new Error(`The session does not exist any more: ${this.#failure.reason}.`);
	}

	#refuse(error: unknown): void {
		if (this.#failure !== undefined) return;
		const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
		const message = error instanceof Error ? error.message : String(error);
		if (code === CANCELLED) this.#stop(new ReadFailure('timeout', message, error));
		else this.#failure = new ReadFailure('refused', message, error);
	}

	#stop(failure: ReadFailure): void {
		this.#failure = failure;
		this.#fail(failure);
	}

	async #end(): Promise<void> {
		// Work that goes on although nobody waits for it gets no further statement.
		this.#failure ??= new ReadFailure('left', 'The request is over.');
		try {
			if (this.#running > 0) {
				const idle = new Promise<void>((resolve) => {
					this.#onIdle = resolve;
				});
				await this.#cancel(this.#pid).catch(() => undefined);
				await atMost(idle);
			}
			if (this.#running > 0) throw new Error('The backend does not stop.');
			await atMost(this.#client.query('ROLLBACK'));
			this.#client.release();
		} catch {
			this.#client.release(true);
		} finally {
			this.#closed.resolve();
		}
	}
}

async function atMost(work: Promise<unknown>): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error('It takes too long.')), PATIENCE_MILLISECONDS);
	});
	try {
		await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}
