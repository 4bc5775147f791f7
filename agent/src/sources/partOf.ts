import type { Offers } from './offers.ts';
import { SourceError } from './source.ts';

/**
 * A part of a source's answer without which the rest still stands: what fails is said of the answer, and gives null.
 *
 * @param what begins the sentence about the failure: `The bids on the deployment`
 */
export async function partOf<Part>(offers: Offers, what: string, work: () => Promise<Part>): Promise<Part | null> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof SourceError)) throw error;
		offers.cut(`${what} did not come: ${error.message}`);
		return null;
	}
}
