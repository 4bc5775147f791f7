import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { choosePorts, freePort } from '../src/ports.ts';
import { readSettings } from '../src/settings.ts';

/** Takes a port for the length of a test. */
async function take(port: number): Promise<void> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
	onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
}

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
	])('refuses %o with the name of the setting', (env, sentence) => {
		expect(() => readSettings([], env)).toThrow(sentence);
	});

	it.each([['--nonsense'], ['word']])('refuses %s and says how it is used', (argument) => {
		expect(() => readSettings([argument], {})).toThrow('Usage: npm start');
	});
});

describe('ports', () => {
	it('takes the ones that were asked for', async () => {
		const agent = await freePort();
		expect(await choosePorts({ agent })).toMatchObject({ agent });
	});

	it('says which port is taken and which setting moves it', async () => {
		const frontend = await freePort();
		await take(frontend);
		await expect(choosePorts({ frontend })).rejects.toThrow(
			`Port ${frontend} is taken: stop what uses it, set FRONTEND_PORT to another port, or leave FRONTEND_PORT away to get a free one.`,
		);
	});

	it('refuses one port for two parts', async () => {
		const port = await freePort();
		await expect(choosePorts({ agent: port, frontend: port })).rejects.toThrow('is given to another part as well');
	});

	it('gives each part a port of its own', async () => {
		const ports = Object.values(await choosePorts({}));
		expect(new Set(ports).size).toBe(7);
	});

	it('keeps away from a usual port that another part was asked to take', async () => {
		const { adi } = await choosePorts({});
		const ports = await choosePorts({ zerog: adi });
		expect(ports.zerog).toBe(adi);
		expect(ports.adi).not.toBe(adi);
	});
});
