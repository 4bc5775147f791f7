import { z } from 'zod';

/** An error as 0G's storage nodes and indexers give it. */
export class RpcError extends Error {
	override readonly name = 'RpcError';
	readonly code: number;
	readonly data: string | undefined;

	constructor(code: number, message: string, data?: string) {
		super(message);
		this.code = code;
		this.data = data;
	}

	static invalid(parameter: string, reason: string): RpcError {
		return new RpcError(-32602, `Invalid params: ${parameter}`, reason);
	}
}

/** A method: takes the parameters as they came and answers with JSON. */
export type Method = (params: readonly unknown[]) => Promise<unknown>;

const requestSchema = z.object({
	jsonrpc: z.literal('2.0'),
	id: z.union([z.number(), z.string(), z.null()]).default(null),
	method: z.string(),
	// The SDK leaves the parameters of a method without any away.
	params: z.array(z.unknown()).default([]),
});

type Answer = Record<string, unknown>;

function failure(id: unknown, error: RpcError): Answer {
	const { code, message, data } = error;
	return { jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}

async function answerOne(methods: ReadonlyMap<string, Method>, body: unknown): Promise<Answer> {
	const request = requestSchema.safeParse(body);
	if (!request.success) return failure(null, new RpcError(-32600, 'Invalid request'));
	const { id, method, params } = request.data;
	try {
		const run = methods.get(method);
		if (run === undefined) throw new RpcError(-32601, 'Method not found');
		return { jsonrpc: '2.0', id, result: (await run(params)) ?? null };
	} catch (error) {
		if (error instanceof RpcError) return failure(id, error);
		return failure(id, new RpcError(-32603, 'Internal error', error instanceof Error ? error.message : String(error)));
	}
}

/** Answers a JSON-RPC 2.0 body: one request, or a list of them. */
export function answer(methods: ReadonlyMap<string, Method>, body: unknown): Promise<Answer | Answer[]> {
	if (Array.isArray(body)) return Promise.all(body.map((one) => answerOne(methods, one)));
	return answerOne(methods, body);
}
