/**
 * The lines of a stream of UTF-8.
 *
 * @param most characters of a line
 * @throws Error for a longer one
 */
export async function* lines(stream: AsyncIterable<Buffer> | Iterable<Buffer>, most: number): AsyncGenerator<string> {
	const decoder = new TextDecoder();
	let pending = '';
	for await (const part of stream) {
		pending += decoder.decode(part, { stream: true });
		const complete = pending.split('\n');
		pending = complete.pop() ?? '';
		if (pending.length > most || complete.some(({ length }) => length > most)) throw new Error('A line is too long.');
		yield* complete;
	}
}
