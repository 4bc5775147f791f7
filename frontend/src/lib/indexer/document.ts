/**
 * The GraphQL documents that pages send. The pages' server hands no others on, so each is made once, when its module is loaded, in a file called
 * `*.queries.ts`: the server loads those files and so knows them all (`#lib/server/documents.ts`). There is no second list to keep.
 */
declare const made: unique symbol;

/** A document that the pages' server knows. */
export type IndexerDocument = string & { readonly [made]: true };

const known = new Set<string>();

/**
 * Makes a document. Call it outside of functions, in a file called `*.queries.ts`.
 *
 * @param text GraphQL of one operation, without text values that hold two spaces in a row
 * @example const JOB = indexerDocument('query Job($id: BigInt!) { job(id: $id) { status } }');
 */
export function indexerDocument(text: string): IndexerDocument {
	const document = text.replace(/\s+/g, ' ').trim();
	known.add(document);
	// The one place that makes them.
	return document as IndexerDocument;
}

/** All documents that were made so far. */
export function knownDocuments(): ReadonlySet<string> {
	return known;
}
