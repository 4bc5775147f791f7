import { type Logger, pino } from 'pino';
import { messageOf } from './errors.ts';
import { scrub } from './scrub.ts';

export type { Logger };

/**
 * The agent's logger: JSON lines on standard output. Anything that could carry a key is replaced before it is written; a second net
 * besides the rule that no code passes one in.
 */
export function createLogger(level: string): Logger {
	const secrets = [
		'key',
		'apiKey',
		'privateKey',
		'authorization',
		'password',
		'connectionString',
		'databaseUrl',
		'rawTransaction',
	];
	return pino({
		level,
		base: null,
		timestamp: pino.stdTimeFunctions.isoTime,
		redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
		serializers: { error: describeError },
	});
}

/** An error as it is logged: name, message, code, frames and causes. Requests and responses attached by libraries stay out. */
function describeError(error: unknown): unknown {
	if (!(error instanceof Error)) return { message: scrub(String(error)) };
	return {
		name: error.name,
		message: messageOf(error),
		...('code' in error ? { code: String(error.code) } : {}),
		frames: error.stack
			?.split('\n')
			.filter((line) => /^\s+at /.test(line))
			.slice(0, 8)
			.map((line) => line.trim()),
		...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
	};
}
