/** Sources that ask several questions, one for each page, region or model: what came stands, what did not is said. */

import { SourceError } from '../asking/source.ts';
import type { Offers } from './offers.ts';

/** After so many failures in a row the network is not asked further. */
const MOST_IN_A_ROW = 3;

/**
 * Asks page after page, from 1, until `ask` says that there is no more.
 *
 * @param ask reads the page into the offers, and gives whether another one follows
 * @throws SourceError when the first page does not come; a later one leaves those before it standing, and the answer incomplete
 */
export async function readPages(
	offers: Pick<Offers, 'cut'>,
	most: number,
	ask: (page: number) => Promise<boolean>,
): Promise<void> {
	for (let page = 1; page <= most; page++) {
		try {
			if (!(await ask(page))) return;
		} catch (error) {
			if (page === 1 || !(error instanceof SourceError)) throw error;
			offers.cut(`Page ${page} is missing: ${error.message}`);
			return;
		}
	}
	offers.cut(`It has more than ${most} pages.`);
}

/**
 * Asks for each part in turn. A part that fails leaves the others; when nothing at all came, the first failure is the source's.
 *
 * After being told to slow down or to go, when its time is over, and when it fails again and again, it asks no further.
 *
 * @throws SourceError of the first part that failed, when no part gave an answer
 */
export async function eachPart<Part>(
	offers: Pick<Offers, 'cut' | 'size'>,
	parts: readonly Part[],
	nameOf: (part: Part) => string,
	ask: (part: Part) => Promise<void>,
): Promise<void> {
	const missing: string[] = [];
	let answered = 0;
	let inARow = 0;
	let first: SourceError | null = null;
	let over = false;
	for (const part of parts) {
		if (over) {
			missing.push(nameOf(part));
			continue;
		}
		try {
			await ask(part);
			answered++;
			inARow = 0;
		} catch (error) {
			if (!(error instanceof SourceError)) throw error;
			first ??= error;
			inARow++;
			over = inARow === MOST_IN_A_ROW || isFinal(error);
			missing.push(nameOf(part));
		}
	}
	if (first === null) return;
	const which = missing.length === 1 ? missing[0] : `${missing.length} of ${parts.length} parts (${shortly(missing)})`;
	offers.cut(`${which} did not come whole: ${first.message}`);
	// Of a part that broke off in the middle, the beginning stands.
	if (answered === 0 && offers.size === 0) throw first;
}

/**
 * A part of an answer without which the rest still stands: what fails is said of the answer, and gives null.
 *
 * @param what begins the sentence about the failure: `The bids on the deployment`
 */
export async function partOf<Part>(
	offers: Pick<Offers, 'cut'>,
	what: string,
	work: () => Promise<Part>,
): Promise<Part | null> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof SourceError)) throw error;
		offers.cut(`${what} did not come: ${error.message}`);
		return null;
	}
}

/** The parts of a setting's list: `us-east-1, eu-west-1`. */
export function listOf(text: string | undefined): string[] {
	return (text ?? '')
		.split(',')
		.map((part) => part.trim())
		.filter((part) => part !== '');
}

/** An address of a setting: a whole URL, or a path on the source's base URL. */
export function addressOf(text: string | undefined, baseUrl: string): string {
	return text?.startsWith('/') === true ? `${baseUrl}${text}` : (text ?? '');
}

/** Asking for something else would not help, and would be rude after "too often". */
function isFinal({ failure }: SourceError): boolean {
	return failure === 'timeout' || failure === 'rate-limited' || failure === 'refused';
}

function shortly(names: readonly string[]): string {
	return names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
