/** HTTP for sources. Whatever is at the other end is untrusted: size, time, redirects and type are bounded before a byte is believed. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, type Hex } from 'viem';
import { boundedParts, OutsideError } from '../../outside/fetch.ts';
import { requestFailure } from '../../outside/words.ts';
import { parseJson } from '../reading/json.ts';
import { SourceError, type SourceFailure } from './source.ts';

const MAX_BYTES = 8 * 1024 * 1024;
/** Of all answers to one refresh together, streams included. */
const MAX_TOTAL_BYTES = 1024 * 1024 * 1024;
const MAX_REDIRECTS = 3;

export interface RequestOptions {
	headers?: Record<string, string>;
	/** Sent as JSON by POST. */
	body?: unknown;
	/** Sent by POST as it is, with its content type. */
	form?: { type: string; text: string };
}

export interface SourceHttp {
	/**
	 * GETs JSON, or POSTs a body.
	 *
	 * @throws SourceError for everything that is not a JSON answer with status 200
	 */
	json(url: string, options?: RequestOptions): Promise<unknown>;
	/**
	 * The same for text of a content type that the pattern fits: CSV, XML, a script.
	 *
	 * @throws SourceError for everything else
	 */
	text(url: string, type: RegExp, options?: RequestOptions): Promise<string>;
	/**
	 * The same for what is too large to hold: the parts as they come. Bounded by time and by the bytes of the whole refresh only.
	 *
	 * @throws SourceError for everything else
	 */
	stream(url: string, type: RegExp, options?: RequestOptions): AsyncIterable<Uint8Array>;
}

export class BoundedHttp implements SourceHttp {
	readonly #signal: AbortSignal;
	readonly #subject: string;
	readonly #maxBytes: number;
	/** Of each body, in the order in which they came. */
	readonly #hashes: Uint8Array[] = [];
	#total = 0;

	/** @param subject names the party in errors, and begins a sentence: `The indexer` */
	constructor(signal: AbortSignal, subject: string, maxBytes = MAX_BYTES) {
		this.#signal = signal;
		this.#subject = subject;
		this.#maxBytes = maxBytes;
	}

	/** For the snapshot: keccak256 of the body; of several bodies, keccak256 of their hashes one after the other. Null before the first. */
	get bodyHash(): Hex | null {
		const [first, ...others] = this.#hashes;
		if (first === undefined) return null;
		return bytesToHex(others.length === 0 ? first : keccak_256(Buffer.concat(this.#hashes)));
	}

	async json(url: string, options: RequestOptions = {}): Promise<unknown> {
		const bytes = await this.#whole(url, /\bjson\b/i, 'JSON', options);
		let text: string;
		try {
			text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
		} catch (cause) {
			throw this.#error('not-json', 'Its answer is not complete JSON.', { cause });
		}
		try {
			return parseJson(text);
		} catch (error) {
			throw error instanceof SourceError ? error.naming(this.#subject) : error;
		}
	}

	async text(url: string, type: RegExp, options: RequestOptions = {}): Promise<string> {
		const bytes = await this.#whole(url, type, 'text', options);
		try {
			return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
		} catch (cause) {
			throw this.#error('not-json', 'Its answer is not text.', { cause });
		}
	}

	async *stream(url: string, type: RegExp, options: RequestOptions = {}): AsyncIterable<Uint8Array> {
		const response = await this.#answer(url, type, 'text', options);
		yield* this.#parts(response, Number.POSITIVE_INFINITY);
	}

	async #whole(url: string, type: RegExp, what: string, options: RequestOptions): Promise<Uint8Array> {
		const response = await this.#answer(url, type, what, options);
		const parts: Uint8Array[] = [];
		for await (const part of this.#parts(response, this.#maxBytes)) parts.push(part);
		return Buffer.concat(parts);
	}

	async #answer(url: string, type: RegExp, what: string, options: RequestOptions): Promise<Response> {
		const response = await this.#follow(new URL(url), options);
		const problem = problemOf(response, type, what);
		if (problem === null) return response;
		await response.body?.cancel();
		throw problem.naming(this.#subject);
	}

	async #follow(first: URL, options: RequestOptions): Promise<Response> {
		let url = first;
		for (let redirects = 0; ; redirects++) {
			const response = await this.#send(url, first, options);
			const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
			if (location === null) return response;
			await response.body?.cancel();
			if (redirects === MAX_REDIRECTS) throw this.#error('redirects', `It redirects more than ${MAX_REDIRECTS} times.`);
			const next = URL.parse(location, url.href);
			if (next === null) throw this.#error('redirects', 'It redirects to an invalid address.');
			url = next;
			if (url.protocol !== 'https:' && url.protocol !== first.protocol) {
				throw this.#error('redirects', 'It redirects to an address that is not https.');
			}
		}
	}

	async #send(url: URL, first: URL, { headers = {}, body, form }: RequestOptions): Promise<Response> {
		// A redirect to another host gets nothing of ours: headers and bodies may hold a key.
		const home = url.origin === first.origin;
		const sent = form ?? (body === undefined ? null : { type: 'application/json', text: JSON.stringify(body) });
		const post = sent !== null && home;
		try {
			return await fetch(url, {
				method: post ? 'POST' : 'GET',
				headers: {
					accept: 'application/json, */*;q=0.5',
					'user-agent': 'necto-agent',
					...(post ? { 'content-type': sent.type } : {}),
					...(home ? headers : {}),
				},
				...(post ? { body: sent.text } : {}),
				redirect: 'manual',
				signal: this.#signal,
			});
		} catch (cause) {
			throw this.#failed(cause);
		}
	}

	async *#parts(response: Response, maxBytes: number): AsyncIterable<Uint8Array> {
		const hash = keccak_256.create();
		try {
			for await (const part of boundedParts(response.body, maxBytes)) {
				this.#total += part.length;
				if (this.#total > MAX_TOTAL_BYTES) throw this.#error('too-large', 'Its answers have no end.');
				hash.update(part);
				yield part;
			}
		} catch (cause) {
			if (cause instanceof SourceError) throw cause;
			if (cause instanceof OutsideError) throw this.#error('too-large', cause.message, { cause });
			throw this.#failed(cause);
		}
		this.#hashes.push(hash.digest());
	}

	#failed(cause: unknown): SourceError {
		if (this.#signal.aborted) return this.#error('timeout', 'It did not answer in time.', { cause });
		return this.#error('unreachable', requestFailure(this.#subject, cause), { cause });
	}

	#error(failure: SourceFailure, message: string, options?: ErrorOptions): SourceError {
		return new SourceError(failure, message, options).naming(this.#subject);
	}
}

function problemOf(response: Response, type: RegExp, what: string): SourceError | null {
	const { status } = response;
	if (status === 429) return new SourceError('rate-limited', 'It limits the rate of requests (429).');
	if (status === 401 || status === 403) {
		return new SourceError(
			'refused',
			`It refuses the request (${status}): its key is missing, wrong or without rights.`,
		);
	}
	if (status !== 200) return new SourceError('status', `It answers with status ${status}.`);
	const given = response.headers.get('content-type') ?? '';
	if (type.test(given)) return null;
	return new SourceError(
		'not-json',
		`It answers with '${given.slice(0, 60) || 'no content type'}' instead of ${what}.`,
	);
}
