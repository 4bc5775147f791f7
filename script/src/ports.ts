import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StartError } from './errors.ts';
import { tryLock } from './lock.ts';
import { type PortName, type Ports, portTable } from './settings.ts';

/**
 * Where starts tell each other which ports they have chosen. Minutes can pass from the choice to the moment a part listens, and nobody can
 * hold the port for it while it loads.
 */
const CLAIMS = join(tmpdir(), `necto-ports-${process.getuid?.() ?? 'all'}`);

/** Free ports are taken from below the range that systems use for outgoing connections. */
const FREE = { from: 20_000, to: 32_768 } as const;

const FREE_MILLISECONDS = 10_000;

/** A port that is kept for one part. */
export interface Port {
	readonly number: number;
	/**
	 * Lets its part listen on it; other starts still keep away. Called again before the part is started again.
	 *
	 * @throws StartError when another program has taken it meanwhile
	 */
	free(): Promise<void>;
	/** Gives it up. */
	release(): Promise<void>;
}

function listen(port: number): Promise<Server | undefined> {
	const server = createServer((socket) => socket.destroy());
	server.unref();
	return new Promise((resolve) => {
		server.once('error', () => resolve(undefined));
		server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
	});
}

/** Keeps a port so that no other program and no other start takes it. Undefined if it is taken. */
async function hold(number: number): Promise<Port | undefined> {
	const server = await listen(number);
	if (server === undefined) return undefined;
	const claim = await tryLock(join(CLAIMS, String(number)));
	if (claim === undefined || !('release' in claim)) {
		await close(server);
		return undefined;
	}
	return {
		number,
		async free() {
			if (server.listening) await close(server);
			else await untilFree(number);
		},
		async release() {
			if (server.listening) await close(server);
			await claim.release();
		},
	};
}

function close(server: Server): Promise<void> {
	return new Promise((resolve) => {
		server.close(() => resolve());
	});
}

/** Waits until a port can be listened on. The part that had it may have left processes or connections that end a moment later. */
async function untilFree(number: number): Promise<void> {
	for (const deadline = Date.now() + FREE_MILLISECONDS; ; ) {
		const server = await listen(number);
		if (server !== undefined) return close(server);
		if (Date.now() > deadline) {
			throw new StartError(
				`Port ${number} is taken by another program: stop it, or start Necto again to get another port.`,
			);
		}
		await pause(50);
	}
}

/** A port of this machine that nothing listens on. */
export async function anyPort(): Promise<Port> {
	for (let attempt = 0; attempt < 100; attempt++) {
		const port = await hold(randomInt(FREE.from, FREE.to));
		if (port !== undefined) return port;
	}
	throw new StartError('There is no free port on 127.0.0.1; stop some programs and try again.');
}

/**
 * Chooses all ports: the ones that were asked for, else the usual ones, else free ones.
 *
 * @throws StartError when a port that was asked for is taken
 */
export async function choosePorts(asked: Partial<Ports>): Promise<Record<PortName, Port>> {
	const held = new Map<PortName, Port>();
	// Object.keys forgets that its values are the table's keys.
	const names = Object.keys(portTable) as PortName[];
	try {
		for (const name of names) {
			const number = asked[name];
			if (number === undefined) continue;
			const { setting } = portTable[name];
			if ([...held.values()].some((port) => port.number === number)) {
				throw new StartError(`${setting}=${number} is given to another part as well; give each part its own port.`);
			}
			const port = await hold(number);
			if (port === undefined) {
				throw new StartError(
					`Port ${number} is taken: stop what uses it, set ${setting} to another port, or leave ${setting} away to get a free one.`,
				);
			}
			held.set(name, port);
		}
		for (const name of names) {
			if (!held.has(name)) held.set(name, (await hold(portTable[name].usual)) ?? (await anyPort()));
		}
	} catch (error) {
		await Promise.all([...held.values()].map((port) => port.release()));
		throw error;
	}
	// Every name of the table was given a port above.
	return Object.fromEntries(held) as Record<PortName, Port>;
}
