import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { readIfThere } from '../src/files.ts';
import { root } from '../src/paths.ts';
import { isAlive, processIdSchema } from '../src/process-id.ts';
import { scratch } from './scratch.ts';

/** `npm start` as from a shell, but with npm as the only process that the signal is sent to: a terminal's Ctrl-C would reach all of them. */
function npmStart(data: string) {
	const npm = spawn('npm', ['start', '--', '--only', 'chain', '--data', data], {
		cwd: root,
		env: { ...process.env, NECTO_DATA: undefined, DATABASE_URL: undefined, npm_config_update_notifier: 'false' },
		stdio: ['ignore', 'pipe', 'pipe'],
		// A process group of its own, so that whatever is left at the end can be ended without the test itself.
		detached: true,
	});
	let said = '';
	for (const stream of [npm.stdout, npm.stderr]) {
		stream.on('data', (part: Buffer) => {
			said += part.toString('utf8');
		});
	}
	onTestFinished(() => {
		try {
			process.kill(-Number(npm.pid), 'SIGKILL');
		} catch {
			// Nothing is left, as it should be.
		}
	});
	return { npm, said: () => said, closed: once(npm, 'close') };
}

/** Waits until something has been started that has to be stopped; the rest need not be there. Returns the starter's process. */
async function begun({ npm, said }: ReturnType<typeof npmStart>, data: string) {
	while (!said().includes('PostgreSQL')) {
		if (npm.exitCode !== null) throw new Error(said());
		await pause(50);
	}
	return processIdSchema.parse(JSON.parse(await readFile(join(data, 'lock.json'), 'utf8')));
}

it.each(['SIGINT', 'SIGTERM'] as const)('SYS-06 %s to npm alone stops everything in order', async (signal) => {
	const data = await scratch();
	const start = npmStart(data);
	const starter = await begun(start, data);
	start.npm.kill(signal);
	await start.closed;
	expect(start.said()).toContain('Stopping…');
	expect(start.said()).toContain('Stopped.');
	expect(await isAlive(starter)).toBe(false);
	expect(await readIfThere(join(data, 'lock.json'))).toBeUndefined();
});

it('SYS-06 stops its parts in order when its output is closed', async () => {
	const data = await scratch();
	const start = npmStart(data);
	const starter = await begun(start, data);
	start.npm.stdout.destroy();
	start.npm.stderr.destroy();
	process.kill(starter.pid, 'SIGHUP');
	while (await isAlive(starter)) await pause(50);
	expect(await readIfThere(join(data, 'lock.json'))).toBeUndefined();
});
