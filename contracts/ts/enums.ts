/**
 * The contracts' enums, one table each: readable name -> number on chain. Names are what pages, APIs and tables use.
 */

/** The life of a job. `settled`, `cancelled`, `expired` and `failed` are final. */
export const jobStatus = {
	none: 0,
	requested: 1,
	routed: 2,
	running: 3,
	settled: 4,
	cancelled: 5,
	expired: 6,
	failed: 7,
} as const;
export type JobStatus = keyof typeof jobStatus;

/** How a listing's price comes about. Bit `1 << number` stands for it in a request's `excludedPricing`. */
export const pricingModel = { fixed: 0, dynamic: 1, token: 2 } as const;
export type PricingModel = keyof typeof pricingModel;

/** How a GPU is built in. Bit `1 << number` stands for it in a request's `formFactors`. */
export const formFactor = { unknown: 0, pcie: 1, sxm: 2, nvl: 3, oam: 4, superchip: 5 } as const;
export type FormFactor = keyof typeof formFactor;

/** Where a machine stands. Bit `1 << number` stands for it in a request's `continents`. */
export const continent = {
	unknown: 0,
	africa: 1,
	antarctica: 2,
	asia: 3,
	europe: 4,
	northAmerica: 5,
	oceania: 6,
	southAmerica: 7,
} as const;
export type Continent = keyof typeof continent;

/** A member's role in a team; each includes the ones before it. */
export const teamRole = { none: 0, viewer: 1, user: 2, admin: 3 } as const;
export type TeamRole = keyof typeof teamRole;

/** Who runs the hardware behind a listing. */
export const listingKind = { own: 0, network: 1 } as const;
export type ListingKind = keyof typeof listingKind;

/** Shape of every table above. */
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

/**
 * The bit set of some names, as requests hold them. No names is 0, which the contract reads as "any".
 *
 * @example bitsOf(continent, ['europe', 'asia']) // 0b11000
 */
export function bitsOf<Table extends EnumTable>(table: Table, names: readonly (keyof Table & string)[]): number {
	return names.reduce((bits, name) => bits | (1 << (table[name] ?? 0)), 0);
}

/** The names in a bit set. Bits that the table does not know are left out. */
export function namesOfBits<Table extends EnumTable>(table: Table, bits: number): (keyof Table & string)[] {
	return namesOf(table).filter((name) => hasBit(bits, table[name] ?? 0));
}

/** Whether a bit set holds the value with this number on chain. */
export function hasBit(bits: number, value: number): boolean {
	return (bits & (1 << value)) !== 0;
}
