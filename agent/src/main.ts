/** Entry: reads the settings, starts the agent, stops it on SIGTERM and SIGINT. */
import { type RunningAgent, startAgent } from './agent.ts';
import { messageOf } from './errors.ts';
import { createLogger } from './logger.ts';
import { readSettings, type Settings } from './settings.ts';
import { SettingsError } from './settingText.ts';
import { quietConsole } from './zerog/quiet.ts';

function settingsOrExit(): Settings {
	try {
		return readSettings(process.env);
	} catch (error) {
		if (!(error instanceof SettingsError)) throw error;
		process.stderr.write(`${error.message}\n`);
		process.exit(1);
	}
}

const settings = settingsOrExit();
const logger = createLogger(settings.logLevel);
quietConsole(logger);

process.on('unhandledRejection', (error) => {
	// Libraries that cannot be cancelled fail after everybody stopped waiting for them: worth a line, not worth the process.
	logger.error({ error }, 'A promise failed that nobody waited for');
});

let agent: RunningAgent | null = null;
let stopping = false;

async function stop(signal: string): Promise<never> {
	// Asked twice: somebody is in a hurry, and the journal knows where everything stands.
	if (stopping) process.exit(1);
	stopping = true;
	logger.info({ signal }, 'Stopping: running work may end, no new work begins');
	try {
		await agent?.close();
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
	agent = await startAgent(settings, logger);
} catch (error) {
	logger.fatal({ error }, 'The agent cannot start');
	process.stderr.write(`${messageOf(error)}\n`);
	process.exit(1);
}
