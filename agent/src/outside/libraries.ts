/**
 * Bounds for libraries that bring an HTTP client of their own and give no way to hand one in: the 0G SDK makes its JSON-RPC clients and ethers providers itself.
 * Both send through one place in their process, which is where the bounded client goes.
 */
import { type FetchGetUrlFunc, FetchRequest } from 'ethers';
import { HttpProvider } from 'open-jsonrpc-provider';
import { z } from 'zod';
import { backoff, pause } from '../time.ts';
import { type Bounds, boundedFetch } from './fetch.ts';

/** The largest answer is a few segments of 256 KiB in base64; a list of nodes is smaller. */
const ZEROG: Bounds = { maxBytes: 16 * 1024 * 1024, deadlineMs: 30_000 };
/** Tries of one call to a storage node, which are all reads or can be made twice. */
const TRIES = 3;

/** What is in it is checked by whoever asked; here it only has to be an answer. */
const answerSchema = z.looseObject({ jsonrpc: z.string(), id: z.number() });

/** To be called once, before the first call. Calling it again changes nothing. */
export function boundLibraries(): void {
	const send = boundedFetch(ZEROG);
	HttpProvider.prototype._transport = async function (this: HttpProvider, data: unknown) {
		for (let attempt = 1; ; attempt++) {
			try {
				const response = await send(this.url, {
					method: 'POST',
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify(data),
				});
				if (!response.ok) throw new Error(`A storage node answers with status ${response.status}.`);
				return answerSchema.parse(await response.json());
			} catch (error) {
				if (attempt === TRIES) throw error;
				await pause(backoff(attempt, 500, 2_000));
			}
		}
	};
	FetchRequest.registerGetUrl(ethersGetUrl(send));
}

/** How ethers sends a request. */
function ethersGetUrl(send: typeof fetch): FetchGetUrlFunc {
	return async (request, signal) => {
		const gone = new AbortController();
		signal?.addListener(() => gone.abort());
		const response = await send(request.url, {
			method: request.method,
			headers: request.headers,
			signal: gone.signal,
			...(request.body === null ? {} : { body: Buffer.from(request.body) }),
		});
		return {
			statusCode: response.status,
			statusMessage: response.statusText,
			headers: Object.fromEntries(response.headers),
			body: new Uint8Array(await response.arrayBuffer()),
		};
	};
}
