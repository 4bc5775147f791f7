/** What every stream of server-sent events has in common. */
import type { Context } from 'hono';

/**
 * Sent when a stream opens and whenever it was silent for a while. An event and no comment: pages cannot see comments, and it is by the missing
 * heartbeat that they notice a proxy that collects answers before it passes them on.
 */
export const HEARTBEAT = { event: 'heartbeat', data: '{}' } as const;

/** Asks proxies not to collect a stream: nginx by the first header, those that compress or rewrite by the second. */
export function unbuffered(c: Context): void {
	c.header('x-accel-buffering', 'no');
	c.header('cache-control', 'no-cache, no-transform');
}
