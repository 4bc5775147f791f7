import { once } from 'node:events';
import { createServer } from 'node:http';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';

/** How often the chain is asked for its head beside what it says by itself. */
export const ASK_MILLISECONDS = 5_000;

const CLOSE_MILLISECONDS = 500;
/** Heads that a node which is behind may come back to. */
const REMEMBERED = 256;

const headSchema = z.looseObject({ number: z.string(), hash: z.string() });
type Head = z.infer<typeof headSchema>;

const answerSchema = z.union([
	z.object({ method: z.literal('eth_subscription'), params: z.object({ result: headSchema }) }),
	z.object({ id: z.int(), result: z.union([headSchema, z.string()]) }),
	z.object({ id: z.int(), error: z.unknown() }),
]);
const subscribeSchema = z.object({
	id: z.int(),
	method: z.literal('eth_subscribe'),
	params: z.tuple([z.literal('newHeads')]),
});

const SUBSCRIPTION = '0x1';
const SUBSCRIBE_ID = 1;

/**
 * Stands between Ponder and the chain's websocket, so that Ponder hears of the newest block at once and misses none.
 *
 * With a websocket Ponder waits for the next block before it indexes the last 30, and after a lost connection it waits again. On a chain
 * that makes blocks only when there are transactions, pages would stay empty until somebody does something. Here each subscription
 * begins with the block that is the newest now, and a head that was never announced is told after the next question.
 *
 * @param url the chain's websocket
 * @param askMilliseconds how often to ask for the head
 * @returns the websocket to give to Ponder. It lives as long as the process and does not keep it alive.
 */
export async function relayHeads(url: string, askMilliseconds = ASK_MILLISECONDS): Promise<string> {
	const http = createServer();
	const server = new WebSocketServer({ server: http });
	server.on('connection', (listener) => {
		// Ponder tries again when a connection is closed; that is how it learns of every trouble here.
		listener.on('error', () => listener.terminate());
		listener.once('message', (data) => {
			const request = subscribeSchema.safeParse(parse(data));
			if (request.success) serve(listener, url, request.data.id, askMilliseconds);
			else listener.close();
		});
	});
	http.listen(0, '127.0.0.1');
	await once(http, 'listening');
	http.unref();
	const address = http.address();
	if (address === null || typeof address === 'string') throw new Error('The head relay has no port.');
	return `ws://127.0.0.1:${address.port}`;
}

function serve(listener: WebSocket, url: string, requestId: number, askMilliseconds: number): void {
	const chain = new WebSocket(url);
	let told: Head | undefined;
	/** Hashes of the heads that were told, by number. */
	const hashes = new Map<string, string>();
	let asked: Head | undefined;
	let questions = SUBSCRIBE_ID;
	let isAnswered = true;

	const tell = (head: Head) => {
		if (head.hash === told?.hash) return;
		// A block that was told before, below the newest: behind this address a node answers that is behind. A chain that turned has another block there.
		if (told !== undefined && Number(head.number) < Number(told.number) && hashes.get(head.number) === head.hash)
			return;
		told = head;
		hashes.set(head.number, head.hash);
		const [oldest] = hashes.keys();
		if (hashes.size > REMEMBERED && oldest !== undefined) hashes.delete(oldest);
		send(listener, { method: 'eth_subscription', params: { subscription: SUBSCRIPTION, result: head } });
	};
	const ask = () => {
		// A connection that stopped answering is as good as closed.
		if (!isAnswered) return chain.terminate();
		isAnswered = false;
		questions += 1;
		send(chain, { id: questions, method: 'eth_getBlockByNumber', params: ['latest', false] });
	};
	const timer = setInterval(ask, askMilliseconds);
	const end = () => {
		clearInterval(timer);
		chain.terminate();
		// Ponder comes again at once; a chain that is away is not to be asked eight times a second.
		setTimeout(() => listener.close(), CLOSE_MILLISECONDS).unref();
	};

	chain.on('open', () => {
		send(chain, { id: SUBSCRIBE_ID, method: 'eth_subscribe', params: ['newHeads'] });
	});
	chain.on('message', (data) => {
		const answer = answerSchema.safeParse(parse(data));
		if (!answer.success || 'error' in answer.data) return end();
		if ('method' in answer.data) return tell(answer.data.params.result);
		const { id, result } = answer.data;
		if (id === SUBSCRIBE_ID) {
			send(listener, { id: requestId, result: SUBSCRIPTION });
			return ask();
		}
		isAnswered = true;
		if (typeof result === 'string') return end();
		// An answer may overtake the announcement of an earlier block, and going back would look like a reorganisation. So beside the first
		// answer only a head counts that was the newest at two questions in a row.
		if (told === undefined || result.hash === asked?.hash) tell(result);
		asked = result;
	});
	chain.on('error', end);
	chain.on('close', end);
	listener.on('close', end);
}

function send(socket: WebSocket, message: object): void {
	if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
}

function parse(data: RawData): unknown {
	try {
		return JSON.parse(data.toString());
	} catch {
		return undefined;
	}
}
