import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeLock } from '../src/lock.ts';
import { bornAt, isAlive } from '../src/process-id.ts';
import { endOrphan, Roster } from '../src/roster.ts';
import { scratch } from './scratch.ts';

describe('one start per data directory', () => {
	it('refuses a second one with the directory, the process and what to do', async () => {
		const data = await scratch();
		const lock = await takeLock(data);
		await expect(takeLock(data)).rejects.toThrow(
			`Necto already runs on ${data} (process ${process.pid}): stop it with Ctrl-C in its terminal, or start on another directory with NECTO_DATA.`,
		);
		await lock.release();
		await (await takeLock(data)).release();
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
