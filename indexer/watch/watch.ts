/** Looks at the index now and then, and has it made anew when rows are missing: Ponder itself never looks at an old block again. */
import type { Client } from 'pg';
import type { IndexHealth } from './health.ts';
import { keepAnchor, mark } from './rebuild.ts';

/** With these the process ends: both are worth another start. */
export const EXIT = {
	/** The rows are to be made anew. */
	rebuild: 79,
	/** The index stands still while the chain goes on. */
	stalled: 75,
} as const;

/** The same differences so often in a row are no block that is being written. */
const LOOKS = 4;
/** Milliseconds for which the index may stand still. */
const STALLED_MS = 600_000;

export interface WatchOptions {
	look: () => Promise<IndexHealth & { hash: string }>;
	/** Runs work on the database. */
	database: <T>(work: (client: Client) => Promise<T>) => Promise<T>;
	schema: () => Promise<string>;
	/** Ends the process. */
	end: (code: number, reason: string) => void;
	/** Says what is wrong. */
	warn: (message: string) => void;
	/** Milliseconds, of a clock that only grows. */
	now: () => number;
}

export class Watch {
	readonly #options: WatchOptions;
	#same: { text: string; count: number } = { text: '', count: 0 };
	#moved: { block: string; at: number } | null = null;
	#warned: string | null = null;

	constructor(options: WatchOptions) {
		this.#options = options;
	}

	/** One look, and what follows from it. */
	async round(): Promise<void> {
		const { look, database, schema, now } = this.#options;
		const health = await look();
		this.#tell(health.problem);
		const text = health.turned ? 'turned' : JSON.stringify(health.differences ?? []);
		this.#same = text === this.#same.text ? { text, count: this.#same.count + 1 } : { text, count: 1 };
		if (this.#moved?.block !== health.block) this.#moved = { block: health.block, at: now() };
		const isWrong = health.turned || (health.differences ?? []).length > 0;
		if (!isWrong && health.differences !== null) {
			const name = await schema();
			await database((client) => keepAnchor(client, name, BigInt(health.block), health.hash));
		}
		if (isWrong && this.#same.count >= LOOKS) await this.#rebuild(health.problem ?? 'The rows do not fit the chain.');
		else if (health.behindBlocks > 0 && now() - this.#moved.at > STALLED_MS) {
			this.#options.end(EXIT.stalled, `The index has stayed at block ${health.block} while the chain advanced.`);
		}
	}

	async #rebuild(reason: string): Promise<void> {
		const { database, schema, end, warn } = this.#options;
		const name = await schema();
		if (await database((client) => mark(client, name, reason))) end(EXIT.rebuild, reason);
		else warn(`${reason} The rows were made anew not long ago: the nodes in ADI_RPC_URL leave events out.`);
	}

	#tell(problem: string | null): void {
		const kind = problem?.replace(/\d+/g, '') ?? null;
		if (kind !== null && kind !== this.#warned) this.#options.warn(problem ?? '');
		this.#warned = kind;
	}
}
