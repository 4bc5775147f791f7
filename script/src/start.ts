import { mkdir } from 'node:fs/promises';
import { relative } from 'node:path';
import { reasonOf, StartError } from './errors.ts';
import { type Lock, takeLock } from './lock.ts';
import { startNetwork } from './network.ts';
import { type Ready, removeReady, writeReady } from './ready.ts';
import { box, complain, say, seconds } from './say.ts';
import { readSettings, type Settings } from './settings.ts';
import { Shutdown } from './shutdown.ts';

const SAME_KEYSTROKE_MILLISECONDS = 700;

/** `npm start`: brings the product up, stays, and stops it in order on Ctrl-C. */
async function main(): Promise<void> {
	const started = performance.now();
	const settings = readSettings(process.argv.slice(2), process.env);
	await mkdir(settings.data, { recursive: true });
	const lock = await takeLock(settings.data);
	await removeReady(settings.data);
	const shutdown = new Shutdown();
	const stop = stopOnSignal(settings, lock, shutdown);
	say(settings.extent === 'all' ? 'Starting Necto…' : 'Starting a part of Necto…');
	try {
		const ready = await startNetwork(settings, shutdown);
		if (stop.isAsked()) return;
		await writeReady(settings.data, ready);
		announce(settings, ready, started);
	} catch (error) {
		// What fails because it is being stopped is no failure.
		if (stop.isAsked()) return;
		fail(error);
		await stop.now(1);
	}
}

interface Stop {
	isAsked(): boolean;
	now(code: number): Promise<void>;
}

function stopOnSignal(settings: Settings, lock: Lock, shutdown: Shutdown): Stop {
	let asked = false;
	let askedAt = 0;
	const now = async (code: number) => {
		asked = true;
		await removeReady(settings.data);
		await shutdown.stop();
		await lock.release();
		process.exit(code);
	};
	const onSignal = () => {
		if (asked) {
			// One Ctrl-C reaches us from the terminal and again through npm.
			if (performance.now() - askedAt < SAME_KEYSTROKE_MILLISECONDS) return;
			complain('Killed. The next start cleans up.');
			shutdown.kill();
			process.exit(1);
		}
		askedAt = performance.now();
		say('\nStopping… (once more to kill)');
		void now(0);
	};
	process.on('SIGINT', onSignal);
	process.on('SIGTERM', onSignal);
	// The terminal was closed.
	process.on('SIGHUP', onSignal);
	return { isAsked: () => asked, now };
}

function announce({ data }: Settings, ready: Ready, started: number): void {
	const lines = [
		`Necto is ready after ${seconds(started)}.`,
		'',
		...(ready.frontend === undefined ? [] : [`Open       ${ready.frontend}`, '']),
		...(ready.agent === undefined ? [] : [`Agent      ${ready.agent}`]),
		...(ready.indexer === undefined ? [] : [`Indexer    ${ready.indexer}`]),
		...(ready.indexing === undefined ? [] : [`           ${ready.indexing} (for the agent)`]),
		`ADI chain  ${ready.adi.rpc} (chain ${ready.adi.chainId})`,
		`0G chain   ${ready.zerog.rpc} (chain ${ready.zerog.chainId})`,
		`0G Storage ${ready.zerog.indexer}`,
		'',
		`Logs are in ${relative(process.cwd(), data) || '.'}/logs. Ctrl-C stops everything; nothing is lost.`,
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
