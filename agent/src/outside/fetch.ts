/** `fetch` for libraries that take one: what comes back is bounded in bytes and time, and goes to no other address than the one that was asked. */

/** An answer from outside that is larger, later or elsewhere than it may be. */
export class OutsideError extends Error {
	override name = 'OutsideError';
	readonly kind: 'too-large' | 'too-late' | 'redirect';

	constructor(kind: OutsideError['kind'], message: string, options?: ErrorOptions) {
		super(message, options);
		this.kind = kind;
	}
}

export interface Bounds {
	/** Most bytes of a body, unpacked. */
	maxBytes: number;
	/** For the answer with its body. Milliseconds. */
	deadlineMs: number;
}

/** The parts of a body as they come. The header may lie or be missing; what counts is what comes. @throws OutsideError when it is too large */
export async function* boundedParts(
	body: ReadableStream<Uint8Array> | null,
	maxBytes: number,
): AsyncGenerator<Uint8Array> {
	let size = 0;
	for await (const part of body ?? []) {
		size += part.length;
		if (size > maxBytes) throw new OutsideError('too-large', `Its answer is larger than ${maxBytes} bytes.`);
		yield part;
	}
}

/**
 * A `fetch` that answers once the whole body is there. Redirects are an error: headers, bodies and addresses may hold a key, which is meant for the address that
 * was asked. It tries once.
 *
 * @throws OutsideError for what is out of bounds; otherwise as `fetch`
 */
export function boundedFetch({ maxBytes, deadlineMs }: Bounds): typeof fetch {
	return async (input, init) => {
		const late = AbortSignal.timeout(deadlineMs);
		const given = init?.signal ?? (input instanceof Request ? input.signal : null);
		const signal = given === null ? late : AbortSignal.any([given, late]);
		try {
			const response = await fetch(input, { ...init, redirect: 'manual', signal });
			if (response.status >= 300 && response.status < 400) {
				await response.body?.cancel();
				throw new OutsideError('redirect', 'It redirects to another address, which is not followed.');
			}
			const parts: Uint8Array[] = [];
			for await (const part of boundedParts(response.body, maxBytes)) parts.push(part);
			const headers = new Headers(response.headers);
			// They describe the bytes on the line, which are unpacked by now.
			headers.delete('content-encoding');
			headers.delete('content-length');
			const { status, statusText } = response;
			// The constructor takes no body with these, not even an empty one.
			const body = [101, 103, 204, 205].includes(status) ? null : Buffer.concat(parts);
			return new Response(body, { status, statusText, headers });
		} catch (cause) {
			if (late.aborted) throw new OutsideError('too-late', `It took longer than ${deadlineMs} ms.`, { cause });
			throw cause;
		}
	};
}
