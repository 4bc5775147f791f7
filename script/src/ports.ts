import { createServer, type Server } from 'node:net';
import { StartError } from './errors.ts';
import { type PortName, type Ports, portTable } from './settings.ts';

/** Keeps a port so that no other program takes it; 0 asks for any free one. Undefined if it is taken. */
async function hold(port: number): Promise<Server | undefined> {
	const server = createServer((socket) => socket.destroy());
	server.unref();
	return new Promise((resolve) => {
		server.once('error', () => resolve(undefined));
		server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
	});
}

function portOf(server: Server): number {
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('A port was expected.');
	return address.port;
}

function close(server: Server): Promise<void> {
	return new Promise((resolve) => server.close(() => resolve()));
}

async function holdFree(): Promise<Server> {
	const server = await hold(0);
	if (server === undefined)
		throw new StartError('There is no free port on 127.0.0.1; stop some programs and try again.');
	return server;
}

/** A port that is kept for a part from the choice until the part listens: no other start, and no other program, gets it meanwhile. */
export interface Port {
	readonly number: number;
	/** Gives it free for its part, just before that listens. Later calls do nothing. */
	free(): Promise<void>;
}

function asPort(server: Server): Port {
	const number = portOf(server);
	return {
		number,
		async free() {
			if (server.listening) await close(server);
		},
	};
}

/** A port of this machine that nothing listens on. */
export async function anyPort(): Promise<Port> {
	return asPort(await holdFree());
}

/**
 * Chooses all ports: the ones that were asked for, else the usual ones, else free ones.
 *
 * @throws StartError when a port that was asked for is taken
 */
export async function choosePorts(asked: Partial<Ports>): Promise<Record<PortName, Port>> {
	const held = new Map<PortName, Server>();
	// Object.keys forgets that its values are the table's keys.
	const names = Object.keys(portTable) as PortName[];
	try {
		for (const name of names) {
			const port = asked[name];
			if (port === undefined) continue;
			const { setting } = portTable[name];
			if ([...held.values()].some((server) => portOf(server) === port)) {
				throw new StartError(`${setting}=${port} is given to another part as well; give each part its own port.`);
			}
			const server = await hold(port);
			if (server === undefined) {
				throw new StartError(
					`Port ${port} is taken: stop what uses it, set ${setting} to another port, or leave ${setting} away to get a free one.`,
				);
			}
			held.set(name, server);
		}
		for (const name of names) {
			if (!held.has(name)) held.set(name, (await hold(portTable[name].usual)) ?? (await holdFree()));
		}
	} catch (error) {
		await Promise.all([...held.values()].map(close));
		throw error;
	}
	// Every name of the table was given a port above.
	return Object.fromEntries([...held].map(([name, server]) => [name, asPort(server)])) as Record<PortName, Port>;
}
