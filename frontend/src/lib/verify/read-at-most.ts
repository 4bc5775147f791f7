/** Thrown when a response exceeds the size limit, so that a faulty or malicious server cannot exhaust the browser's memory. */
export class TooLargeError extends Error {
	override name = 'TooLargeError';
}

/**
 * The body of a response. Reading stops as soon as the limit is exceeded.
 *
 * @throws TooLargeError whose message ends a sentence that begins with the server's name
 */
export async function readAtMost(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
	const { body } = response;
	if (Number(response.headers.get('content-length')) > maxBytes) {
		await body?.cancel();
		throw new TooLargeError(`offers more than ${maxBytes} bytes`);
	}
	const parts: Uint8Array[] = [];
	let size = 0;
	const reader = body?.getReader();
	for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
		size += next.value.byteLength;
		if (size > maxBytes) {
			await reader?.cancel();
			throw new TooLargeError(`sent more than ${maxBytes} bytes`);
		}
		parts.push(next.value);
	}
	const bytes = new Uint8Array(size);
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.byteLength;
	}
	return bytes;
}
