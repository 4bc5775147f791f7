/** Networks of the outside world, played on this machine: they answer what a test tells them to, and nothing until then. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const answerSchema = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('json'), body: z.json() }),
	z.object({ kind: z.literal('page'), html: z.string() }),
	z.object({ kind: z.literal('silence') }),
]);
export type Answer = z.output<typeof answerSchema>;

/** What the played networks say before anybody told them: that they have nothing. */
const NOTHING: Readonly<Record<string, Answer>> = {
	nosana: { kind: 'json', body: [] },
	lambda: { kind: 'json', body: { data: {} } },
	golem: { kind: 'json', body: [] },
};

export interface Networks {
	url: string;
	/** Settings that make the agent ask these networks and no others, every second. */
	settings: Record<string, string>;
	close(): Promise<void>;
}

export async function playNetworks(): Promise<Networks> {
	const answers = new Map(Object.entries(NOTHING));
	const server = createServer((request, response) => {
		const network = request.url?.split('/')[1] ?? '';
		if (request.method === 'PUT') {
			const parts: Buffer[] = [];
			request.on('data', (part: Buffer) => parts.push(part));
			request.on('end', () => {
				answers.set(network, answerSchema.parse(JSON.parse(Buffer.concat(parts).toString())));
				response.end();
			});
			return;
		}
		const answer = answers.get(network);
		if (answer?.kind === 'silence') return;
		if (answer === undefined) response.writeHead(404).end();
		else if (answer.kind === 'page') response.writeHead(200, { 'content-type': 'text/html' }).end(answer.html);
		else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	// A server that listens on a port has an address of this kind.
	const { port } = server.address() as AddressInfo;
	const url = `http://127.0.0.1:${port}`;
	const settings = Object.keys(NOTHING).flatMap((network) => {
		const prefix = network.toUpperCase();
		return [
			[`${prefix}_BASE_URL`, `${url}/${network}`],
			[`${prefix}_REFRESH_SECONDS`, '1'],
			[`${prefix}_TIMEOUT_MS`, '1500'],
		];
	});
	return {
		url,
		settings: {
			...Object.fromEntries(settings),
			LIVE_SOURCES: Object.keys(NOTHING).join(','),
			LAMBDA_API_KEY: 'a-key-of-lambda',
			TOKEN_PRICE_SOURCES: '',
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

/** Tells a played network what to answer from now on. */
export async function say(url: string, network: keyof typeof NOTHING, answer: Answer): Promise<void> {
	const response = await fetch(`${url}/${network}`, { method: 'PUT', body: JSON.stringify(answer) });
	if (!response.ok) throw new Error(`The played network ${network} did not take its answer.`);
}
