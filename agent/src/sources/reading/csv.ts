/** CSV with a line of names, read row by row: price lists are larger than memory. */
import { isUtf8 } from 'node:buffer';
import { pipeline, Readable } from 'node:stream';
import { type Options, parse } from 'csv-parse';
import { parse as parseText } from 'csv-parse/sync';
import { AmbiguousAnswer, SourceError } from '../asking/source.ts';

export type CsvRow = Readonly<Record<string, string>>;

/** A field longer than this is no field of a price list. */
const LONGEST_RECORD = 64 * 1024;

/** How a line that cannot be read is counted. */
export const BAD_LINE = 'line not readable';

/** What a reader of a CSV is told beside its rows. */
export interface CsvReading {
	/** The line with the names of the columns; what stands above it is passed over. 1 without. */
	headerLine?: number;
	/** Called for each line that cannot be read: too few or too many fields, or a quotation mark without its other. The lines around it stand. */
	onBadLine?: () => void;
}

/**
 * The rows of a CSV by the names of their columns. A row is one line: no price list has a line break inside a field, and a lost quotation mark would take all rows
 * behind it along.
 *
 * @throws SourceError `shape` when it is not CSV, or has a column twice; what `parts` throws comes through as it is
 */
export async function* csvRows(parts: AsyncIterable<Uint8Array>, reading: CsvReading = {}): AsyncIterable<CsvRow> {
	const parser = parse(optionsOf(reading));
	// A pipeline hands on errors both ways: of the answer to the reader, and of a reader that has had enough to the answer.
	pipeline(Readable.from(balancedParts(parts, reading)), parser, () => undefined);
	try {
		for await (const row of parser) yield row;
	} catch (cause) {
		throw asSourceError(cause);
	}
}

/** The same for a text that is there as a whole. @throws SourceError `shape` when it is not CSV, or has a column twice */
export function csvRowsOf(text: string, reading: CsvReading = {}): CsvRow[] {
	try {
		return parseText(balanced(text, reading), optionsOf(reading));
	} catch (cause) {
		throw asSourceError(cause);
	}
}

/**
 * The rows of a file that may break off. Many good ones have no end of line behind the last row.
 *
 * @returns the rows, whether a last line was left out that may be half, and how many lines could not be read
 * @throws SourceError `shape` when it is not CSV, or has a column twice
 */
export function wholeRowsOf(text: string): { rows: CsvRow[]; cut: boolean; badLines: number } {
	const end = text.lastIndexOf('\n') + 1;
	const cut = end > 0 && end < text.length && !isWhole(text.slice(0, text.indexOf('\n')), text.slice(end));
	let badLines = 0;
	const rows = csvRowsOf(cut ? text.slice(0, end) : text, { onBadLine: () => badLines++ });
	return { rows, cut, badLines };
}

/**
 * Whether a line without its end lacks nothing: it has all columns of the head, and the last is no number, of which there may be more: `3.0` may have
 * been `3.06`.
 */
function isWhole(head: string, line: string): boolean {
	const last = Object.values(csvRowsOf(`${head}\n${line}`)[0] ?? {}).at(-1);
	return last !== undefined && (last.trim() === '' || Number.isNaN(Number(last)));
}

function optionsOf({ headerLine = 1, onBadLine }: CsvReading) {
	return {
		columns: columnNames,
		from_line: headerLine,
		bom: true,
		skip_empty_lines: true,
		max_record_size: LONGEST_RECORD,
		skip_records_with_error: true,
		on_skip: () => {
			onBadLine?.();
			return undefined;
		},
	} satisfies Options;
}

/** @throws SourceError when two columns have one name: nobody can tell which of them holds */
function columnNames(names: string[]): string[] {
	const trimmed = names.map((name) => name.trim());
	const repeated = trimmed.find((name, index) => name !== '' && trimmed.indexOf(name) !== index);
	if (repeated !== undefined) throw repeatedColumn(repeated);
	return trimmed;
}

export function repeatedColumn(name: string): SourceError {
	return new AmbiguousAnswer('Its table has the column', name);
}

/** A file's content as the text of a table. @throws SourceError when it was read as something else, such as JSON */
export function tableOf(body: unknown): string {
	if (typeof body !== 'string') throw new SourceError('shape', 'Its answer is not a table.');
	return body;
}

/** Without the lines in which a quotation mark has no other. */
function balanced(text: string, { onBadLine }: CsvReading): string {
	if (!text.includes('"')) return text;
	const lines = text.split('\n');
	const kept = lines.filter((line) => (line.split('"').length - 1) % 2 === 0);
	for (let bad = kept.length; bad < lines.length; bad++) onBadLine?.();
	return kept.join('\n');
}

async function* balancedParts(parts: AsyncIterable<Uint8Array>, reading: CsvReading): AsyncIterable<Uint8Array> {
	for await (const part of parts) yield Buffer.from(balanced(Buffer.from(part).toString('utf8'), reading));
}

function asSourceError(cause: unknown): unknown {
	if (!(cause instanceof Error && 'code' in cause && String(cause.code).startsWith('CSV_'))) return cause;
	return new SourceError('shape', 'Its answer is not a complete CSV.', { cause });
}

/**
 * Lets through whole lines of text only: the last line of an answer that broke off may hold half a price.
 *
 * @param onCut called when the answer ends inside a line
 * @throws SourceError `not-json` when it is not text
 */
export async function* wholeLines(parts: AsyncIterable<Uint8Array>, onCut: () => void): AsyncIterable<Uint8Array> {
	const NEWLINE = 10;
	let rest: Uint8Array = new Uint8Array();
	for await (const part of parts) {
		const end = part.lastIndexOf(NEWLINE) + 1;
		if (end === 0) rest = Buffer.concat([rest, part]);
		else {
			yield asText(Buffer.concat([rest, part.subarray(0, end)]));
			rest = part.subarray(end);
		}
		if (rest.length > LONGEST_RECORD) throw new SourceError('shape', 'Its answer is not a complete CSV.');
	}
	if (rest.length === 0) return;
	asText(rest);
	onCut();
}

function asText<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
	if (!isUtf8(bytes)) throw new SourceError('not-json', 'Its answer is not text.');
	return bytes;
}

/**
 * Lets through the head of a CSV and the lines that can matter, before they are parsed: of a price list with a million rows nearly none does.
 *
 * @param parts whole lines, in which no field holds a line break
 */
export async function* linesThat(
	parts: AsyncIterable<Uint8Array>,
	headLines: number,
	matters: RegExp,
): AsyncIterable<Uint8Array> {
	let head = headLines;
	for await (const part of parts) {
		// Whole lines end with a break: what follows the last one is nothing.
		const lines = Buffer.from(part).toString('utf8').split('\n').slice(0, -1);
		const kept = lines.filter((line) => head-- > 0 || matters.test(line));
		if (kept.length > 0) yield Buffer.from(`${kept.join('\n')}\n`);
	}
}
