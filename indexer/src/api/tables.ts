/** The tables that live updates speak of, by their names in GraphQL. A test holds this list against the schema. */
export const TABLES = [
	'provider',
	'listing',
	'listingChange',
	'attestation',
	'allowedBuyer',
	'delegate',
	'job',
	'routing',
	'jobEvent',
	'escrowEntry',
	'team',
	'member',
	'formerMember',
	'session',
	'bond',
	'platform',
	'dailyTotal',
] as const;
export type TableName = (typeof TABLES)[number];

export function isTableName(name: string): name is TableName {
	// A list of literals refuses to look for any other string.
	return (TABLES as readonly string[]).includes(name);
}

/** A table's name in SQL. */
export function sqlNameOf(table: TableName): string {
	return table.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const bySqlName = new Map(TABLES.map((table) => [sqlNameOf(table), table]));

/** The tables behind names in SQL; names of other tables (Ponder's own) are left out. */
export function tablesOf(sqlNames: readonly string[]): TableName[] {
	return sqlNames.flatMap((name) => bySqlName.get(name) ?? []);
}
