/** PostgreSQL's NOTIFY inside this process: one connection that listens, whichever process wrote. */
import { Client } from 'pg';
import type { Logger } from '../logger.ts';
import { backoff, pause } from '../time.ts';

/** What is announced: new steps of jobs; a source's new reading. */
export const CHANNELS = { activity: 'necto_agent_activity', reading: 'necto_agent_reading' } as const;
export type ChannelName = keyof typeof CHANNELS;

export class Notifications {
	readonly #channels: readonly ChannelName[];
	readonly #listeners = new Map<ChannelName, Set<() => void>>();
	readonly #stop = new AbortController();
	#running: Promise<void> | null = null;

	constructor(channels: readonly ChannelName[]) {
		this.#channels = channels;
	}

	start(url: string, logger: Logger): void {
		this.#running ??= this.#listen(url, logger);
	}

	/**
	 * Calls `listener` after each notification, and whenever the connection was made anew, since notifications may have been missed. The result ends it.
	 */
	subscribe(channel: ChannelName, listener: () => void): () => void {
		const listeners = this.#listeners.get(channel) ?? new Set();
		this.#listeners.set(channel, listeners.add(listener));
		return () => listeners.delete(listener);
	}

	async close(): Promise<void> {
		this.#stop.abort();
		await this.#running;
	}

	async #listen(url: string, logger: Logger): Promise<void> {
		for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
			const client = new Client({
				connectionString: url,
				connectionTimeoutMillis: 10_000,
				application_name: 'necto-agent-notifications',
			});
			try {
				const ended = new Promise<void>((resolve) => {
					client.on('end', resolve);
					client.on('error', (error) => {
						logger.warn({ error }, 'The connection for notifications broke');
						resolve();
					});
					this.#stop.signal.addEventListener('abort', () => resolve(), { once: true });
				});
				client.on('notification', ({ channel }) => this.#tell(channel));
				await client.connect();
				for (const name of this.#channels) await client.query(`LISTEN ${CHANNELS[name]}`);
				attempt = 0;
				// Listeners read what was written before the connection was open.
				for (const name of this.#channels) this.#tell(CHANNELS[name]);
				await ended;
			} catch (error) {
				logger.warn({ error }, 'The database cannot be reached for notifications');
			}
			await client.end().catch(() => undefined);
			if (!this.#stop.signal.aborted) await pause(backoff(attempt, 250, 10_000), this.#stop.signal);
		}
	}

	#tell(channel: string): void {
		for (const [name, listeners] of this.#listeners) {
			if (CHANNELS[name] !== channel) continue;
			for (const listener of listeners) listener();
		}
	}
}
