import { createServer } from 'node:net';
import { StartError } from './errors.ts';
import { type PortName, type Ports, portTable } from './settings.ts';

/** Whether nothing listens on a port of this machine; 0 asks for any free one. Returns the port, or undefined if it is taken. */
function tryPort(port: number): Promise<number | undefined> {
	return new Promise((resolve) => {
		const server = createServer();
		server.unref();
		server.once('error', () => resolve(undefined));
		server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
		});
	});
}

/** A port of this machine that nothing listens on. */
export async function freePort(): Promise<number> {
	const port = await tryPort(0);
	if (port === undefined) throw new StartError('There is no free port on 127.0.0.1; stop some programs and try again.');
	return port;
}

/**
 * Chooses all ports: the ones that were asked for, else the usual ones, else free ones.
 *
 * @throws StartError when a port that was asked for is taken
 */
export async function choosePorts(asked: Partial<Ports>): Promise<Ports> {
	const chosen = new Map<PortName, number>();
	const used = new Set<number>();
	// Object.keys forgets that its values are the table's keys.
	const names = Object.keys(portTable) as PortName[];
	for (const name of names) {
		const port = asked[name];
		if (port === undefined) continue;
		const { setting } = portTable[name];
		if (used.has(port)) {
			throw new StartError(`${setting}=${port} is given to another part as well; give each part its own port.`);
		}
		if ((await tryPort(port)) === undefined) {
			throw new StartError(
				`Port ${port} is taken: stop what uses it, set ${setting} to another port, or leave ${setting} away to get a free one.`,
			);
		}
		used.add(port);
		chosen.set(name, port);
	}
	for (const name of names) {
		if (chosen.has(name)) continue;
		const { usual } = portTable[name];
		let port = used.has(usual) ? undefined : await tryPort(usual);
		while (port === undefined || used.has(port)) port = await freePort();
		used.add(port);
		chosen.set(name, port);
	}
	// Every key of the table was set above.
	return Object.fromEntries(chosen) as Ports;
}
