import { describe, expect, test } from 'vitest';
import { knownDocuments } from '#lib/indexer/document.ts';
import { onlyKnownDocuments } from './documents.ts';

/** All sources of the pages, as text. */
const sources = import.meta.glob<string>(['/src/**/*.ts', '/src/**/*.svelte', '!/src/**/*.test.ts'], {
	eager: true,
	query: '?raw',
	import: 'default',
});
/** Where documents are made, but for the function itself. */
const makers = Object.entries(sources).filter(
	([path, text]) => text.includes('indexerDocument(') && !path.endsWith('/indexer/document.ts'),
);

const body = (query: string, variables?: Record<string, unknown>) => JSON.stringify({ query, variables });

describe('SYS-02 documents that the way to the indexer takes', () => {
	test("are those of the pages' sources, each of them", () => {
		const made = makers.flatMap(([, text]) => [...text.matchAll(/= indexerDocument\(\s*`query (\w+)/g)]);
		const calls = makers.flatMap(([, text]) => [...text.matchAll(/indexerDocument\(/g)]);
		expect(made.length).toBe(calls.length);
		expect(made.length).toBeGreaterThan(10);
		const names = [...knownDocuments()].map((document) => /^query (\w+)/.exec(document)?.[1]);
		expect(names.sort()).toEqual(made.map(([, name]) => name).sort());
		expect(new Set(names).size).toBe(names.length);
	});

	test('are made only where the server looks for them', () => {
		expect(makers.map(([path]) => path).filter((path) => !path.endsWith('.queries.ts'))).toEqual([]);
	});

	test('pass, with their variables and nothing else', () => {
		for (const document of knownDocuments()) {
			const sent = JSON.stringify({ query: document, variables: { id: '4' }, operationName: 'Other', extensions: {} });
			expect(onlyKnownDocuments(sent)).toBe(body(document, { id: '4' }));
		}
	});

	test.each([
		['another one', body('{ jobs { items { listing { jobs { items { id } } } } } }')],
		['one of ours with something added', body(`${[...knownDocuments()][0]} fragment F on job { id }`)],
		['the schema', body('{ __schema { types { name } } }')],
	])('%s is refused with what to do', (_, text) => {
		expect(onlyKnownDocuments(text)).toMatchObject({
			status: 403,
			code: 'unknown_query',
			suggestion: expect.stringContaining('Reload'),
		});
	});

	test.each([['{"query":'], ['[]'], ['[{"query":"{ a }"}]'], ['{"query":7}'], ['null'], ['']])(
		'%s is no request',
		(text) => {
			expect(onlyKnownDocuments(text)).toMatchObject({ status: 400, code: 'malformed_request' });
		},
	);
});
