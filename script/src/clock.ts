import { setTimeout as delay } from 'node:timers/promises';

/** Time, so that tests need not wait for it. */
export interface Clock {
	/** Milliseconds that only grow. */
	now(): number;
	/** Waits; ends early and quietly when the signal fires. */
	pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
	now: () => performance.now(),
	pause: (milliseconds, signal) => delay(milliseconds, undefined, { signal }).catch(() => undefined),
};

/** Resolves when a signal fires. */
export function fires(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) resolve();
		signal.addEventListener('abort', () => resolve(), { once: true });
	});
}
