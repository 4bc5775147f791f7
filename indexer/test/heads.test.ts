import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { relayHeads } from '../heads.ts';

const head = (number: number, fork = 0) => ({ number: `0x${number}`, hash: `0xblock${number}fork${fork}` });

/** A chain's websocket whose blocks are made by hand. */
class FakeChain {
	readonly server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
	head = head(5);
	questions = 0;
	isMute = false;
	#listener: WebSocket | undefined;

	constructor() {
		this.server.on('connection', (socket) => {
			this.#listener = socket;
			socket.on('message', (data) => {
				const { id, method } = JSON.parse(data.toString());
				if (method === 'eth_subscribe') socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: '0xabc' }));
				else if (!this.isMute) socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: this.head }));
				if (method === 'eth_getBlockByNumber') this.questions += 1;
			});
		});
	}

	get url(): string {
		// A server that listens on a port has an address of this kind.
		return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	announce(next: ReturnType<typeof head>): void {
		this.head = next;
		const params = { subscription: '0xabc', result: next };
		this.#listener?.send(JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params }));
	}

	hangUp(): void {
		this.#listener?.terminate();
	}

	async waitForQuestion(): Promise<void> {
		const before = this.questions;
		await expect.poll(() => this.questions).toBeGreaterThan(before);
	}
}

let chain: FakeChain;
const open: WebSocket[] = [];
beforeEach(async () => {
	chain = new FakeChain();
	await once(chain.server, 'listening');
});
afterEach(async () => {
	for (const socket of open.splice(0)) socket.terminate();
	for (const socket of chain.server.clients) socket.terminate();
	await new Promise((resolve) => chain.server.close(resolve));
});

/** Subscribes like Ponder. */
async function subscribe(askMilliseconds = 60_000) {
	const socket = new WebSocket(await relayHeads(chain.url, askMilliseconds));
	open.push(socket);
	const messages: {
		id?: number;
		result?: unknown;
		method?: string;
		params?: { subscription: string; result: unknown };
	}[] = [];
	socket.on('message', (data) => messages.push(JSON.parse(data.toString())));
	await once(socket, 'open');
	socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }));
	const heads = () =>
		messages.flatMap(({ method, params }) => (method === 'eth_subscription' && params ? [params.result] : []));
	return { socket, messages, heads };
}

test('a subscription begins with the newest block, after its own answer', async () => {
	const { messages, heads } = await subscribe();
	await expect.poll(heads).toEqual([head(5)]);
	expect(messages[0]).toMatchObject({ id: 1, result: '0x1' });
	expect(messages[1]?.params?.subscription).toBe('0x1');
});

test('new blocks are passed on, each once', async () => {
	const { heads } = await subscribe();
	await expect.poll(heads).toHaveLength(1);
	chain.announce(head(5));
	chain.announce(head(6));
	chain.announce(head(6, 1));
	await expect.poll(heads).toEqual([head(5), head(6), head(6, 1)]);
});

test('a block that was never announced is told once it has been the newest for a while', async () => {
	const { heads } = await subscribe(20);
	await expect.poll(heads).toHaveLength(1);
	chain.head = head(9);
	await expect.poll(heads).toEqual([head(5), head(9)]);
});

test('an answer that overtakes the announcement does not make the chain go back', async () => {
	const { heads } = await subscribe(150);
	await expect.poll(heads).toHaveLength(1);
	chain.head = head(7);
	await chain.waitForQuestion();
	chain.announce(head(6));
	chain.announce(head(7));
	await chain.waitForQuestion();
	await chain.waitForQuestion();
	expect(heads()).toEqual([head(5), head(6), head(7)]);
});

test('SYS-05 a head that goes back to a block told before is of a node that is behind; another block there is a reorganisation', async () => {
	const { heads } = await subscribe();
	await expect.poll(heads).toHaveLength(1);
	chain.announce(head(6));
	chain.announce(head(7));
	chain.announce(head(6));
	chain.announce(head(6, 1));
	await expect.poll(heads).toEqual([head(5), head(6), head(7), head(6, 1)]);
});

test('a chain that hangs up, or no longer answers, closes the connection so that Ponder comes again', async () => {
	const first = await subscribe();
	await expect.poll(first.heads).toHaveLength(1);
	chain.hangUp();
	await once(first.socket, 'close');

	const second = await subscribe(20);
	await expect.poll(second.heads).toHaveLength(1);
	chain.isMute = true;
	await once(second.socket, 'close');
});

test('a listener that leaves takes its connection to the chain along', async () => {
	const { socket, heads } = await subscribe();
	await expect.poll(heads).toHaveLength(1);
	socket.close();
	await expect.poll(() => chain.server.clients.size).toBe(0);
});

test('anything but a subscription to blocks is refused', async () => {
	const socket = new WebSocket(await relayHeads(chain.url));
	open.push(socket);
	await once(socket, 'open');
	socket.send('{"id":1,"method":"eth_sendRawTransaction","params":["0x"]}');
	await once(socket, 'close');
	expect(chain.server.clients.size).toBe(0);
});
