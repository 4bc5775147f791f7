/** How each process of the agent begins and ends: reads its settings, starts, stops on SIGTERM and SIGINT. */
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

/** Runs until the process is told to stop. */
export async function run<Settings extends { logLevel: string }>(
	read: (environment: Environment) => Settings,
	start: (settings: Settings, logger: Logger) => Promise<Running>,
): Promise<void> {
	const settings = settingsOrExit(read);
	const logger = createLogger(settings.logLevel);
	quietConsole(logger);

	process.on('unhandledRejection', (error) => {
		// Libraries that cannot be cancelled fail after everybody stopped waiting for them: worth a line, not worth the process.
		logger.error({ error }, 'A promise failed that nobody waited for');
	});

	let running: Running | null = null;
	const stopping = new AbortController();

	async function stop(signal: string): Promise<never> {
		// Asked twice: somebody is in a hurry, and the journal knows where everything stands.
		if (stopping.signal.aborted) process.exit(1);
		stopping.abort();
		logger.info({ signal }, 'Stopping: running work may end, no new work begins');
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
