import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Parts, ReadinessMonitor } from '../src/parts.ts';
import { Roster } from '../src/roster.ts';
import { type Lifecycle, Service } from '../src/service.ts';
import { Processes, randomOf, settled, VirtualClock } from './virtual.ts';

/** More with SURVIVAL_ROUNDS. */
const ROUNDS = Number(process.env.SURVIVAL_ROUNDS ?? 200);
const NAMES = ['database', 'chain', 'indexer', 'agent'] as const;
type Name = (typeof NAMES)[number];

let said: string[] = [];
beforeEach(() => {
	said = [];
	vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
		said.push(String(line));
		return true;
	});
});
afterEach(() => {
	vi.restoreAllMocks();
});

/** Parts that need each other as the product's do: none answers without those that it stands on. */
function world() {
	const clock = new VirtualClock();
	const processes = new Processes(clock);
	const parts = new Parts();
	const data = join(tmpdir(), 'never-written');
	const surroundings = { data, roster: new Roster(data), parts, clock, launch: processes.launch };
	/** What goes wrong next, by the name of the part. */
	const faults = { program: new Set<Name>(), ready: new Set<Name>() };
	const needs: Record<Name, readonly Name[]> = {
		database: [],
		chain: [],
		indexer: ['database', 'chain'],
		agent: ['database', 'chain', 'indexer'],
	};
	const service = (name: Name, more: Partial<Lifecycle> = {}) =>
		new Service(
			{
				program: async () => {
					await Promise.resolve();
					if (faults.program.delete(name)) throw new Error('the program could not be made');
					if (name === 'indexer' && !processes.alive.has('chain')) throw new Error('no chain');
					return { title: name, name, command: name, args: [], cwd: '/', signal: 'SIGTERM' };
				},
				ready: async (signal) => {
					for (;;) {
						await clock.pause(name === 'indexer' ? 700 : 150, signal);
						signal.throwIfAborted();
						if (faults.ready.delete(name)) throw new Error('wrong answer');
						if (needs[name].every((other) => processes.alive.has(other))) return;
					}
				},
				...more,
			},
			surroundings,
		);
	const indexer = service('indexer');
	const services = {
		database: service('database'),
		chain: service('chain', { afterRestart: () => indexer.restart() }),
		indexer,
		agent: service('agent'),
	};
	let isThere = false;
	/** Whether the file was written while a part was down. */
	let lied = false;
	const readiness = new ReadinessMonitor(
		parts,
		{
			write: async () => {
				isThere = true;
				lied ||= NAMES.some((name) => services[name].state !== 'up');
			},
			remove: async () => {
				isThere = false;
			},
		},
		clock,
	);
	return {
		clock,
		processes,
		parts,
		faults,
		services,
		readiness,
		isThere: () => isThere,
		lied: () => lied,
		async up() {
			for (const name of NAMES) {
				const started = services[name].start();
				await clock.moveBy(2_000);
				await started;
			}
			await readiness.begin();
		},
		states: () => NAMES.map((name) => services[name].state),
		async stop() {
			const ended = readiness.end();
			const stopped = Promise.all(NAMES.map((name) => services[name].stop()));
			await clock.moveBy(1_000);
			await Promise.all([ended, stopped]);
		},
	};
}

