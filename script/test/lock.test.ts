import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { takeLock } from '../src/lock.ts';
import { root } from '../src/paths.ts';
import { bornAt, isAlive } from '../src/process-id.ts';
import { endOrphan, Roster } from '../src/roster.ts';
import { scratch } from './scratch.ts';

describe('one start per data directory', () => {
	it('refuses a second one with the directory, the process and what to do', async () => {
		const data = await scratch();
		const lock = await takeLock(data);
		await expect(takeLock(data)).rejects.toThrow(
			`Necto already runs on ${data} (process ${process.pid}): stop it with Ctrl-C in its terminal or \`kill ${process.pid}\`, or start on another directory with NECTO_DATA.`,
		);
		await lock.release();
		await (await takeLock(data)).release();
	});

	it('never has two holders, however many processes take a lock of a killed start at the same moment', async () => {
		const directories = await Promise.all(
			Array.from({ length: 40 }, async () => {
				const directory = await scratch();
				await writeFile(join(directory, 'lock.json'), JSON.stringify({ pid: 2 ** 22 - 3, born: 'long ago' }));
				return directory;
			}),
		);
		const program = `
			import { tryLock } from ${JSON.stringify(join(root, 'script/src/lock.ts'))};
			process.once('message', async (directories) => {
				const taken = await Promise.all(directories.map(async (directory) => 'release' in ((await tryLock(directory)) ?? {})));
				process.send(taken);
			});
			process.send('ready');`;
		const children = Array.from({ length: 3 }, () =>
			spawn(process.execPath, ['--input-type=module', '-e', program], {
				stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
			}),
		);
		onTestFinished(() => {
			for (const child of children) child.kill('SIGKILL');
		});
		await Promise.all(children.map((child) => once(child, 'message')));
		const taken = await Promise.all(
			children.map(async (child) => {
				const answer = once(child, 'message');
				child.send(directories);
				return z.tuple([z.array(z.boolean()), z.unknown()]).parse(await answer)[0];
			}),
		);
		for (const index of directories.keys()) expect(taken.filter((by) => by[index])).toHaveLength(1);
	});

	it('respects the lock of an earlier version that still runs', async () => {
		const data = await scratch();
		const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
		onTestFinished(() => void child.kill('SIGKILL'));
		const pid = Number(child.pid);
		await writeFile(join(data, 'lock.json'), JSON.stringify({ pid, born: await bornAt(pid) }));
		await expect(takeLock(data)).rejects.toThrow(`(process ${pid})`);
	});

	it.each([
		['of a process that is gone', JSON.stringify({ pid: 2 ** 22 - 3, born: 'long ago' })],
		['of another process with the same number', JSON.stringify({ pid: process.pid, born: 'long ago' })],
		['half written', '{"pid":'],
	])('ignores a lock %s', async (_, content) => {
		const data = await scratch();
		await writeFile(join(data, 'lock.json'), content);
		const lock = await takeLock(data);
		expect(JSON.parse(await readFile(join(data, 'lock.json'), 'utf8'))).toMatchObject({ pid: process.pid });
		await lock.release();
	});
});

describe('what a killed start left running', () => {
	it('is found by the next one and ended', async () => {
		const data = await scratch();
		const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
		const pid = Number(child.pid);
		const entry = { pid, born: await bornAt(pid), name: 'left', signal: 'SIGTERM' } as const;
		await new Roster(data).add(entry);
		const orphans = await new Roster(data).orphans();
		expect(orphans).toEqual([entry]);
		await Promise.all(orphans.map(endOrphan));
		expect(await isAlive(entry)).toBe(false);
		expect(await new Roster(data).orphans()).toEqual([]);
	});

	it('is not confused with another process of the same number', async () => {
		const data = await scratch();
		await new Roster(data).add({ pid: process.pid, born: 'long ago', name: 'left', signal: 'SIGTERM' });
		expect(await new Roster(data).orphans()).toEqual([]);
	});
});
