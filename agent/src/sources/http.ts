/** HTTP for sources. Whatever is at the other end is untrusted: size, time, redirects and type are bounded before a byte is believed. */
import { type Hex, keccak256 } from 'viem';
import { messageOf } from '../errors.ts';
import { SourceError } from './source.ts';

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_REDIRECTS = 3;

export interface SourceHttp {
	/**
	 * GETs JSON, or POSTs `body` as JSON.
	 *
	 * @throws SourceError for everything that is not a JSON answer with status 200
	 */
	json(url: string, options?: { headers?: Record<string, string>; body?: unknown }): Promise<unknown>;
}

export class BoundedHttp implements SourceHttp {
	/** keccak256 of the last body, for the snapshot. */
	bodyHash: Hex | null = null;
	readonly #signal: AbortSignal;
	readonly #maxBytes: number;

	constructor(signal: AbortSignal, maxBytes = MAX_BYTES) {
		this.#signal = signal;
		this.#maxBytes = maxBytes;
	}

	async json(url: string, options: { headers?: Record<string, string>; body?: unknown } = {}): Promise<unknown> {
		const response = await this.#follow(new URL(url), options);
		if (response.status === 429) {
			await response.body?.cancel();
			throw new SourceError('rate-limited', 'It answers that it is asked too often (429).');
		}
		if (response.status !== 200) {
			await response.body?.cancel();
			throw new SourceError('status', `It answers with status ${response.status}.`);
		}
		const type = response.headers.get('content-type') ?? '';
		if (!/\bjson\b/i.test(type)) {
			await response.body?.cancel();
			throw new SourceError('not-json', `It answers with '${type.slice(0, 60) || 'no content type'}' instead of JSON.`);
		}
		const bytes = await this.#read(response);
		this.bodyHash = keccak256(bytes);
		try {
			return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
		} catch (cause) {
			throw new SourceError('not-json', 'Its answer is not complete JSON.', { cause });
		}
	}

	async #follow(first: URL, options: { headers?: Record<string, string>; body?: unknown }): Promise<Response> {
		let url = first;
		for (let redirects = 0; ; redirects++) {
			const response = await this.#send(url, first, options);
			const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
			if (location === null) return response;
			await response.body?.cancel();
			if (redirects === MAX_REDIRECTS)
				throw new SourceError('redirects', `It redirects more than ${MAX_REDIRECTS} times.`);
			url = resolve(location, url);
			if (url.protocol !== 'https:' && url.protocol !== first.protocol) {
				throw new SourceError('redirects', 'It redirects to an address that is not https.');
			}
		}
	}

	async #send(url: URL, first: URL, options: { headers?: Record<string, string>; body?: unknown }): Promise<Response> {
		// A redirect to another host gets no headers of ours: they may hold a key.
		const own = url.origin === first.origin ? (options.headers ?? {}) : {};
		try {
			return await fetch(url, {
				method: options.body === undefined ? 'GET' : 'POST',
				headers: {
					accept: 'application/json',
					'user-agent': 'necto-agent',
					...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
					...own,
				},
				...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
				redirect: 'manual',
				signal: this.#signal,
			});
		} catch (cause) {
			throw this.#failed(cause);
		}
	}

	async #read(response: Response): Promise<Uint8Array> {
		const parts: Uint8Array[] = [];
		let size = 0;
		try {
			// The header may lie or be missing; what counts is what comes.
			for await (const part of response.body ?? []) {
				size += part.length;
				if (size > this.#maxBytes)
					throw new SourceError('too-large', `Its answer is larger than ${this.#maxBytes} bytes.`);
				parts.push(part);
			}
		} catch (cause) {
			if (cause instanceof SourceError) throw cause;
			throw this.#failed(cause);
		}
		return Buffer.concat(parts);
	}

	#failed(cause: unknown): SourceError {
		if (this.#signal.aborted) return new SourceError('timeout', 'It did not answer in time.', { cause });
		const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
		const code = inner instanceof Error && 'code' in inner ? ` (${String(inner.code)})` : '';
		return new SourceError('unreachable', `It cannot be reached${code || `: ${messageOf(inner).slice(0, 80)}`}.`, {
			cause,
		});
	}
}

function resolve(location: string, base: URL): URL {
	try {
		return new URL(location, base);
	} catch (cause) {
		throw new SourceError('redirects', 'It redirects to an address that is none.', { cause });
	}
}
