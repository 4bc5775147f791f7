/**
 * The enums of jobs and teams, one table each: readable name -> number on chain. Names are what pages, APIs and tables use. The enums that
 * describe an offer are core's (`core/src/tables.ts`): a decision reads them.
 */

/** The life of a job. `settled`, `cancelled`, `expired`, `failed` and `split` are final. */
export const jobStatus = {
	none: 0,
	requested: 1,
	routed: 2,
	running: 3,
	settled: 4,
	cancelled: 5,
	expired: 6,
	failed: 7,
	disputed: 8,
	split: 9,
} as const;
export type JobStatus = keyof typeof jobStatus;

/** Why a routed job lost its place and waits for another. */
export const reopenReason = { declined: 0, 'not-started': 1, overturned: 2 } as const;
export type ReopenReason = keyof typeof reopenReason;

/** A member's role in a team; each includes the ones before it. */
export const teamRole = { none: 0, viewer: 1, user: 2, admin: 3 } as const;
export type TeamRole = keyof typeof teamRole;

/** Shape of the tables above. */
export type EnumTable = Readonly<Record<string, number>>;

/** The names of a table, in the order of their numbers. */
export function namesOf<Table extends EnumTable>(table: Table): (keyof Table & string)[] {
	// Object.keys keeps the order of writing, which is the order of the numbers (tested); it only forgets the keys' type.
	return Object.keys(table) as (keyof Table & string)[];
}

/**
 * The name of a number on chain.
 *
 * @throws RangeError when the contract knows a value that this table does not
 * @example nameOf(jobStatus, 2) // 'routed'
 */
export function nameOf<Table extends EnumTable>(table: Table, value: number): keyof Table & string {
	const name = namesOf(table).find((name) => table[name] === value);
	if (name === undefined) throw new RangeError(`No such value: ${value}. Known: ${namesOf(table).join(', ')}.`);
	return name;
}
