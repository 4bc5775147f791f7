import { z } from 'zod';
import { knownDocuments } from '#lib/indexer/document.ts';
import type { BodyCheck } from './proxy.ts';

// Loaded for the documents that they make.
import.meta.glob('../**/*.queries.ts', { eager: true });

const requestSchema = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).optional() });

/**
 * Lets through the documents that pages send, and refuses all others: what one of ours can cost is known, and anybody who wants to ask something else
 * has the indexer's own address.
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
			message: 'The body is no GraphQL request.',
			suggestion: 'Send {"query":"…","variables":{…}} as JSON.',
		};
	}
	if (!knownDocuments().has(request.data.query)) {
		return {
			status: 403,
			code: 'unknown_query',
			message: "This address answers only the queries of Necto's own pages.",
			suggestion: "Reload the page, which may be of another version. Programs ask the indexer's own address.",
		};
	}
	return JSON.stringify(request.data);
};
