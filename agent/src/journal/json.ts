/** JSON with big numbers as decimal strings, as the journal's columns hold it. */
export function toJson(value: object): string {
	return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}
