/** CSV with a line of names, read row by row: price lists are larger than memory. */
import { isUtf8 } from 'node:buffer';
import { pipeline, Readable } from 'node:stream';
import { type Options, parse } from 'csv-parse';
import { parse as parseText } from 'csv-parse/sync';
import { SourceError } from '../asking/source.ts';

export type CsvRow = Readonly<Record<string, string>>;

/** A field longer than this is no field of a price list. */
const LONGEST_RECORD = 64 * 1024;

/**
 * The rows of a CSV by the names of their columns.
 *
 * @param headerLine the line with the names; what stands above it is passed over
 * @throws SourceError `shape` when it is not CSV; what `parts` throws comes through as it is
 */
export async function* csvRows(parts: AsyncIterable<Uint8Array>, headerLine = 1): AsyncIterable<CsvRow> {
	const parser = parse(optionsOf(headerLine));
	// A pipeline hands on errors both ways: of the answer to the reader, and of a reader that has had enough to the answer.
	pipeline(Readable.from(parts), parser, () => undefined);
	try {
		for await (const row of parser) yield row;
	} catch (cause) {
		throw asSourceError(cause);
	}
}

/** The same for a text that is there as a whole. @throws SourceError `shape` when it is not CSV */
export function csvRowsOf(text: string, headerLine = 1): CsvRow[] {
	try {
		return parseText(text, optionsOf(headerLine));
	} catch (cause) {
		throw asSourceError(cause);
	}
}

/**
 * The rows of a file that may break off. Many good ones have no end of line behind the last row.
 *
 * @returns the rows, and whether a last line was left out that may be half
 * @throws SourceError `shape` when it is not CSV
 */
export function wholeRowsOf(text: string): { rows: CsvRow[]; cut: boolean } {
	const end = text.lastIndexOf('\n') + 1;
	const cut = end > 0 && end < text.length && !isWhole(text.slice(0, text.indexOf('\n')), text.slice(end));
	return { rows: csvRowsOf(cut ? text.slice(0, end) : text), cut };
}

/**
 * Whether a line without its end lacks nothing: it has all columns of the head, and the last is no number, of which there may be more: `3.0` may have
 * been `3.06`.
 */
function isWhole(head: string, line: string): boolean {
	try {
		const last = Object.values(csvRowsOf(`${head}\n${line}`)[0] ?? {}).at(-1);
		return last !== undefined && (last.trim() === '' || Number.isNaN(Number(last)));
	} catch {
		return false;
	}
}

function optionsOf(headerLine: number) {
	return {
		columns: (names: string[]) => names.map((name) => name.trim()),
		from_line: headerLine,
		bom: true,
		skip_empty_lines: true,
		max_record_size: LONGEST_RECORD,
	} satisfies Options;
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
