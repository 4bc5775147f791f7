import type { InferenceOffer, Quote } from '@necto/core';
import { named } from '../../outside/words.ts';
import type { Secret } from '../../secret.ts';
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

/** What a source said. */
export interface SourceAnswer {
	quotes: Quote[];
	/** Rows that made no offer, by reason in a few words: `no price`. */
	left: Readonly<Record<string, number>>;
	/** What is missing of the answer, as a sentence: a page that did not come. Null when it is all there. */
	incomplete: string | null;
	/** Tokens of language models, which are no GPU-hours. */
	inference?: InferenceOffer[];
}

/** A source's settings as the operator gave them. */
export interface SourceSettings {
	/** Without a slash at the end. */
	baseUrl: string;
	/** In the order of the definition's `keys`; null unless all of them are set. */
	keys: readonly Secret[] | null;
	/** The definition's `options`, by the name of the setting. */
	options: Readonly<Record<string, string>>;
	refreshSeconds: number;
	timeoutMs: number;
}

/**
 * Where offers come from. A new network is one file with one of these, a line in `all.ts`, and its answers, good and bad, in the tests.
 *
 * A source only translates: what its network publishes becomes quotes in the network's own unit, with the unit named. It converts nothing,
 * guesses nothing, and leaves out what has no price.
 */
export interface SourceDefinition {
	/** Stable; the first half of its quotes' keys: `akash`. */
	id: string;
	/** For people. */
	name: string;
	/** The network its offers run on. */
	network: string;
	/** Where a person can look; never holds a key. */
	url: string | null;
	/** What its figures are and are not: shown beside them. */
	about: string;
	/** Begins the names of its settings: `AKASH` for AKASH_BASE_URL, AKASH_REFRESH_SECONDS, AKASH_TIMEOUT_MS. */
	prefix: string;
	/** Default of the base URL; empty when there is none and the operator has to give it. */
	baseUrl: string;
	/** Names of the settings with its keys: `['LAMBDA_API_KEY']`. Each can also be given as a file, with `_FILE` behind the name. */
	keys: readonly string[];
	/** Whether it gives nothing without its keys. */
	needsKeys: boolean;
	/** The one of its options without which it has nothing to ask or read, and what is said of it without: how to have its offers. */
	needs?: { option: string; lacking: string };
	/** Settings of its own, with their defaults. */
	options?: Readonly<Record<string, { value: string; about: string }>>;
	/** How often it is worth asking. */
	refreshSeconds: number;
	/** How long it may take, retries included; the common setting without. */
	timeoutMs?: number;
	/** Most bytes of one answer; 8 MiB without. */
	maxBytes?: number;
	/**
	 * Asks once. No retries, no time-out: the runner has them.
	 *
	 * @throws SourceError with the reason when there is no usable answer
	 */
	fetch(context: FetchContext, settings: SourceSettings): Promise<SourceAnswer>;
	/**
	 * Reads an answer of the network that lies in a file: parsed JSON, or text for what is not JSON. For trying out what Necto makes of it.
	 *
	 * @param taken unix seconds, as which the figures are dated
	 * @throws SourceError when it is not such an answer
	 */
	read?(body: unknown, taken: number): SourceAnswer;
}

/** A source as the runner asks it: a definition with its settings. */
export interface Source {
	id: string;
	name: string;
	network: string;
	url: string | null;
	refreshSeconds: number;
	/** Null for the common one. */
	timeoutMs: number | null;
	maxBytes: number | null;
	fetch(context: FetchContext): Promise<SourceAnswer>;
}

export function bindSource(definition: SourceDefinition, settings: SourceSettings): Source {
	const { id, name, network, url, maxBytes } = definition;
	return {
		id,
		name,
		network,
		url,
		refreshSeconds: settings.refreshSeconds,
		timeoutMs: settings.timeoutMs,
		maxBytes: maxBytes ?? null,
		fetch: (context) => definition.fetch(context, settings),
	};
}

/** Why a source gave nothing. */
export const FAILURES = [
	'unreachable',
	'timeout',
	'redirects',
	'rate-limited',
	'refused',
	'status',
	'too-large',
	'not-json',
	'shape',
	'behind',
] as const;
export type SourceFailure = (typeof FAILURES)[number];

/**
 * A source's failure as it is shown to people: what happened, never its address with a key or its raw answer. A message begins with "It" or "Its" until `naming`
 * puts in which source it was, which the runner and `BoundedHttp` do.
 */
export class SourceError extends Error {
	override name = 'SourceError';
	readonly failure: SourceFailure;

	constructor(failure: SourceFailure, message: string, options?: ErrorOptions) {
		super(message, options);
		this.failure = failure;
	}

	/** Names the source in a message that begins with "It" or "Its". @param subject begins a sentence: `Akash`, `The indexer` */
	naming(subject: string): this {
		this.message = named(subject, this.message);
		return this;
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

/** An answer in which one name stands twice, so that it can be read in two ways. */
export class AmbiguousAnswer extends SourceError {
	override name = 'AmbiguousAnswer';

	/** @param where begins the sentence: `Its table has the column` */
	constructor(where: string, repeated: string) {
		super('shape', `${where} "${repeated.slice(0, 60)}" twice, so nobody can tell which of the two holds.`);
	}
}
