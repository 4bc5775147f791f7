import { mkdir } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { realClock } from './clock.ts';
import { reasonOf, StartError } from './errors.ts';
import { type Lock, takeLock } from './lock.ts';
import { startNetwork } from './network.ts';
import { Parts, ReadinessMonitor } from './parts.ts';
import { type Ready, removeReady, writeReady } from './ready.ts';
import { box, complain, say, seconds } from './say.ts';
import { readSettings, type Settings, usage, wantsHelp } from './settings.ts';
import { Shutdown } from './shutdown.ts';

const SAME_KEYSTROKE_MILLISECONDS = 700;
/** Longer than all layers together take when each part has to be killed. */
const STOP_MILLISECONDS = 120_000;

/** `npm start`: brings the product up, stays, and stops it in order on Ctrl-C. */
async function main(): Promise<void> {
	const started = performance.now();
	const argv = process.argv.slice(2);
	if (wantsHelp(argv)) {
		say(usage);
		return;
	}
	const settings = readSettings(argv, process.env);
	await mkdir(settings.data, { recursive: true });
	const lock = await takeLock(settings.data);
	await removeReady(settings.data);
	const shutdown = new Shutdown();
	const parts = new Parts();
	const stop = new Stop(settings, lock, shutdown);
	stop.onSignals();
	stop.onFaults();
	say(settings.extent === 'all' ? 'Starting Necto…' : 'Starting a part of Necto…');
	try {
		const { ready, notes } = await startNetwork(settings, shutdown, parts);
		if (stop.isAsked) return;
		const file = { write: () => writeReady(settings.data, ready), remove: () => removeReady(settings.data) };
		stop.readiness = new ReadinessMonitor(parts, file, realClock);
		await stop.readiness.begin();
		announce(settings, ready, notes, started);
	} catch (error) {
		// What fails because it is being stopped is no failure.
		if (stop.isAsked) return;
		fail(error);
		await stop.now(1);
	}
}

/** How this process ends: everything is stopped in order, whatever the reason. */
class Stop {
	/** What keeps `ready.json`, once there is one. */
	readiness: ReadinessMonitor | undefined;
	readonly #settings: Settings;
	readonly #lock: Lock;
	readonly #shutdown: Shutdown;
	#asked = false;
	#askedAt = 0;

	constructor(settings: Settings, lock: Lock, shutdown: Shutdown) {
		this.#settings = settings;
		this.#lock = lock;
		this.#shutdown = shutdown;
	}

	get isAsked(): boolean {
		return this.#asked;
	}

	/** Stops everything in order and ends the process. Later calls do nothing. */
	async now(code: number): Promise<void> {
		if (this.#asked) return;
		this.#asked = true;
		this.#askedAt = performance.now();
		process.exitCode = code;
		const patience = setTimeout(() => this.#kill('Stopping took too long.'), STOP_MILLISECONDS);
		await this.readiness?.end();
		await removeReady(this.#settings.data).catch((error: unknown) => complain(reasonOf(error)));
		await this.#shutdown.stop();
		await this.#lock.release().catch((error: unknown) => complain(reasonOf(error)));
		clearTimeout(patience);
		say('Stopped.');
		process.exit();
	}

	/** Ctrl-C, `kill`, and a terminal that was closed. */
	onSignals(): void {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.on(signal, () => {
				if (!this.#asked) {
					say('\nStopping… Press Ctrl-C again to stop at once.');
					void this.now(0);
					return;
				}
				// One Ctrl-C reaches us from the terminal and again through npm.
				if (performance.now() - this.#askedAt < SAME_KEYSTROKE_MILLISECONDS) return;
				this.#kill('Killed. The next start cleans up.');
			});
		}
	}

	/** A fault of this program must not leave the parts to themselves: they are stopped, and the process ends with an error. */
	onFaults(): void {
		for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
			process.on(fault, (error: unknown) => {
				complain(`Necto stops because of an internal error (${fault}): ${reasonOf(error)}`);
				if (error instanceof Error && error.stack !== undefined) complain(error.stack);
				process.exitCode = 1;
				void this.now(1);
			});
		}
	}

	#kill(why: string): void {
		complain(why);
		this.#shutdown.kill();
		process.exit(1);
	}
}

/** A path for people: as it is typed from here, or whole where that would lead out of the working directory. */
function shown(path: string): string {
	const way = relative(process.cwd(), path);
	return way.startsWith('..') || isAbsolute(way) ? path : way;
}

function announce({ data }: Settings, ready: Ready, notes: readonly string[], started: number): void {
	const lines = [
		`Necto is ready. It started in ${seconds(started)}.`,
		'',
		...(ready.frontend === undefined
			? []
			: [`Open       ${ready.frontend}`, '           and choose Connect wallet, then Buyer.', '']),
		...(ready.agent === undefined ? [] : [`Agent      ${ready.agent}`]),
		...(ready.router === undefined ? [] : [`           ${ready.router} (router: operators only)`]),
		...(ready.indexer === undefined ? [] : [`Indexer    ${ready.indexer}`]),
		...(ready.indexing === undefined ? [] : [`           ${ready.indexing} (for the agent)`]),
		`ADI chain  ${ready.adi.rpc} (chain ${ready.adi.chainId})`,
		`0G chain   ${ready.zerog.rpc} (chain ${ready.zerog.chainId})`,
		`0G Storage ${ready.zerog.indexer}`,
		'',
		...notes,
		...(notes.length === 0 ? [] : ['']),
		`Logs are in ${shown(join(data, 'logs'))}. Ctrl-C stops everything; nothing is lost.`,
	];
	box(lines);
}

function fail(error: unknown): void {
	complain(error instanceof StartError ? error.message : `Necto could not start: ${reasonOf(error)}`);
	if (!(error instanceof StartError) && error instanceof Error && error.stack !== undefined) complain(error.stack);
}

try {
	await main();
} catch (error) {
	fail(error);
	process.exitCode = 1;
}
