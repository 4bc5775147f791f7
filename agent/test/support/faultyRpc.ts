/** A proxy before a real node that is behind, answers with nothing, or fails, as its faults say: what a load-balanced RPC does. */
import { type Hex, hexToNumber, isHex, numberToHex } from 'viem';
import { z } from 'zod';
import { type Fake, fakeServer, sendJson } from './http.ts';

export interface RpcFaults {
	/** Blocks that the node has not got yet. */
	lag: number;
	/** How likely a list of logs comes back empty. */
	empty: number;
	/** How likely a question is answered with a 502. */
	fails: number;
}

export interface FaultyRpc extends Fake {
	faults: RpcFaults;
	/** How often each fault showed. */
	shown: Record<keyof RpcFaults, number>;
}

export const NO_FAULTS: RpcFaults = { lag: 0, empty: 0, fails: 0 };

const hex = z.custom<Hex>((value) => isHex(value));
const questionSchema = z.object({ id: z.unknown(), method: z.string(), params: z.array(z.unknown()).default([]) });
const placedSchema = z.looseObject({ number: hex.optional(), blockNumber: hex.nullish() });
const filterSchema = z.looseObject({ blockHash: hex.optional(), fromBlock: hex.optional(), toBlock: hex.optional() });
const isTag = (value: unknown) => value === 'latest' || value === undefined;

/**
 * Starts the proxy.
 *
 * @param upstream address of the real node
 * @param chance draws whether something of a probability happens
 */
export async function faultyRpc(upstream: string, chance: (probability: number) => boolean): Promise<FaultyRpc> {
	const shown = { lag: 0, empty: 0, fails: 0 };
	const state = { faults: NO_FAULTS };

	const ask = async (method: string, params: readonly unknown[]): Promise<{ result?: unknown; error?: unknown }> => {
		const response = await fetch(upstream, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
		});
		return z
			.object({ result: z.unknown(), error: z.unknown() })
			.partial()
			.parse(await response.json());
	};
	const head = async () => hexToNumber(hex.parse((await ask('eth_blockNumber', [])).result));
	const isNew = async (hash: Hex, seen: number) => {
		const { result } = await ask('eth_getBlockByHash', [hash, false]);
		return result === null || numberOf(result) > seen;
	};

	/** The answer of a node whose newest block is `seen`. */
	const behind = async (method: string, params: readonly unknown[], seen: number) => {
		const [first, second] = params;
		const last = numberToHex(seen);
		switch (method) {
			case 'eth_blockNumber':
				return { result: last };
			case 'eth_getBlockByNumber':
				if (isTag(first)) return ask(method, [last, second]);
				break;
			case 'eth_getLogs': {
				const filter = filterSchema.parse(first);
				if (filter.blockHash !== undefined)
					return (await isNew(filter.blockHash, seen)) ? { result: [] } : ask(method, params);
				if (hexToNumber(filter.fromBlock ?? '0x0') > seen) return { result: [] };
				// It says what it has, and not that it lacks the rest.
				return ask(method, [{ ...filter, toBlock: numberToHex(Math.min(seen, hexToNumber(filter.toBlock ?? last))) }]);
			}
			case 'eth_call': {
				if (isTag(second)) return ask(method, [first, last]);
				const at = z.object({ blockHash: hex }).safeParse(second);
				if (at.success && (await isNew(at.data.blockHash, seen)))
					return { error: { code: -32_000, message: 'header not found' } };
				break;
			}
		}
		const answer = await ask(method, params);
		return numberOf(answer.result) > seen ? { result: null } : answer;
	};

	const fake = await fakeServer(async (_, response, body) => {
		const { id, method, params } = questionSchema.parse(JSON.parse(body));
		const { lag, empty, fails } = state.faults;
		if (chance(fails)) {
			shown.fails++;
			sendJson(response, '<html>Bad Gateway</html>', 502);
			return;
		}
		try {
			const isEmpty = method === 'eth_getLogs' && chance(empty);
			if (isEmpty) shown.empty++;
			if (lag > 0) shown.lag++;
			const answer =
				lag === 0 ? await ask(method, params) : await behind(method, params, Math.max(0, (await head()) - lag));
			sendJson(response, { jsonrpc: '2.0', id, ...(isEmpty && answer.error === undefined ? { result: [] } : answer) });
		} catch {
			sendJson(response, '', 502);
		}
	});
	return {
		...fake,
		shown,
		get faults() {
			return state.faults;
		},
		set faults(faults) {
			state.faults = faults;
		},
	};
}

/** The block that an answer is of; -1 for none. */
function numberOf(result: unknown): number {
	const placed = placedSchema.safeParse(result);
	if (!placed.success) return -1;
	const at = placed.data.number ?? placed.data.blockNumber;
	return at === undefined || at === null ? -1 : hexToNumber(at);
}
