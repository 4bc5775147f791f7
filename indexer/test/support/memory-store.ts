import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export type Row = Record<string, unknown>;
type Change = Row | ((row: Row) => Row);
interface Column {
	readonly name: string;
	readonly primary: boolean;
	readonly notNull: boolean;
	readonly columnType: string;
}
/** What drizzle's `eq` makes. */
interface Condition {
	readonly queryChunks: readonly { readonly value?: unknown }[];
}
export type Table = object;
interface TableConfig {
	readonly name: string;
	readonly columns: readonly Column[];
	readonly primaryKeys: readonly { readonly columns: readonly Column[] }[];
}

// Ponder brings its own drizzle, which is not ours to import. Its types are those above.
const drizzle: { getTableConfig(table: Table): TableConfig } = createRequire(
	fileURLToPath(import.meta.resolve('ponder')),
)('drizzle-orm/pg-core');

/** The name of a table in SQL, by its schema. */
export function sqlTableName(table: Table): string {
	return drizzle.getTableConfig(table).name;
}

function text(value: unknown): string {
	return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item));
}

/**
 * Ponder's store in memory: the same calls, and the same refusals: a second row with one key, a missing value, an update of nothing, a
 * number that is none of PostgreSQL's integers.
 */
export class MemoryStore {
	readonly #tables = new Map<Table, Map<string, Row>>();

	/** All rows of a table, in the order they were first written. */
	rows(table: Table): Row[] {
		return [...this.#of(table).values()];
	}

	/** Every row of every table as text, to search in. */
	dump(): string {
		return text([...this.#tables].map(([table, rows]) => [sqlTableName(table), [...rows.values()]]));
	}

	async find(table: Table, key: Row): Promise<Row | null> {
		return this.#of(table).get(this.#key(table, key)) ?? null;
	}

	insert(table: Table) {
		const write = (row: Row, onConflict: ((held: Row) => Row) | undefined): Row => {
			const key = this.#key(table, row);
			const held = this.#of(table).get(key);
			if (held !== undefined && onConflict === undefined) {
				throw new Error(`unique constraint of ${sqlTableName(table)}: ${key}`);
			}
			const next = this.#checked(table, held === undefined ? row : { ...held, ...onConflict?.(held) });
			this.#of(table).set(key, next);
			return next;
		};
		return {
			values: (row: Row) => {
				// Ponder's builder is a promise that also has methods: the plain insert runs when nothing else was asked for.
				let wish: ((held: Row) => Row) | undefined;
				const result = Promise.resolve().then(() => write(row, wish));
				return Object.assign(result, {
					onConflictDoUpdate: (change: Change) => {
						wish = (held) => (typeof change === 'function' ? change(held) : change);
						return result;
					},
				});
			},
		};
	}

	update(table: Table, key: Row) {
		return {
			set: async (change: Change): Promise<Row> => {
				const held = this.#of(table).get(this.#key(table, key));
				if (held === undefined) throw new Error(`No row found in ${sqlTableName(table)} for ${text(key)}`);
				const next = this.#checked(table, { ...held, ...(typeof change === 'function' ? change(held) : change) });
				this.#of(table).set(this.#key(table, key), next);
				return next;
			},
		};
	}

	/** The statements that handlers use: `update(table).set(row).where(eq(column, value))`, and `delete(table)` and `select().from(table)` likewise. */
	get sql() {
		return {
			update: (table: Table) => ({
				set: (change: Row) => ({
					where: async (condition: Condition): Promise<void> => {
						for (const [key, row] of this.#where(table, condition)) {
							this.#of(table).set(key, this.#checked(table, { ...row, ...change }));
						}
					},
				}),
			}),
			select: () => ({
				from: (table: Table) => ({
					where: async (condition: Condition): Promise<Row[]> => this.#where(table, condition).map(([, row]) => row),
				}),
			}),
			delete: (table: Table) => ({
				where: async (condition: Condition): Promise<void> => {
					for (const [key] of this.#where(table, condition)) this.#of(table).delete(key);
				},
			}),
		};
	}

	#where(table: Table, { queryChunks }: Condition): [string, Row][] {
		const column = queryChunks.find((chunk) => 'columnType' in chunk);
		const parameter = queryChunks.find((chunk) => 'encoder' in chunk);
		const name = columnsOf(table).find(([, one]) => one === column)?.[0];
		if (name === undefined || parameter === undefined) throw new Error('Not a condition on one column.');
		return [...this.#of(table)].filter(([, row]) => row[name] === parameter.value);
	}

	async delete(table: Table, key: Row): Promise<boolean> {
		return this.#of(table).delete(this.#key(table, key));
	}

	#of(table: Table): Map<string, Row> {
		const rows = this.#tables.get(table) ?? new Map<string, Row>();
		this.#tables.set(table, rows);
		return rows;
	}

	#key(table: Table, row: Row): string {
		const { columns, primaryKeys } = drizzle.getTableConfig(table);
		const keys = new Set(
			(primaryKeys[0]?.columns ?? columns.filter((column) => column.primary)).map(({ name }) => name),
		);
		return text(columnsOf(table).flatMap(([name, column]) => (keys.has(column.name) ? [row[name]] : [])));
	}

	#checked(table: Table, row: Row): Row {
		const columns = columnsOf(table);
		const known = new Set(columns.map(([name]) => name));
		const stray = Object.keys(row).find((name) => !known.has(name));
		if (stray !== undefined) throw new Error(`${sqlTableName(table)} has no column ${stray}.`);
		return Object.fromEntries(columns.map(([name, column]) => [name, checkedValue(name, column, row[name] ?? null)]));
	}
}

/** A table's columns by their names in TypeScript. */
function columnsOf(table: Table): [string, Column][] {
	return Object.entries(table).filter(
		(entry): entry is [string, Column] => typeof entry[1] === 'object' && entry[1] !== null && 'columnType' in entry[1],
	);
}

function checkedValue(name: string, { notNull, columnType }: Column, value: unknown): unknown {
	if (value === null) {
		if (notNull) throw new Error(`Column "${name}" is required.`);
		return value;
	}
	if (columnType === 'PgInteger' && (!Number.isInteger(value) || Number(value) > 2 ** 31 - 1)) {
		throw new Error(`Column "${name}" is an integer and can't hold ${String(value)}.`);
	}
	if (columnType === 'PgEvmBigint' && typeof value !== 'bigint') {
		throw new Error(`Column "${name}" is a bigint and can't hold ${String(value)}.`);
	}
	return value;
}
