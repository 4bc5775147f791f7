import { z } from 'zod';
import { knownDocuments } from '#lib/indexer/document.ts';
import type { BodyCheck } from './proxy.ts';

// Loaded for the documents that they make.
import.meta.glob('../**/*.queries.ts', { eager: true });

const requestSchema = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).optional() });

/**
 * Accepts the documents that the pages send and refuses all others: the cost of the pages' own queries is known, and other queries can be sent to the
 * indexer's own address.
 */
export const onlyKnownDocuments: BodyCheck = (text) => {
	let content: unknown;
	try {
		content = JSON.parse(text);
	} catch {
		content = undefined;
	}
	const request = requestSchema.safeParse(content);
	if (!request.success) {
		return {
			status: 400,
			code: 'malformed_request',
			message: 'The body is not a GraphQL request.',
			suggestion: 'Send {"query":"…","variables":{…}} as JSON.',
		};
	}
	if (!knownDocuments().has(request.data.query)) {
		return {
			status: 403,
			code: 'unknown_query',
			message: "This address serves only the queries of Necto's own pages.",
			suggestion: "Reload the page; it may be outdated. API clients must query the indexer's own address.",
		};
	}
	return JSON.stringify(request.data);
};
