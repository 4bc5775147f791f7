/** `GET /records/{root}`: from the agent's database, or from 0G within limits. */
import type { Hex } from 'viem';
import { UserError } from '../errors.ts';
import { Lru } from '../market/lru.ts';
import { StorageError } from '../zerog/reader.ts';
import { notFound } from './errors.ts';
import { Gate } from './limits/gate.ts';
import { Rate } from './limits/rate.ts';
import type { LimitSettings } from './limits/settings.ts';

/** Bytes of fetched files that are kept. */
const KEPT_BYTES = 32 * 1024 * 1024;
/** For so long a file that was not there is not asked for again. */
const MISSING_MS = 30_000;
const MOST_MISSING = 10_000;
const NEVER = new AbortController().signal;
const FORMAT = /^necto\.(?:record|snapshot)\/\d+$/;

export class RecordFetcher {
	readonly #download: (root: Hex) => Promise<Uint8Array>;
	readonly #now: () => number;
	readonly #gate: Gate;
	readonly #rate: Rate;
	readonly #running = new Map<Hex, Promise<Uint8Array>>();
	readonly #kept = new Lru<Hex, Uint8Array>(KEPT_BYTES, ({ length }) => length);
	/** When each was found missing, the oldest first. Milliseconds. */
	readonly #missing = new Map<Hex, number>();

	/** @param now milliseconds */
	constructor(
		download: (root: Hex) => Promise<Uint8Array>,
		{ downloadsAtOnce, downloadsAMinute }: Pick<LimitSettings, 'downloadsAtOnce' | 'downloadsAMinute'>,
		now: () => number = Date.now,
	) {
		this.#download = download;
		this.#now = now;
		this.#gate = new Gate(downloadsAtOnce, 1);
		this.#rate = new Rate(downloadsAMinute, {
			what: 'downloads from 0G',
			suggestion: 'Wait a minute, or fetch the file from 0G yourself.',
		});
	}

	/**
	 * A record or snapshot of Necto from 0G, proven against its root. The agent is no gateway to other people's files. Those who want the same file at the same time
	 * share one download.
	 *
	 * @throws UserError when there is none, or when the client or all together ask for too much
	 * @throws StorageError when 0G does not answer
	 */
	async fetch(root: Hex, client: string): Promise<Uint8Array> {
		const kept = this.#kept.get(root);
		if (kept !== undefined) return kept;
		if (this.#isMissing(root)) throw notFound('record');
		if (!this.#running.has(root)) await this.#rate.take(client);
		// Somebody else may have begun meanwhile.
		const running = this.#running.get(root);
		if (running !== undefined) return running;
		// Whoever asked first may leave: the others still wait for it.
		const fetching = this.#gate.run(client, NEVER, () => this.#read(root)).finally(() => this.#running.delete(root));
		this.#running.set(root, fetching);
		return fetching;
	}

	async #read(root: Hex): Promise<Uint8Array> {
		try {
			const bytes = await this.#download(root);
			if (!isNectoFile(bytes)) throw notFound('record');
			return this.#kept.take(root, () => bytes);
		} catch (error) {
			const isAbsent = error instanceof UserError || (error instanceof StorageError && error.kind !== 'unavailable');
			if (isAbsent) this.#remember(root);
			throw error;
		}
	}

	#isMissing(root: Hex): boolean {
		const since = this.#missing.get(root);
		return since !== undefined && this.#now() - since < MISSING_MS;
	}

	#remember(root: Hex): void {
		this.#missing.delete(root);
		this.#missing.set(root, this.#now());
		const [oldest] = this.#missing.keys();
		if (this.#missing.size > MOST_MISSING && oldest !== undefined) this.#missing.delete(oldest);
	}
}

/** By its format alone: whether it is a good record is found out by whoever verifies it, and would take seconds of everybody's time here. */
function isNectoFile(bytes: Uint8Array): boolean {
	try {
		const file: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
		return (
			typeof file === 'object' &&
			file !== null &&
			'format' in file &&
			typeof file.format === 'string' &&
			FORMAT.test(file.format)
		);
	} catch {
		return false;
	}
}
