/**
 * Locks between agents that share a database: PostgreSQL's advisory locks of one session. The session ends with the process, so a
 * killed agent's locks are free at once, and the next one goes on without waiting for a lease to run out.
 */
import { Client } from 'pg';
import type { Logger } from '../logger.ts';
import { pause } from '../time.ts';

/** A lock that is held. The signal fires if the session breaks: then somebody else may hold the lock, so the work has to stop. */
export interface Held {
	signal: AbortSignal;
	release(): Promise<void>;
}

export class Locks {
	readonly #url: string;
	readonly #logger: Logger;
	#client: Client | null = null;
	#connecting: Promise<Client> | null = null;
	/** Advisory locks are re-entrant inside one session; this set makes them exclusive inside the process too. */
	readonly #held = new Map<string, AbortController>();

	constructor(url: string, logger: Logger) {
		this.#url = url;
		this.#logger = logger;
	}

	/** Takes the lock, or says null when somebody else holds it. */
	async tryAcquire(name: string): Promise<Held | null> {
		if (this.#held.has(name)) return null;
		const lost = new AbortController();
		this.#held.set(name, lost);
		try {
			const client = await this.#connection();
			const { rows } = await client.query<{ locked: boolean }>(
				'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
				[`necto:${name}`],
			);
			if (rows[0]?.locked === true && !lost.signal.aborted) {
				return { signal: lost.signal, release: () => this.#release(name, lost) };
			}
		} catch (error) {
			if (this.#held.get(name) === lost) this.#held.delete(name);
			throw error;
		}
		if (this.#held.get(name) === lost) this.#held.delete(name);
		return null;
	}

	/** Waits for the lock, until the signal fires. */
	async acquire(name: string, signal: AbortSignal): Promise<Held> {
		for (;;) {
			const held = await this.tryAcquire(name);
			if (held !== null) return held;
			await pause(10 + Math.random() * 40, signal);
			signal.throwIfAborted();
		}
	}

	async close(): Promise<void> {
		const client = this.#client;
		this.#client = null;
		await client?.end();
	}

	async #release(name: string, lost: AbortController): Promise<void> {
		if (this.#held.get(name) !== lost) return;
		try {
			await this.#client?.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [`necto:${name}`]);
		} catch (error) {
			this.#logger.warn({ error }, 'A lock was not given back; it ends with its session');
		} finally {
			if (this.#held.get(name) === lost) this.#held.delete(name);
		}
	}

	#connection(): Promise<Client> {
		if (this.#client !== null) return Promise.resolve(this.#client);
		this.#connecting ??= this.#connect().finally(() => {
			this.#connecting = null;
		});
		return this.#connecting;
	}

	async #connect(): Promise<Client> {
		const client = new Client({
			connectionString: this.#url,
			connectionTimeoutMillis: 10_000,
			keepAlive: true,
			application_name: 'necto-agent-locks',
		});
		const broken = (error?: Error) => {
			if (this.#client !== client) return;
			this.#client = null;
			if (error !== undefined) this.#logger.warn({ error }, 'The session that holds the locks broke');
			const lost = [...this.#held.values()];
			this.#held.clear();
			for (const controller of lost) controller.abort(new Error('The database session that held the lock broke.'));
		};
		client.on('error', broken);
		client.on('end', () => broken());
		await client.connect();
		// A silently dead peer must not keep a lock for the two hours that TCP would wait.
		await client.query('SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3');
		this.#client = client;
		return client;
	}
}
