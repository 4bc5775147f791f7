/** SYS-05: a database that is away for a moment is told as such by the public API, and is worth another try. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { apiErrorSchema } from '@necto/core';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { DEFAULT_PROXIES } from '../src/http/client.ts';
import { emptyApi } from '../src/http/document.ts';
import { closeServer, listen, urlOf } from '../src/http/server.ts';
import { createLogger } from '../src/logger.ts';

type Database = (socket: Socket) => void;

/** What a client is answered when the database behaves like this. */
async function answerWith(database: Database | null) {
	const sockets: Socket[] = [];
	const server = createServer((socket) => {
		sockets.push(socket.on('error', () => undefined));
		database?.(socket);
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	// It listens on TCP, so its address is an object.
	const { port } = server.address() as AddressInfo;
	const stop = () => {
		for (const socket of sockets) socket.destroy();
		server.close();
	};
	if (database === null) stop();
	const pool = new Pool({ host: '127.0.0.1', port, user: 'necto', connectionTimeoutMillis: 200, max: 1 });
	const app = emptyApi(createLogger('silent'), DEFAULT_PROXIES);
	app.get('/', async (c) => c.json((await pool.query('SELECT 1')).rows));
	const place = { host: '127.0.0.1', port: 0, setting: 'AGENT_PORT' };
	const api = await listen(app, place, { proxies: DEFAULT_PROXIES });
	const url = urlOf(api, place.host);
	try {
		const responses = await Promise.all([fetch(url), fetch(url)]);
		return await Promise.all(
			responses.map(async (response) => ({
				status: response.status,
				retryAfter: response.headers.get('retry-after'),
				code: apiErrorSchema.parse(await response.json()).code,
			})),
		);
	} finally {
		stop();
		await closeServer(api);
		await pool.end();
	}
}

const MESSAGE_OF_ERROR = 'E'.charCodeAt(0);
/** An `ErrorResponse` of PostgreSQL's protocol: https://www.postgresql.org/docs/18/protocol-message-formats.html */
function refusal(sqlState: string): Buffer {
	const fields = Buffer.from(`SFATAL\0C${sqlState}\0Mno\0\0`);
	const head = Buffer.alloc(5);
	head.writeUInt8(MESSAGE_OF_ERROR);
	head.writeUInt32BE(fields.length + 4, 1);
	return Buffer.concat([head, fields]);
}

const databases: Record<string, Database | null> = {
	'that is not running': null,
	'that answers nothing': () => undefined,
	'that hangs up': (socket) => socket.once('data', () => socket.destroy()),
	'that is starting': (socket) => socket.once('data', () => socket.end(refusal('57P03'))),
	'with no connection left': (socket) => socket.once('data', () => socket.end(refusal('53300'))),
};

it.each(Object.keys(databases))('a database %s', async (name) => {
	const answer = { status: 503, retryAfter: '5', code: 'database_unavailable' };
	expect(await answerWith(databases[name] ?? null)).toEqual([answer, answer]);
});

it('a database that refuses the password is a fault of the operator', async () => {
	const answers = await answerWith((socket) => socket.once('data', () => socket.end(refusal('28P01'))));
	expect(answers.map(({ status, code }) => ({ status, code }))).toEqual([
		{ status: 500, code: 'internal' },
		{ status: 500, code: 'internal' },
	]);
});
