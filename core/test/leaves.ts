/** Changes of JSON values, one leaf at a time. */

export type Path = (string | number)[];

/** Every leaf of a JSON value, by path. */
export function leaves(value: unknown, path: Path = []): { path: Path; value: unknown }[] {
	if (Array.isArray(value)) return value.flatMap((item, index) => leaves(item, [...path, index]));
	if (value === null || typeof value !== 'object') return [{ path, value }];
	return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]));
}

/** Another value of the same kind, still well formed where possible. */
export function another(value: unknown): unknown {
	if (typeof value === 'boolean') return !value;
	if (typeof value === 'number') return value + 1;
	if (typeof value !== 'string') return 'x';
	if (/^\d+$/.test(value)) return `${BigInt(value) + 1n}`;
	if (/^0x[0-9a-f]+$/.test(value)) return `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`;
	return `${value}x`;
}

export function changedAt(record: unknown, path: Path, value: unknown): unknown {
	const [head, ...rest] = path;
	if (head === undefined) return value;
	if (Array.isArray(record)) return record.map((item, index) => (index === head ? changedAt(item, rest, value) : item));
	// `leaves` made the path: what is no array on it is an object.
	const object = record as Record<string, unknown>;
	return { ...object, [head]: changedAt(object[head], rest, value) };
}
