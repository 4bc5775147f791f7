/**
 * Whether a stream of server-sent events really arrives. An open connection says little: a proxy that collects answers before it passes them on
 * keeps it open and holds all events back. Our services send a first event at once and a `heartbeat` after 15 seconds without another one.
 */

/** The first event comes at once; this leaves room for a slow network. */
const FIRST_MS = 5_000;
/** Three heartbeats. */
const SILENCE_MS = 45_000;

export interface PulseListener {
	/** At each event. */
	alive: () => void;
	/** Nothing arrives: ask by other means meanwhile. The stream may still come to life. */
	silent: () => void;
	/** Nothing has arrived for so long that the connection may be dead: open another one. */
	dead: () => void;
}

/**
 * Watches a stream until the result is called.
 *
 * @param events names of the events that it may carry besides heartbeats
 */
export function watchPulse(source: EventTarget, events: readonly string[], listener: PulseListener): () => void {
	let silence: ReturnType<typeof setTimeout> | undefined;
	let death: ReturnType<typeof setTimeout> | undefined;
	const wait = (milliseconds: number) => {
		clearTimeout(silence);
		clearTimeout(death);
		silence = setTimeout(listener.silent, milliseconds);
		death = setTimeout(listener.dead, SILENCE_MS);
	};
	const heard = () => {
		wait(SILENCE_MS);
		listener.alive();
	};
	wait(FIRST_MS);
	const names = ['heartbeat', ...events];
	for (const name of names) source.addEventListener(name, heard);
	return () => {
		clearTimeout(silence);
		clearTimeout(death);
		for (const name of names) source.removeEventListener(name, heard);
	};
}
