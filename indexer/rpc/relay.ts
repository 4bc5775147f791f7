/** Gives Ponder addresses at which the checked answers are. Ponder limits its questions by address, so it gets as many as there are. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { CheckedRpc } from './checked.ts';
import { RpcError } from './upstream.ts';

const questionSchema = z.object({
	id: z.union([z.int(), z.string(), z.null()]).default(null),
	method: z.string(),
	params: z.array(z.unknown()).default([]),
});
const MAX_BODY = 1_000_000;
/** JSON-RPC's code for what a server could not do. */
const SERVER_ERROR = -32_000;

/**
 * Listens on this machine alone, for as long as the process lives, and does not keep it alive.
 *
 * @param lanes how many addresses to give
 */
export async function relayRpc(rpc: CheckedRpc, lanes: number): Promise<string[]> {
	const server = createServer((request, response) => {
		const lane = Number(new URL(request.url ?? '/', 'http://relay').searchParams.get('lane') ?? 0);
		void answer(rpc, request, lane).then((body) => {
			response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	server.unref();
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('The relay of the RPC has no port.');
	return Array.from({ length: lanes }, (_, lane) => `http://127.0.0.1:${address.port}/?lane=${lane}`);
}

async function answer(rpc: CheckedRpc, request: IncomingMessage, lane: number): Promise<object> {
	let id: number | string | null = null;
	try {
		const question = questionSchema.parse(JSON.parse(await textOf(request)));
		id = question.id;
		return { jsonrpc: '2.0', id, result: await rpc.request(question, lane) };
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		const { code, data } = error instanceof RpcError ? error : { code: SERVER_ERROR, data: undefined };
		return { jsonrpc: '2.0', id, error: { code, message, data } };
	}
}

async function textOf(request: IncomingMessage): Promise<string> {
	const parts: Buffer[] = [];
	let size = 0;
	for await (const part of request) {
		// Node gives a request's body in buffers.
		const bytes = part as Buffer;
		size += bytes.length;
		if (size > MAX_BODY) throw new Error('The query is too long.');
		parts.push(bytes);
	}
	return Buffer.concat(parts).toString();
}
