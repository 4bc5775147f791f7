/** Starts and stops each process of the agent: reads its settings, starts, stops on SIGTERM and SIGINT. */
import { messageOf } from './errors.ts';
import { createLogger, type Logger } from './logger.ts';
import type { Environment } from './settings/common.ts';
import { SettingsError } from './settingText.ts';
import { quietConsole } from './zerog/quiet.ts';

/** What was started. */
export interface Running {
	url: string;
	close(): Promise<void>;
}

/** Runs until the process receives SIGTERM or SIGINT. */
export async function run<Settings extends { logLevel: string }>(
	read: (environment: Environment) => Settings,
	start: (settings: Settings, logger: Logger) => Promise<Running>,
): Promise<void> {
	const settings = settingsOrExit(read);
	const logger = createLogger(settings.logLevel);
	quietConsole(logger);

	process.on('unhandledRejection', (error) => {
		// Libraries that cannot be cancelled may reject after their caller stopped waiting: logged, but no reason to exit.
		logger.error({ error }, 'Unhandled promise rejection');
	});

	let running: Running | null = null;
	const stopping = new AbortController();

	async function stop(signal: string): Promise<never> {
		// A second signal exits at once; the journal has the state of all work.
		if (stopping.signal.aborted) process.exit(1);
		stopping.abort();
		logger.info({ signal }, 'Shutting down: finishing running work, accepting no new work');
		try {
			await running?.close();
			process.exit(0);
		} catch (error) {
			logger.error({ error }, 'Stopping failed');
			process.exit(1);
		}
	}

	// Before the start, so that a stop in its middle is a stop and not a crash.
	process.on('SIGTERM', () => void stop('SIGTERM'));
	process.on('SIGINT', () => void stop('SIGINT'));

	try {
		running = await start(settings, logger);
	} catch (error) {
		logger.fatal({ error }, 'The process cannot start');
		process.stderr.write(`${messageOf(error)}\n`);
		process.exit(1);
	}
}

function settingsOrExit<Settings>(read: (environment: Environment) => Settings): Settings {
	try {
		return read(process.env);
	} catch (error) {
		if (!(error instanceof SettingsError)) throw error;
		process.stderr.write(`${error.message}\n`);
		process.exit(1);
	}
}
