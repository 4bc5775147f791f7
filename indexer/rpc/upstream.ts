/** A chain's node over HTTP. */
import { z } from 'zod';

/** Most bytes of an answer, unpacked: several times what the logs or receipts of a full range of blocks are. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A JSON-RPC question without its envelope. */
export interface Question {
	method: string;
	params: readonly unknown[];
}

/** Asks a node. @throws RpcError when it answers with an error, another error when it does not answer */
export type Upstream = (question: Question) => Promise<unknown>;

/** What a node answers as an error. */
export class RpcError extends Error {
	override name = 'RpcError';
	readonly code: number;
	readonly data: unknown;

	constructor(code: number, message: string, data: unknown) {
		super(message);
		this.code = code;
		this.data = data;
	}
}

const answerSchema = z.union([
	z.object({ error: z.object({ code: z.int(), message: z.string(), data: z.unknown().optional() }) }),
	z.object({ result: z.unknown() }),
]);
const TIMEOUT_MS = 10_000;

/**
 * A node at an address.
 *
 * @param options.maxBytes a larger answer is an error, and is not read to its end
 */
export function httpUpstream(url: string, { maxBytes = MAX_BYTES }: { maxBytes?: number } = {}): Upstream {
	let id = 0;
	return async ({ method, params }) => {
		id += 1;
		const response = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
			redirect: 'error',
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
		const text = await boundedText(response, maxBytes);
		let json: unknown;
		try {
			json = JSON.parse(text);
		} catch {
			throw new Error(`The chain's node answers with status ${response.status} and no JSON.`);
		}
		const answer = answerSchema.safeParse(json);
		if (!answer.success) throw new Error(`The chain's node answers with status ${response.status} and no JSON-RPC.`);
		if ('error' in answer.data) {
			const { code, message, data } = answer.data.error;
			throw new RpcError(code, message, data);
		}
		return answer.data.result;
	};
}

/** A body as text. The header may lie or be missing; what counts is what comes. @throws Error when it is too large */
async function boundedText({ body }: Response, maxBytes: number): Promise<string> {
	const parts: Uint8Array[] = [];
	let size = 0;
	// Leaving the loop early cancels the body.
	for await (const part of body ?? []) {
		size += part.length;
		if (size > maxBytes) throw new Error(`The chain's node answers with more than ${maxBytes} bytes.`);
		parts.push(part);
	}
	return Buffer.concat(parts).toString('utf8');
}
