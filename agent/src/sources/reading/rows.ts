import type { z } from 'zod';
import { SourceError } from '../asking/source.ts';

/** More rows than any network has. */
const MOST_ROWS = 100_000;

/**
 * Reads rows of a documented shape, one by one: a row that is none is left with its reason, the others stand.
 *
 * @param take gets the row as the schema reads it, and as it came
 * @throws SourceError when there are too many, or some and none has the shape
 */
export function readRows<Row>(
	rows: readonly unknown[],
	schema: z.ZodType<Row>,
	take: (row: Row, raw: unknown) => void,
	leave: (reason: string) => void,
): void {
	if (rows.length > MOST_ROWS) throw new SourceError('too-large', `It answers with ${rows.length} rows.`);
	let shaped = 0;
	for (const row of rows) {
		const parsed = schema.safeParse(row);
		if (parsed.success) {
			shaped++;
			try {
				take(parsed.data, row);
			} catch (error) {
				// A number that cannot be reckoned with costs its own row: on an open network anybody may write one.
				if (!(error instanceof RangeError)) throw error;
				leave('not of the documented shape');
			}
		} else leave('not of the documented shape');
	}
	if (rows.length > 0 && shaped === 0) {
		throw new SourceError('shape', 'None of its rows has the documented fields.');
	}
}
