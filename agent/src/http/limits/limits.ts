/** Limits every request: rate, concurrency, duration. The only place where the HTTP API is limited. */
import { setImmediate as turn } from 'node:timers/promises';
import type { MiddlewareHandler } from 'hono';
import { clientOf } from '../client.ts';
import type { Env } from '../context.ts';
import { tookTooLong } from '../errors.ts';
import { type CostClass, costOf } from './classes.ts';
import { Gate } from './gate.ts';
import { Rate } from './rate.ts';
import { DEFAULT_LIMITS, type LimitSettings } from './settings.ts';
import { Streams } from './streams.ts';
import { UnreadBytes } from './unread.ts';

/** Classes with a limit of concurrent requests. */
type Gated = Exclude<CostClass, 'free' | 'read' | 'stream'>;

const LATER =
	'Send fewer requests: most responses change only every few seconds, and streams report changes as they happen.';

export class Limits {
	readonly settings: LimitSettings;
	readonly streams: Streams;
	readonly unread: UnreadBytes;
	readonly #rates: Readonly<Record<'read' | Gated, Rate>>;
	/** One for each kind, so that requests that wait for the indexer or for 0G take no slots of those that only compute. */
	readonly #gates: Readonly<Record<Gated, Gate>>;

	constructor(changes: Partial<LimitSettings> = {}) {
		const settings = { ...DEFAULT_LIMITS, ...changes };
		this.settings = settings;
		this.streams = new Streams(settings);
		this.unread = new UnreadBytes(settings.unreadBytes, settings.unreadBytesOfClient);
		const gate = () => new Gate(settings.heavyAtOnce, settings.heavyOfClient);
		this.#gates = {
			heavy: gate(),
			record: gate(),
			quote: gate(),
			watch: gate(),
			parse: new Gate(settings.parsesAtOnce, 1),
		};
		const heavy = new Rate(settings.heavyReadsAMinute, { what: 'requests of this kind', suggestion: LATER });
		this.#rates = {
			read: new Rate(settings.readsAMinute, { what: 'requests', suggestion: LATER }),
			heavy,
			record: heavy,
			quote: new Rate(settings.quotesAMinute, {
				what: 'quotes',
				suggestion: 'Wait, or send several requests in one quote.',
			}),
			parse: new Rate(settings.parsesAMinute, {
				what: 'texts',
				suggestion: 'Wait a minute, or fill in the form by hand.',
			}),
			watch: new Rate(settings.watchesAMinute, { what: 'watches', suggestion: 'Wait a minute.' }),
		};
	}

	/** Applies to every route that comes after it. */
	readonly middleware: MiddlewareHandler<Env> = async (c, next) => {
		const cost = costOf(c.req.method, c.req.path);
		if (cost === 'free') return next();
		const client = clientOf(c);
		await this.#rates[cost === 'stream' ? 'read' : cost].take(client);
		if (cost === 'read' || cost === 'stream') return next();
		// Read before a slot is taken: a slow upload must not block others.
		if (c.req.method === 'POST') await c.req.arrayBuffer();
		const late = AbortSignal.timeout(this.settings.deadlineMs);
		const signal = AbortSignal.any([c.req.raw.signal, late]);
		c.set('signal', signal);
		const done = this.#gates[cost].run(client, signal, async () => {
			// Lets other work of this process run before each of these.
			await turn();
			await next();
		});
		await Promise.race([done, fired(late)]);
	};
}

async function fired(signal: AbortSignal): Promise<never> {
	await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
	throw tookTooLong();
}
