/** Bounded attacks on an agent of this machine, each in the name of a client behind its proxy. They count and end by themselves. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { apiErrorSchema } from '@necto/core';

/** How often each outcome came: `200`, `429 too_many_requests`, `left`. */
export type Tally = Map<string, number>;

export interface Attacks {
	readonly tally: Tally;
	/** Sends requests, so many at a time, and reads each answer. Every third leaves before its answer. */
	flood(client: string, path: (at: number) => string, count: number, init?: RequestInit): Promise<void>;
	/** Opens event streams and keeps those that are granted. */
	streams(client: string, path: string, count: number): Promise<void>;
	/** Asks and reads nothing. */
	stalled(client: string, path: string, count: number): Promise<void>;
	/** Ends whatever is open. */
	end(): void;
}

const AT_A_TIME = 20;
/** An attack ends, whatever the agent does. */
const MOST_MS = 45_000;

/** In somebody's name, and on a connection of its own: one that is kept may have been closed while this process was busy. */
const as = (client: string) => ({ 'x-forwarded-for': client, connection: 'close' });

export function attacksOn(url: string): Attacks {
	const tally: Tally = new Map();
	const leaving = new AbortController();
	const sockets: Socket[] = [];
	const count = (outcome: string) => tally.set(outcome, (tally.get(outcome) ?? 0) + 1);

	async function note(response: Response): Promise<void> {
		if (response.ok) return void count(String(response.status));
		const { code } = apiErrorSchema.parse(await response.json());
		// Whoever is refused for now is told until when.
		const later = [429, 503].includes(response.status) && response.headers.get('retry-after') === null;
		count(`${response.status} ${code}${later ? ' without retry-after' : ''}`);
	}

	return {
		tally,
		async flood(client, path, requests, init = {}) {
			let at = 0;
			const one = async () => {
				while (at < requests) {
					const number = at++;
					const gone = new AbortController();
					try {
						const asked = fetch(`${url}${path(number)}`, {
							...init,
							headers: { ...init.headers, ...as(client) },
							signal: AbortSignal.any([gone.signal, AbortSignal.timeout(MOST_MS)]),
						});
						if (number % 3 === 2) setTimeout(() => gone.abort(), 20);
						const response = await asked;
						await note(response);
						if (!response.bodyUsed) await response.arrayBuffer();
					} catch {
						count('left');
					}
				}
			};
			await Promise.all(Array.from({ length: AT_A_TIME }, one));
		},
		async streams(client, path, wanted) {
			const open = async () => {
				const response = await fetch(`${url}${path}`, {
					headers: as(client),
					signal: leaving.signal,
				});
				await note(response);
				if (!response.ok) return;
				// Taken and thrown away until the end.
				void response.body?.pipeTo(new WritableStream()).catch(() => undefined);
			};
			await Promise.all(Array.from({ length: wanted }, open));
		},
		async stalled(client, path, wanted) {
			for (let number = 0; number < wanted; number++) {
				const socket = connect(Number(new URL(url).port), '127.0.0.1');
				socket.on('error', () => undefined);
				sockets.push(socket);
				await once(socket, 'connect');
				socket.pause();
				socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nx-forwarded-for: ${client}\r\n\r\n`);
			}
		},
		end() {
			leaving.abort();
			for (const socket of sockets) socket.destroy();
		},
	};
}

/** Whether the agent's probe answers. */
export async function isHealthy(url: string): Promise<boolean> {
	try {
		const { ok } = await fetch(`${url}/health`, { headers: { connection: 'close' } });
		return ok;
	} catch {
		return false;
	}
}

/** Memory that a process holds, in MiB. */
export function memoryOf(pid: number): number {
	return Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024);
}
