import { TABLES, type TableName } from '../tables.ts';

/** What `GET /live` says: up to `block`, these tables have other rows, among them these jobs. */
export interface Change {
	readonly block: bigint;
	readonly tables: readonly TableName[];
	readonly jobs: readonly bigint[];
}

/** Two changes as one. */
export function merge(first: Change, second: Change): Change {
	return {
		// The later one: after a reorganisation of the chain it may be lower.
		block: second.block,
		tables: TABLES.filter((table) => first.tables.includes(table) || second.tables.includes(table)),
		jobs: [...new Set([...first.jobs, ...second.jobs])],
	};
}

/** A change as far as it concerns some tables; undefined if it does not. */
export function narrow(change: Change, wanted: ReadonlySet<TableName>): Change | undefined {
	const tables = change.tables.filter((table) => wanted.has(table));
	if (tables.length === 0) return undefined;
	return { ...change, tables, jobs: tables.includes('job') ? change.jobs : [] };
}

/** As the data of a server-sent event: ids and blocks as decimal strings. */
export function toWire(change: Change): string {
	return JSON.stringify({
		block: change.block.toString(),
		tables: change.tables,
		jobs: change.jobs.map((job) => job.toString()),
	});
}
