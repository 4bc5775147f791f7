/** The limits of the HTTP API and their defaults. docs/agent.md has them as a table. */

export interface LimitSettings {
	/** Requests of one client in a minute, by what they cost. */
	readsAMinute: number;
	heavyReadsAMinute: number;
	quotesAMinute: number;
	parsesAMinute: number;
	watchesAMinute: number;
	/** Streams that a client may open in a minute: the first event can be the whole market. */
	streamsAMinute: number;
	/** Files that a client may make the agent fetch from 0G in a minute. */
	downloadsAMinute: number;
	/** Heavy requests that are worked on at the same time: in all, and of one client. The same number again, four times, may wait. */
	heavyAtOnce: number;
	heavyOfClient: number;
	parsesAtOnce: number;
	downloadsAtOnce: number;
	/** Open streams: in all, and of one client. */
	streams: number;
	streamsOfClient: number;
	/** Bytes of events that are on their way to readers, of all streams together. A stream that would need more is closed, and its reader may come back. */
	streamBytes: number;
	/** Watches that a client has begun. */
	watchesOfClient: number;
	/** Bytes of large answers that were sent and not yet read: in all, and of one client. */
	unreadBytes: number;
	unreadBytesOfClient: number;
	/** Time for an answer, waiting included. Milliseconds. */
	deadlineMs: number;
	/** Time for reading an answer that is no stream. Milliseconds. */
	readingMs: number;
	heartbeatMs: number;
	/** A stream whose reader takes nothing for this long is closed. Milliseconds. */
	stallMs: number;
}

const MiB = 1024 * 1024;

export const DEFAULT_LIMITS: LimitSettings = {
	readsAMinute: 600,
	heavyReadsAMinute: 240,
	quotesAMinute: 120,
	parsesAMinute: 10,
	watchesAMinute: 10,
	streamsAMinute: 60,
	downloadsAMinute: 20,
	heavyAtOnce: 4,
	heavyOfClient: 2,
	parsesAtOnce: 2,
	downloadsAtOnce: 2,
	streams: 400,
	streamsOfClient: 16,
	streamBytes: 128 * MiB,
	watchesOfClient: 20,
	unreadBytes: 256 * MiB,
	unreadBytesOfClient: 64 * MiB,
	deadlineMs: 20_000,
	readingMs: 120_000,
	heartbeatMs: 15_000,
	stallMs: 60_000,
};
