export class BodyTooLarge extends Error {
	override readonly name = 'BodyTooLarge';
}

/**
 * Reads a request's body as text, and stops at the first byte too many.
 *
 * @param signal ends the wait for what does not come
 * @throws BodyTooLarge
 * @throws the signal's reason
 */
export async function readBody(request: Request, maxBytes: number, signal: AbortSignal): Promise<string> {
	if (request.body === null) return '';
	const reader = request.body.getReader();
	const stop = () => void reader.cancel(signal.reason).catch(() => undefined);
	signal.addEventListener('abort', stop);
	try {
		const decoder = new TextDecoder();
		let text = '';
		let bytes = 0;
		for (;;) {
			const { value, done } = await reader.read();
			signal.throwIfAborted();
			if (done) return text + decoder.decode();
			bytes += value.byteLength;
			if (bytes > maxBytes) throw new BodyTooLarge();
			text += decoder.decode(value, { stream: true });
		}
	} catch (error) {
		void reader.cancel().catch(() => undefined);
		throw error;
	} finally {
		signal.removeEventListener('abort', stop);
	}
}

export interface PassedBody {
	maxBytes: number;
	/** How long the service may say nothing. */
	idleMilliseconds: number;
	/** Ends it, also where the browser takes nothing. */
	deadline?: AbortSignal | undefined;
	/** Called when it is over, however it ends. */
	onEnd: () => void;
}

/** A service's answer on its way to the browser, as fast as the browser takes it. What is too large or silent for too long breaks off. */
export function passOn(
	body: ReadableStream<Uint8Array>,
	{ maxBytes, idleMilliseconds, deadline, onEnd }: PassedBody,
): ReadableStream<Uint8Array> {
	const reader = body.getReader();
	let bytes = 0;
	const read = async () => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const silence = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new Error('The service fell silent.')), idleMilliseconds);
		});
		try {
			return await Promise.race([reader.read(), silence]);
		} finally {
			clearTimeout(timer);
		}
	};
	return new ReadableStream<Uint8Array>(
		{
			start(controller) {
				deadline?.addEventListener('abort', () => {
					onEnd();
					void reader.cancel().catch(() => undefined);
					controller.error(deadline.reason);
				});
			},
			async pull(controller) {
				try {
					const { value, done } = await read();
					if (done) {
						onEnd();
						controller.close();
						return;
					}
					bytes += value.byteLength;
					if (bytes > maxBytes) throw new BodyTooLarge();
					controller.enqueue(value);
				} catch (error) {
					onEnd();
					void reader.cancel().catch(() => undefined);
					controller.error(error);
				}
			},
			async cancel(reason) {
				onEnd();
				await reader.cancel(reason);
			},
		},
		// Nothing is read ahead of the browser.
		{ highWaterMark: 0 },
	);
}
