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

/** The same row is wrong in so many looks in a row: then it is not one of a block that a reorganisation is about to take away. */
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
	/** What is wrong, and in how many looks in a row. By name: on a busy chain the figures of one missing row are others in each look. */
	#wrong: ReadonlyMap<string, number> = new Map();
	#moved: { block: string; at: number } | null = null;
	#warned: string | null = null;

	constructor(options: WatchOptions) {
		this.#options = options;
	}

	/** One look, and what follows from it. */
	async round(): Promise<void> {
		const { look, database, schema, now, end } = this.#options;
		const health = await look();
		if (this.#moved?.block !== health.block) this.#moved = { block: health.block, at: now() };
		const stalledMs = health.behindBlocks > 0 ? now() - this.#moved.at : 0;
		const wrong = whatIsWrong(health);
		// Without the chain's state of that block nothing was compared, and nothing is known that was not before.
		if (wrong !== null) this.#wrong = new Map(wrong.map((what) => [what, (this.#wrong.get(what) ?? 0) + 1]));
		if (wrong?.length === 0) {
			const name = await schema();
			await database((client) => keepAnchor(client, name, BigInt(health.block), health.hash));
		}
		let problem = health.problem;
		if ([...this.#wrong.values()].some((looks) => looks >= LOOKS)) {
			const reason = problem ?? 'The rows do not fit the chain.';
			if (await this.#mark(reason)) {
				end(EXIT.rebuild, reason);
				return;
			}
			problem = `${reason} The rows were made anew not long ago: the nodes in ADI_RPC_URL leave events out.`;
		}
		this.#tell(problem);
		if (stalledMs > STALLED_MS) {
			end(EXIT.stalled, `The index has stayed at block ${health.block} while the chain advanced.`);
		}
	}

	async #mark(reason: string): Promise<boolean> {
		const { database, schema } = this.#options;
		const name = await schema();
		return database((client) => mark(client, name, reason));
	}

	/** Warns once of each kind of problem, and again when it comes back. */
	#tell(problem: string | null): void {
		const kind = problem?.replace(/\d+/g, '') ?? null;
		if (problem !== null && kind !== this.#warned) this.#options.warn(problem);
		this.#warned = kind;
	}
}

/** Null when nothing could be compared. */
function whatIsWrong({ turned, differences }: IndexHealth): string[] | null {
	if (turned) return ['turned'];
	return differences?.map(({ what }) => what) ?? null;
}