describe('SYS-05 a part that dies', () => {
	it('is started again with growing pauses while its start fails, and the file comes back with it', async () => {
		const it = world();
		await it.up();
		expect(it.isThere()).toBe(true);
		it.processes.kill('database');
		await settled();
		expect(it.isThere()).toBe(false);
		it.faults.program.add('database');
		await it.clock.moveBy(1_100);
		expect(it.services.database.state).toBe('pausing');
		it.faults.ready.add('database');
		await it.clock.moveBy(2_500);
		expect(it.services.database.state).toBe('pausing');
		await it.clock.moveBy(4_500);
		expect(it.services.database.state).toBe('up');
		expect(
			said.filter((line) => line.includes('starting it again')).map((line) => /in (\d+) s/.exec(line)?.[1]),
		).toEqual(['1', '2', '4']);
		await it.clock.moveBy(2_000);
		expect(it.isThere()).toBe(true);
		await it.stop();
		expect(it.isThere()).toBe(false);
		expect(it.processes.alive.size).toBe(0);
	});

	it('SYS-05 the chain, and the indexer while it is restarted for it: both come back', async () => {
		const it = world();
		await it.up();
		it.processes.kill('chain');
		await it.clock.moveBy(1_200);
		expect(it.services.chain.state).toBe('up');
		expect(it.services.indexer.state).not.toBe('up');
		await it.clock.moveBy(400);
		// The indexer is being started again at this moment.
		expect(it.processes.kill('indexer')).toBe(true);
		await it.clock.moveBy(20_000);
		expect(it.states()).toEqual(['up', 'up', 'up', 'up']);
		expect(it.isThere()).toBe(true);
	});

	it('is restarted at once when that is asked for in its pause, and once for all who ask during a start', async () => {
		const it = world();
		await it.up();
		it.processes.kill('indexer');
		await settled();
		it.services.indexer.restart();
		await it.clock.moveBy(100);
		expect(it.services.indexer.state).toBe('starting');
		it.services.indexer.restart();
		it.services.indexer.restart();
		await it.clock.moveBy(5_000);
		expect(it.services.indexer.state).toBe('up');
		expect(it.processes.launched.filter(({ name }) => name === 'indexer')).toHaveLength(3);
	});

	it('that runs and does not answer takes the file away until it does', async () => {
		const it = world();
		await it.up();
		const { agent } = it.services;
		const silent = vi.spyOn(agent, 'answers').mockRejectedValue(new Error('503'));
		await it.clock.moveBy(6_100);
		expect(it.isThere()).toBe(false);
		expect(said.join('')).toContain('agent does not answer');
		silent.mockRestore();
		await it.clock.moveBy(6_100);
		expect(it.isThere()).toBe(true);
	});

	it('that does not answer is named once, also if another part was down when it fell silent', async () => {
		const it = world();
		await it.up();
		it.processes.kill('database');
		await settled();
		vi.spyOn(it.services.agent, 'answers').mockRejectedValue(new Error('503'));
		await it.clock.moveBy(30_000);
		expect(it.states()).toEqual(['up', 'up', 'up', 'up']);
		expect(it.isThere()).toBe(false);
		expect(said.filter((line) => line.includes('agent does not answer'))).toHaveLength(1);
	});

	it('what is asked for after a restart fails does not reject, and says so', async () => {
		const it = world();
		const failing = vi.spyOn(it.services.indexer, 'restart').mockImplementation(() => {
			throw new Error('no');
		});
		await it.up();
		it.processes.kill('chain');
		await it.clock.moveBy(3_000);
		expect(failing).toHaveBeenCalled();
		expect(said.join('')).toContain('After chain was started again: no');
		expect(it.services.chain.state).toBe('up');
	});

	it('before it ever answered fails its first start, once, with the end of its log', async () => {
		const it = world();
		const started = it.services.database.start();
		const failed = expect(started).rejects.toThrow('database stopped at once (SIGKILL). The end of its log');
		await settled();
		it.processes.kill('database');
		await it.clock.moveBy(5_000);
		await failed;
		expect(it.services.database.state).toBe('stopped');
		expect(it.processes.launched).toHaveLength(1);
	});
});

describe(`SYS-05 parts killed in pairs at any moments, ${ROUNDS} seeded rounds`, () => {
	it('all come back, none runs twice, and the file is there only while all are up', async () => {
		for (let seed = 1; seed <= ROUNDS; seed++) {
			const random = randomOf(seed);
			const it = world();
			await it.up();
			const begun = it.clock.now();
			const events = [
				...Array.from({ length: 2 + random(2) }, () => ({ at: random(10_000), what: 'kill' })),
				...Array.from({ length: random(3) }, () => ({ at: random(10_000), what: 'restart' })),
				...Array.from({ length: random(3) }, () => ({ at: random(10_000), what: 'program' })),
				...Array.from({ length: random(2) }, () => ({ at: random(10_000), what: 'ready' })),
			].sort((a, b) => a.at - b.at);
			for (const { at, what } of events) {
				await it.clock.moveTo(begun + at);
				const name = NAMES[random(NAMES.length)] ?? 'chain';
				if (what === 'kill') it.processes.kill(name);
				if (what === 'restart') it.services[name].restart();
				if (what === 'program') it.faults.program.add(name);
				if (what === 'ready') it.faults.ready.add(name);
				await settled();
				if (it.parts.down.length > 0) expect(it.isThere(), `seed ${seed}`).toBe(false);
			}
			await it.clock.moveBy(90_000);
			expect(it.states(), `seed ${seed}: ${said.slice(-6).join('')}`).toEqual(['up', 'up', 'up', 'up']);
			expect(it.isThere(), `seed ${seed}`).toBe(true);
			expect(it.lied(), `seed ${seed}`).toBe(false);
			expect(it.processes.most, `seed ${seed}`).toBe(1);
			// The indexer has read the chain as it is since its last return.
			const last = (name: Name) => it.processes.launched.findLast((run) => run.name === name)?.at ?? 0;
			if (last('chain') > begun) expect(last('indexer'), `seed ${seed}`).toBeGreaterThan(last('chain'));
			await it.stop();
			expect(it.processes.alive.size, `seed ${seed}`).toBe(0);
		}
	}, 120_000);

	it('and stopped in the middle, nothing is left running or comes back', async () => {
		for (let seed = 1; seed <= ROUNDS; seed++) {
			const random = randomOf(seed);
			const it = world();
			await it.up();
			for (let kills = 0; kills < 2; kills++) {
				it.processes.kill(NAMES[random(NAMES.length)] ?? 'chain');
				await it.clock.moveBy(random(1_600));
			}
			await it.stop();
			expect(it.processes.alive.size, `seed ${seed}`).toBe(0);
			expect(it.isThere(), `seed ${seed}`).toBe(false);
			await it.clock.moveBy(60_000);
			expect(it.processes.alive.size, `seed ${seed}`).toBe(0);
			expect(it.states(), `seed ${seed}`).toEqual(['stopped', 'stopped', 'stopped', 'stopped']);
		}
	}, 120_000);
});
