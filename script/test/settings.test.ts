import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { anyPort, type ChosenPorts, choosePorts, keepPorts, readLastPorts } from '../src/ports.ts';
import { neededPorts, type PortName, type Ports, portTable, readSettings } from '../src/settings.ts';
import { scratch } from './scratch.ts';

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
	const port = await anyPort();
	await port.release();
	return port.number;
}

/** Chooses ports, for the length of a test. */
async function choose(asked: Partial<Ports>, last: Partial<Ports> = {}, names = everything): Promise<ChosenPorts> {
	const ports = await choosePorts(names, asked, last);
	onTestFinished(() => ports.release());
	return ports;
}

const everything = neededPorts({ extent: 'all', databases: undefined });

describe('settings', () => {
	it('needs none', () => {
		expect(readSettings([], {})).toMatchObject({ extent: 'all', host: '127.0.0.1', ports: {} });
	});

	it('takes the data directory from the command line before the environment', () => {
		expect(readSettings(['--data', '/a'], { NECTO_DATA: '/b' }).data).toBe('/a');
		expect(readSettings([], { NECTO_DATA: '/b' }).data).toBe('/b');
	});

	it.each([
		[{ AGENT_PORT: 'x' }, 'AGENT_PORT=x is not a port; give a number from 1 to 65535.'],
		[{ AGENT_PORT: '70000' }, 'AGENT_PORT=70000 is not a port; give a number from 1 to 65535.'],
		[
			{ DATABASE_URL: 'mysql://a/b' },
			'DATABASE_URL is not the address of a PostgreSQL; give postgresql://user@host:port/database.',
		],
		[
			{ DATABASE_URL: 'postgresql://a/b', READER_DATABASE_URL: 'mysql://a/b' },
			'READER_DATABASE_URL is not the address of a PostgreSQL; give postgresql://user@host:port/database.',
		],
		[
			{ READER_DATABASE_URL: 'postgresql://a/b' },
			'READER_DATABASE_URL is set without DATABASE_URL; set both, or neither.',
		],
	])('refuses %o with the name of the setting', (env, sentence) => {
		expect(() => readSettings([], env)).toThrow(sentence);
	});

	it('takes one address of a database for everybody, or one for each', () => {
		const DATABASE_URL = 'postgresql://all@h/db';
		expect(readSettings([], {}).databases).toBeUndefined();
		expect(readSettings([], { DATABASE_URL }).databases).toEqual({
			url: DATABASE_URL,
			roles: { indexer: DATABASE_URL, reader: DATABASE_URL, agent: DATABASE_URL, api: DATABASE_URL },
		});
		const READER_DATABASE_URL = 'postgresql://reader@h/db';
		expect(readSettings([], { DATABASE_URL, READER_DATABASE_URL }).databases?.roles).toEqual({
			indexer: DATABASE_URL,
			reader: READER_DATABASE_URL,
			agent: DATABASE_URL,
			api: DATABASE_URL,
		});
	});

	it.each([['--nonsense'], ['word']])('refuses %s and says how it is used', (argument) => {
		expect(() => readSettings([argument], {})).toThrow('Usage: npm start');
	});
});

