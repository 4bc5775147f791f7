/** A server on a free port that plays the outside world. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Fake {
	url: string;
	/** What was asked, in order. */
	requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
	close(): Promise<void>;
}

export async function fakeServer(
	answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<Fake> {
	const requests: Fake['requests'] = [];
	const server = createServer((request, response) => {
		const parts: Buffer[] = [];
		request.on('data', (part: Buffer) => parts.push(part));
		request.on('end', () => {
			const body = Buffer.concat(parts).toString();
			requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
			answer(request, response, body);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	// A server that listens on a port has an address of this kind.
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		requests,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
	response.writeHead(status, { 'content-type': 'application/json' });
	response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
