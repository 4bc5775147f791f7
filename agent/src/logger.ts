import { type Logger, pino } from 'pino';

export type { Logger };

/**
 * The agent's logger: JSON lines on standard output. Anything that could carry a key is replaced before it is written; a second net
 * besides the rule that no code passes one in.
 */
export function createLogger(level: string): Logger {
	const secrets = ['key', 'apiKey', 'privateKey', 'authorization', 'password', 'connectionString', 'databaseUrl', 'rawTransaction'];
	return pino({
		level,
		base: null,
		timestamp: pino.stdTimeFunctions.isoTime,
		redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
		serializers: { error: describeError },
	});
}

/** An error as it is logged: name, message, code, and its causes' messages. Requests and responses attached by libraries stay out. */
function describeError(error: unknown): unknown {
	if (!(error instanceof Error)) return { message: String(error) };
	return {
		name: error.name,
		message: scrub(error.message),
		...('code' in error ? { code: String(error.code) } : {}),
		...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
		stack: error.stack === undefined ? undefined : scrub(error.stack),
	};
}

/** Credentials in URLs (`postgres://user:password@host`, `?api_key=`) and long paths behind keyed RPC hosts do not reach the logs. */
function scrub(text: string): string {
	return text
		.replace(/(\w+:\/\/)[^\s/@:]+:[^\s/@]+@/g, '$1[secret]@')
		.replace(/([?&](?:api[-_]?key|key|token)=)[^\s&"']+/gi, '$1[secret]');
}