describe('ports', () => {
	it('takes the ones that were asked for', async () => {
		const agent = await freePort();
		expect((await choose({ agent })).numbers).toMatchObject({ agent });
	});

	it('says which port is taken and which setting moves it', async () => {
		const taken = await anyPort();
		onTestFinished(() => taken.release());
		await expect(choose({ frontend: taken.number })).rejects.toThrow(
			`Port ${taken.number} is taken: stop what uses it, set FRONTEND_PORT to another port, or leave FRONTEND_PORT away to get a free one.`,
		);
	});

	it('refuses one port for two parts', async () => {
		const port = await freePort();
		await expect(choose({ agent: port, frontend: port })).rejects.toThrow('is given to another part as well');
	});

	it('keeps them for their parts: two starts at the same moment never meet', async () => {
		const [one, other] = await Promise.all([choose({}), choose({})]);
		expect(new Set([one, other].flatMap(({ numbers }) => Object.values(numbers))).size).toBe(18);
	});

	it('waits, before a part is started again, until what the last run left on its port has ended', async () => {
		const port = await anyPort();
		onTestFinished(() => port.release());
		await port.free();
		const left = createServer();
		await new Promise<void>((resolve) => left.listen(port.number, '127.0.0.1', resolve));
		let isGone = false;
		const freed = port.free().then(() => isGone);
		await pause(200);
		isGone = true;
		left.close();
		expect(await freed).toBe(true);
	});

	it('has no default among those that systems take for outgoing connections', () => {
		expect(Math.max(...Object.values(portTable).map(({ usual }) => usual))).toBeLessThan(32_768);
	});

	it('lets go of what it has taken when it fails', async () => {
		const [agent, taken] = [await freePort(), await anyPort()];
		onTestFinished(() => taken.release());
		await expect(choose({ agent, frontend: taken.number })).rejects.toThrow('is taken');
		expect((await choose({ agent })).numbers).toMatchObject({ agent });
	});

	it('keeps away from a usual port that another part was asked to take', async () => {
		const adi = await freePort();
		const { numbers } = await choose({ zerog: adi }, { adi });
		expect(numbers.zerog).toBe(adi);
		expect(numbers.adi).not.toBe(adi);
	});

	it('takes those of the last start again, and says which is taken and what is used instead', async () => {
		const [frontend, taken] = [await freePort(), await anyPort()];
		onTestFinished(() => taken.release());
		const ports = await choose({}, { frontend, agent: taken.number });
		expect(ports.numbers).toMatchObject({ frontend });
		expect(ports.moved).toContain(`Port ${taken.number} is taken; the agent uses ${ports.numbers.agent}.`);
		expect(ports.moved.join()).not.toContain('frontend');
	});

	it('says which usual port is taken', async () => {
		const server = createServer();
		await new Promise<void>((resolve) => {
			server.once('error', () => resolve());
			// Where something has it already, that serves as well.
			server.listen(portTable.frontend.usual, '127.0.0.1', resolve);
		});
		onTestFinished(() => void server.close());
		const { moved, numbers } = await choose({});
		expect(moved).toContain(`Port 3000 is taken; the frontend uses ${numbers.frontend}.`);
	});

	it('keeps them between starts, also those of parts that were not started', async () => {
		const data = await scratch();
		expect(await readLastPorts(data)).toEqual({});
		await keepPorts(data, { frontend: 26_222, adi: 26_223 }, { numbers: { adi: 26_224 } });
		expect(await readLastPorts(data)).toEqual({ frontend: 26_222, adi: 26_224 });
		await writeFile(join(data, 'ports.json'), '{"adi":');
		expect(await readLastPorts(data)).toEqual({});
	});

	it('does not keep those that were set for one start', async () => {
		const data = await scratch();
		const [last, asked] = [{ adi: 26_223 }, { adi: 26_224, agent: 26_225 }];
		await keepPorts(data, last, { numbers: { ...asked, frontend: 26_226 } }, asked);
		expect(await readLastPorts(data)).toEqual({ adi: 26_223, frontend: 26_226 });
	});

	it('looks at those of the parts that start only', async () => {
		const taken = await anyPort();
		onTestFinished(() => taken.release());
		const chain: PortName[] = ['adi', 'zerog', 'zerogIndexer', 'postgres'];
		expect(neededPorts({ extent: 'chain', databases: undefined })).toEqual(chain);
		expect(neededPorts({ extent: 'indexer', databases: undefined })).toEqual(['indexer', 'indexing', ...chain]);
		const databases = readSettings([], { DATABASE_URL: 'postgresql://all@h/db' }).databases;
		expect(neededPorts({ extent: 'chain', databases })).not.toContain('postgres');
		const { numbers } = await choose({ frontend: taken.number }, {}, chain);
		expect(Object.keys(numbers).sort()).toEqual([...chain].sort());
	});
});
