import { json } from '@sveltejs/kit';
import { problemOf } from '#lib/problem.ts';
import { readRuntime } from '#lib/server/runtime.ts';

/** What browsers and tools must know of this installation: chain, RPC, addresses. */
export async function GET(): Promise<Response> {
	try {
		return json(await readRuntime());
	} catch (error) {
		const { code, message, suggestion } = problemOf(error);
		return json({ code, message, suggestion, requestId: null }, { status: 503 });
	}
}
