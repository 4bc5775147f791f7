import type { Logger } from '../logger.ts';

/**
 * The 0G SDK writes some thirty lines to the console for each upload and has no switch. The agent itself never uses the console, so
 * what arrives there is the SDK's, and belongs below everything else in the log.
 */
export function quietConsole(logger: Logger): void {
	const sdk = logger.child({ from: '0g-sdk' });
	for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
		console[method] = (...words: unknown[]) =>
			sdk.trace(words.map((word) => (typeof word === 'string' ? word : typeof word)).join(' '));
	}
}
