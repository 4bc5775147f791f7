/**
 * Which older rows are compared with the contracts next. The newest are compared in every look; the others take turns, so that each is compared within
 * `count / WINDOW` looks, and one that differs is compared again in every look until it does not.
 */
import { type Difference, nameOfJob, namesOfListing, type Rows } from './compare.ts';

/** Rows of each kind for one look. Each costs a question to the chain. */
export const WINDOW = 50;

/** Ids of rows to compare besides the newest. */
export interface Turn {
	jobs: readonly bigint[];
	listings: readonly number[];
}

export class RowTurns {
	#jobs = new Rotation();
	#listings = new Rotation();

	/** The rows to compare now: the same until `done` is called. */
	next(): Turn {
		return { jobs: this.#jobs.next().map(BigInt), listings: this.#listings.next() };
	}

	/** Moves on to the next rows. @param differences what the comparison of a turn and of the newest rows found */
	done(turn: Turn, rows: Rows, differences: readonly Difference[]): void {
		const wrong = new Set(differences.map(({ what }) => what));
		const jobs = rows.comparedJobs.filter(({ id }) => wrong.has(nameOfJob(id)));
		const listings = rows.comparedListings.filter(({ id }) => namesOfListing(id).some((name) => wrong.has(name)));
		this.#jobs.done(
			turn.jobs.map(Number),
			rows.jobs,
			jobs.map(({ id }) => Number(id)),
		);
		this.#listings.done(
			turn.listings,
			rows.listings,
			listings.map(({ id }) => id),
		);
	}
}

/** Ids from 1 on, a window at a time. */
class Rotation {
	#first = 1;
	/** Ids that differed the last time. */
	#wrong: readonly number[] = [];

	next(): number[] {
		const window = Array.from({ length: WINDOW }, (_, index) => this.#first + index);
		return [...new Set([...window, ...this.#wrong])];
	}

	done(compared: readonly number[], count: number, wrong: readonly number[]): void {
		// Two looks at once compare the same window, which must not move on twice.
		if (compared[0] === this.#first) this.#first = this.#first + WINDOW > count ? 1 : this.#first + WINDOW;
		this.#wrong = wrong.slice(0, WINDOW);
	}
}
