import type { Quote } from '@necto/core';
import type { SourceHttp } from './http.ts';

/** What a source is given to work with. */
export interface FetchContext {
	/** Fires when the source's time is up or the agent stops. */
	signal: AbortSignal;
	/** The only way out of the house: bounded in size and redirects, and it keeps the hash of what came in. */
	http: SourceHttp;
	/** Unix seconds. */
	now: number;
}

/**
 * Where offers come from. A new network is one file with one of these and its recorded answers in the tests.
 *
 * A source only translates: what its network publishes becomes quotes in the network's own unit, with the unit named. It converts nothing,
 * guesses nothing, and leaves out what has no price.
 */
export interface Source {
	/** Stable; the first half of its quotes' keys: `akash`. */
	id: string;
	/** For people. */
	name: string;
	/** The network its offers run on. */
	network: string;
	/** Where a person can look; never holds a key. */
	url: string | null;
	/** How often it is worth asking. */
	refreshSeconds: number;
	/**
	 * Asks once. No retries, no time-out: the runner has them.
	 *
	 * @throws SourceError with the reason when there is no usable answer
	 */
	fetch(context: FetchContext): Promise<Quote[]>;
}

/** Why a source gave nothing. */
export type SourceFailure =
	| 'unreachable'
	| 'timeout'
	| 'redirects'
	| 'rate-limited'
	| 'status'
	| 'too-large'
	| 'not-json'
	| 'shape'
	| 'behind';

/** A source's failure as it is shown to people: what happened, never its address with a key or its raw answer. */
export class SourceError extends Error {
	override name = 'SourceError';
	readonly failure: SourceFailure;

	constructor(failure: SourceFailure, message: string, options?: ErrorOptions) {
		super(message, options);
		this.failure = failure;
	}

	/** Whether asking again soon can help. A wrong shape stays wrong. */
	get transient(): boolean {
		return (
			this.failure === 'unreachable' ||
			this.failure === 'timeout' ||
			this.failure === 'status' ||
			this.failure === 'behind'
		);
	}
}
