/**
 * Catalogues in the format of SkyPilot (github.com/skypilot-org/skypilot-catalog, versions 5 to 9): a CSV with a row for each machine and place,
 * and its price for an instance-hour. An operator can feed any cloud with one, from an address or from a file.
 *
 * A catalogue says nothing about capacity, and is as old as whoever made it says: files carry a date, and their figures count as dated ones.
 */
import { readFile, stat } from 'node:fs/promises';
import { setImmediate as breath } from 'node:timers/promises';
import { startOfDay } from '../time.ts';
import type { SourceHttp } from './asking/http.ts';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { BAD_LINE, type CsvRow, csvRows, tableOf, wholeLines, wholeRowsOf } from './reading/csv.ts';
import { Offers } from './reading/offers.ts';
import { eachPart, listOf } from './reading/parts.ts';
import { addCatalogue } from './skypilot/catalogue.ts';
import { type CatalogueRow, catalogueRow, columnsOf, isCatalogue } from './skypilot/row.ts';

const CSV = /\bcsv\b|octet-stream|text\/plain/i;
/** More rows than any cloud's catalogue has. */
const MOST_ROWS = 100_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** One entry of the setting. */
interface Catalogue {
	cloud: string;
	where: string;
	/** `2026-06-18`; null for an address that is asked now. */
	date: string | null;
}

export const skypilot: SourceDefinition = {
	id: 'skypilot',
	name: 'Catalogues',
	network: 'catalogue',
	url: 'https://github.com/skypilot-org/skypilot-catalog',
	about:
		'List prices from catalogue files that the operator names, each as old as its date; they say nothing about capacity.',
	prefix: 'SKYPILOT',
	baseUrl: 'https://raw.githubusercontent.com/skypilot-org/skypilot-catalog/master/catalogs/v8',
	keys: [],
	needsKeys: false,
	options: {
		SKYPILOT_CATALOGUES: {
			value: '',
			about:
				'`cloud=address@date` separated by commas: a URL, a path on the base URL that begins with /, or file:path; the date as 2026-06-18, needed for files',
		},
	},
	needs: {
		option: 'SKYPILOT_CATALOGUES',
		lacking: 'Not asked: name catalogue files in SKYPILOT_CATALOGUES to see their offers.',
	},
	refreshSeconds: 21_600,
	timeoutMs: 60_000,
	async fetch({ http, now }, { baseUrl, options }) {
		const answers: SourceAnswer[] = [];
		const rest = new Offers(skypilot, now);
		await eachPart(
			rest,
			cataloguesOf(options.SKYPILOT_CATALOGUES),
			({ cloud }) => `The catalogue of ${cloud}`,
			async (catalogue) => {
				answers.push(await readCatalogue(http, baseUrl, catalogue, now));
			},
		);
		return merged([...answers, rest.answer()]);
	},
	read(body, taken): SourceAnswer {
		const offers = new Offers(skypilot, taken, 'snapshot');
		const rows = new Rows();
		const whole = wholeRowsOf(tableOf(body));
		for (const row of whole.rows) rows.add(row);
		if (whole.badLines > 0) offers.leave(BAD_LINE, whole.badLines);
		// A file alone does not say which cloud it is about.
		const adding = addCatalogue(offers, skypilot.network, rows.all(), taken);
		while (adding.next().done !== true);
		if (whole.cut) offers.cut('The catalogue breaks off; its last line is left out.');
		return offers.answer();
	},
};

async function readCatalogue(
	http: SourceHttp,
	baseUrl: string,
	{ cloud, where, date }: Catalogue,
	now: number,
): Promise<SourceAnswer> {
	const taken = date === null ? now : startOfDay(date);
	const offers = new Offers(skypilot, taken, date === null ? 'live' : 'snapshot');
	const file = /^file:(?:\/\/)?(.+)$/.exec(where)?.[1];
	const rows = new Rows();
	const cut = () => offers.cut(`The catalogue of ${cloud} breaks off.`);
	if (file === undefined) {
		const url = where.startsWith('/') ? `${baseUrl}${where}` : where;
		const onBadLine = () => offers.leave(BAD_LINE);
		for await (const row of csvRows(wholeLines(http.stream(url, CSV), cut), { onBadLine })) rows.add(row);
	} else {
		const whole = wholeRowsOf(await fileText(file));
		for (const row of whole.rows) rows.add(row);
		if (whole.badLines > 0) offers.leave(BAD_LINE, whole.badLines);
		if (whole.cut) cut();
	}
	const adding = addCatalogue(offers, cloud, rows.all(), now);
	while (adding.next().done !== true) await breath();
	return offers.answer();
}

class Rows {
	readonly #rows: CatalogueRow[] = [];

	add(row: CsvRow): void {
		const columns = columnsOf(row);
		if (this.#rows.length === 0 && !isCatalogue(columns)) {
			throw new SourceError('shape', 'The file is not a catalogue of machines with accelerators and prices.');
		}
		if (this.#rows.length === MOST_ROWS)
			throw new SourceError('too-large', `The file has more than ${MOST_ROWS} rows.`);
		this.#rows.push(catalogueRow(columns));
	}

	/** @throws SourceError when there was not a row */
	all(): readonly CatalogueRow[] {
		if (this.#rows.length === 0) throw new SourceError('shape', 'The catalogue is empty.');
		return this.#rows;
	}
}

/** @throws SourceError naming the entry that is none */
function cataloguesOf(text: string | undefined): Catalogue[] {
	return listOf(text).map((entry) => {
		const [, cloud = '', where = '', date = null] =
			/^([a-z0-9][a-z0-9.-]{0,39})=(.+?)(?:@(\d{4}-\d{2}-\d{2}))?$/.exec(entry) ?? [];
		const known = /^(?:https?:\/\/|\/|file:)./.test(where) && (date === null || !Number.isNaN(Date.parse(date)));
		if (!known)
			throw new SourceError(
				'shape',
				`SKYPILOT_CATALOGUES has '${entry.slice(0, 80)}', which is not cloud=address@date.`,
			);
		if (where.startsWith('file:') && date === null) {
			throw new SourceError('shape', `SKYPILOT_CATALOGUES has a file for ${cloud} without the date of its prices.`);
		}
		return { cloud, where, date };
	});
}

/** @throws SourceError when it cannot be read, or is no catalogue by its size */
async function fileText(path: string): Promise<string> {
	try {
		const { size } = await stat(path);
		if (size <= MOST_BYTES) return await readFile(path, 'utf8');
	} catch (cause) {
		throw new SourceError('unreachable', 'A catalogue’s file cannot be read.', { cause });
	}
	throw new SourceError('too-large', `A catalogue’s file has more than ${MOST_BYTES} bytes.`);
}

function merged(answers: readonly SourceAnswer[]): SourceAnswer {
	const left = new Map<string, number>();
	for (const [reason, rows] of answers.flatMap((answer) => Object.entries(answer.left))) {
		left.set(reason, (left.get(reason) ?? 0) + rows);
	}
	return {
		quotes: answers.flatMap(({ quotes }) => quotes),
		left: Object.fromEntries(left),
		incomplete: answers.find(({ incomplete }) => incomplete !== null)?.incomplete ?? null,
	};
}
