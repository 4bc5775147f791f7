/** Checks the index periodically and has it rebuilt when rows are missing: Ponder itself never reads an old block again. */
import type { Client } from 'pg';
import type { IndexHealth } from './health.ts';
import { keepAnchor, mark } from './rebuild.ts';

/** Exit codes after which the process should be started again. */
export const EXIT = {
	/** The tables have to be rebuilt. */
	rebuild: 79,
	/** The index does not advance while the chain does. */
	stalled: 75,
} as const;

/** A row counts as wrong after so many consecutive checks: a shorter difference may be of a block that is being reorganised. */
const LOOKS = 4;
/** Milliseconds for which the index may stay at the same block. */
const STALLED_MS = 600_000;

export interface WatchOptions {
	look: () => Promise<IndexHealth & { hash: string }>;
	/** Runs work with a database connection. */
	database: <T>(work: (client: Client) => Promise<T>) => Promise<T>;
	schema: () => Promise<string>;
	/** Ends the process. */
	end: (code: number, reason: string) => void;
	/** Logs a warning. */
	warn: (message: string) => void;
	/** A monotonic clock. Milliseconds. */
	now: () => number;
}

export class Watch {
	readonly #options: WatchOptions;
	/** What is wrong, and in how many consecutive checks. By name: on a busy chain the figures of one missing row differ in each check. */
	#wrong: ReadonlyMap<string, number> = new Map();
	#moved: { block: string; at: number } | null = null;
	#warned: string | null = null;

	constructor(options: WatchOptions) {
		this.#options = options;
	}

	/** One check, and its consequences. */
	async round(): Promise<void> {
		const { look, database, schema, now, end } = this.#options;
		const health = await look();
		if (this.#moved?.block !== health.block) this.#moved = { block: health.block, at: now() };
		const stalledMs = health.behindBlocks > 0 ? now() - this.#moved.at : 0;
		const wrong = whatIsWrong(health);
		// Without the chain's state of that block nothing was compared, so the counts stay.
		if (wrong !== null) this.#wrong = new Map(wrong.map((what) => [what, (this.#wrong.get(what) ?? 0) + 1]));
		if (wrong?.length === 0) {
			const name = await schema();
			await database((client) => keepAnchor(client, name, BigInt(health.block), health.hash));
		}
		let problem = health.problem;
		if ([...this.#wrong.values()].some((looks) => looks >= LOOKS)) {
			const reason = problem ?? 'The tables do not match the chain.';
			if (await this.#mark(reason)) {
				end(EXIT.rebuild, reason);
				return;
			}
			problem = `${reason} The tables were rebuilt less than 6 hours ago, so they are not rebuilt again: the nodes in ADI_RPC_URL omit events. Add another RPC URL.`;
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

	/** Warns once of each kind of problem, and again when it recurs. */
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
