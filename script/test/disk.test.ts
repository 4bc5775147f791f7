/** SYS-06: a disk that is full. On a real small disk where this process may mount one, else with a writer that fails as one. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bytesToHex, type PublicClient } from 'viem';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Keeper } from '../src/chain/keeper.ts';
import { startPostgres } from '../src/database/postgres.ts';
import { query } from '../src/database/query.ts';
import { writeAtomically } from '../src/files.ts';
import { anyPort } from '../src/ports.ts';
import { Roster } from '../src/roster.ts';
import { Shutdown } from '../src/shutdown.ts';
import { smallDisk } from './full-disk.ts';
import { scratch } from './scratch.ts';

let said = '';
beforeEach(() => {
	said = '';
	vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
		said += String(line);
		return true;
	});
});
afterEach(() => {
	vi.restoreAllMocks();
});

function noRoom(): Error {
	return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

/** A chain whose state a test sets. */
function chain() {
	const state = { block: 1, content: 'old' };
	const parts = {
		getBlock: async () => ({ hash: `0x${state.block}` }),
		request: async () => bytesToHex(gzipSync(Buffer.from(state.content))),
	};
	// Only what the keeper asks for.
	return { state, client: parts as unknown as PublicClient };
}

describe("the chain's state on a full disk", () => {
	it('stays whole, is told with what to do, and is written once there is room', { timeout: 60_000 }, async () => {
		const base = await scratch();
		const directory = join(base, 'disk');
		await mkdir(directory);
		const disk = await smallDisk(directory, 512);
		if (disk !== undefined) onTestFinished(() => disk.remove());
		let isFull = false;
		const write: typeof writeAtomically = async (file, content, mode) => {
			if (disk === undefined && isFull) throw noRoom();
			return writeAtomically(file, content, mode);
		};
		const file = join(directory, 'adi.json');
		const { state, client } = chain();
		const keeper = new Keeper(client, file, { title: 'the test chain', write });
		onTestFinished(() => keeper.pause());
		keeper.start();
		await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('old'), { timeout: 10_000 });

		await disk?.fill();
		isFull = true;
		const larger = 'new'.repeat(50_000);
		Object.assign(state, { block: 2, content: larger });
		await vi.waitFor(
			() => expect(said).toContain('The disk is full: free some space; it then continues automatically.'),
			{
				timeout: 10_000,
			},
		);
		expect(said).toContain('The state of the test chain could not be written');
		expect(await readFile(file, 'utf8')).toBe('old');
		// No half-written file is left to fill the disk further.
		expect((await readdir(directory)).filter((name) => name !== 'filler')).toEqual(['adi.json']);
		// Said once, however often it is tried.
		await new Promise((resolve) => setTimeout(resolve, 600));
		expect(said.split('could not be written')).toHaveLength(2);

		await disk?.free();
		isFull = false;
		await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe(larger), { timeout: 10_000 });
		await vi.waitFor(() => expect(said).toContain('is on disk again'), { timeout: 10_000 });
	});

	it('that could not be written once does not keep the roster or another write from working', async () => {
		const data = await scratch();
		const roster = new Roster(data);
		const entry = { pid: 1, born: 'x', name: 'part', signal: 'SIGTERM' } as const;
		// A directory in the file's place fails the write as a full disk does.
		await mkdir(join(data, 'processes.json'));
		await writeFile(join(data, 'processes.json', 'in-the-way'), '');
		await expect(roster.add(entry)).rejects.toThrow();
		const { rm } = await import('node:fs/promises');
		await rm(join(data, 'processes.json'), { recursive: true });
		await roster.add({ ...entry, pid: 2 });
		expect(JSON.parse(await readFile(join(data, 'processes.json'), 'utf8'))).toHaveLength(2);
	});
});

describe('PostgreSQL on a full disk', () => {
	it('refuses what does not fit, keeps what it has, and goes on once there is room', { timeout: 240_000 }, async () => {
		const base = await scratch();
		const data = join(base, 'data');
		await mkdir(data);
		const disk = await smallDisk(data, 160 * 1024);
		if (disk !== undefined) onTestFinished(() => disk.remove());
		const shutdown = new Shutdown();
		onTestFinished(() => shutdown.stop());
		const { url } = await startPostgres(await anyPort(), { data, roster: new Roster(data) }, (running) =>
			shutdown.add(0, running),
		);
		await query(url, 'create table kept (id integer primary key, bytes bytea)');
		await query(url, "insert into kept values (1, 'first')");
		const insert = (id: number, kilobytes: number) =>
			query(url, `insert into kept select $1, string_agg(sha256(i::text::bytea), '') from generate_series(1, $2) i`, [
				id,
				kilobytes * 32,
			]);
		if (disk !== undefined) {
			await disk.fill();
			// Each is more than what a table can grow by without a new file of the log.
			const failure = await insert(2, 30_000).then(
				() => undefined,
				(error: Error) => error,
			);
			expect(String(failure)).toMatch(/No space left on device|terminat|closed|recovery|ECONN/i);
			await disk.free();
		}
		await vi.waitFor(() => insert(3, 100), { timeout: 120_000, interval: 500 });
		const rows = await query(url, 'select id from kept order by id');
		expect(rows).toEqual([{ id: 1 }, { id: 3 }]);
		expect(await query(url, 'select bytes from kept where id = 1')).toEqual([{ bytes: Buffer.from('first') }]);
	});
});
