import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { StartError } from './errors.ts';
import { readIfThere, toJson, writeAtomically } from './files.ts';
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

/** The ports of one start. */
export class ChosenPorts {
	/** Sentences about ports that were expected and are taken. */
	readonly moved: readonly string[];
	readonly #held: ReadonlyMap<PortName, Port>;

	constructor(held: ReadonlyMap<PortName, Port>, moved: readonly string[]) {
		this.#held = held;
		this.moved = moved;
	}

	/** A part's port. @throws Error for a part that this start does not start */
	of(name: PortName): Port {
		const port = this.#held.get(name);
		if (port === undefined) throw new Error(`No port was chosen for ${portTable[name].title}.`);
		return port;
	}

	/** The number of each. */
	get numbers(): Partial<Ports> {
		return Object.fromEntries([...this.#held].map(([name, { number }]) => [name, number]));
	}

	async release(): Promise<void> {
		await Promise.all([...this.#held.values()].map((port) => port.release()));
	}
}

/**
 * Chooses the ports of the parts that start: the ones that were asked for, else those of the last start, else the usual ones, else free ones.
 *
 * @param names the parts
 * @param asked ports that were asked for; those of other parts do not matter
 * @param last ports of the last start
 * @throws StartError when a port that was asked for is taken
 */
export async function choosePorts(
	names: readonly PortName[],
	asked: Partial<Ports>,
	last: Partial<Ports> = {},
): Promise<ChosenPorts> {
	const held = new Map<PortName, Port>();
	const moved: string[] = [];
	const take = async (name: PortName, number: number | undefined): Promise<void> => {
		if (number === undefined || held.has(name)) return;
		const port = await hold(number);
		if (port !== undefined) held.set(name, port);
	};
	try {
		for (const name of names) await takeAsked(name, asked[name], held);
		for (const name of names) await take(name, last[name]);
		for (const name of names) {
			await take(name, portTable[name].usual);
			if (!held.has(name)) held.set(name, await anyPort());
			const [number, expected] = [held.get(name)?.number, asked[name] ?? last[name] ?? portTable[name].usual];
			if (number !== expected) moved.push(`Port ${expected} is taken; ${portTable[name].title} uses ${number}.`);
		}
	} catch (error) {
		await Promise.all([...held.values()].map((port) => port.release()));
		throw error;
	}
	return new ChosenPorts(held, moved);
}

async function takeAsked(name: PortName, number: number | undefined, held: Map<PortName, Port>): Promise<void> {
	if (number === undefined) return;
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

const lastPortsSchema = z.partialRecord(z.enum(Object.keys(portTable)), z.int().min(1).max(65_535));

/** The ports of the last start on a data directory: what browsers keep, and bookmarks, are of one port. */
export async function readLastPorts(data: string): Promise<Partial<Ports>> {
	try {
		return lastPortsSchema.parse(JSON.parse((await readIfThere(fileIn(data))) ?? '{}'));
	} catch {
		// A damaged file only costs the ports.
		return {};
	}
}

/**
 * Keeps the ports of this start for the next one, and those of parts that it did not start as they were.
 *
 * @param asked ports from the settings: they are for this start alone
 */
export async function keepPorts(
	data: string,
	last: Partial<Ports>,
	{ numbers }: Pick<ChosenPorts, 'numbers'>,
	asked: Partial<Ports> = {},
): Promise<void> {
	await writeAtomically(fileIn(data), toJson({ ...last, ...numbers, ...pick(last, asked) }));
}

/** What `from` says of the ports that are named in `names`: undefined, which JSON leaves out, where it says nothing. */
function pick(from: Partial<Ports>, names: Partial<Ports>): { [Name in PortName]?: number | undefined } {
	// Object.keys forgets that its values are the table's keys.
	return Object.fromEntries((Object.keys(names) as PortName[]).map((name) => [name, from[name]]));
}

function fileIn(data: string): string {
	return join(data, 'ports.json');
}
