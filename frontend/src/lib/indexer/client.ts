import { z } from 'zod';
import { requestJson } from '../http.ts';
import { Problem } from '../problem.ts';
import type { IndexerDocument } from './document.ts';

const answerSchema = z.object({
	data: z.unknown(),
	errors: z.array(z.object({ message: z.string() })).optional(),
});

/** An integer column: GraphQL sends those above 2^31 as decimal strings. */
export const bigintColumn = z
	.string()
	.regex(/^-?\d+$/)
	.transform(BigInt);

/** A column of unix seconds. */
export const secondsColumn = bigintColumn.transform(Number);

/**
 * One GraphQL query to the indexer, its answer checked by `schema`.
 *
 * @param query a document of `indexerDocument`
 * @param variables bigints go as decimal strings
 * @throws Problem `indexer_query` when the indexer refuses the query, else as {@link requestJson}
 * @example await queryIndexer(JOB, { id: '4' }, z.object({ job: … }), signal)
 */
export async function queryIndexer<T>(
	query: IndexerDocument,
	variables: Readonly<Record<string, unknown>>,
	schema: z.ZodType<T>,
	signal?: AbortSignal,
): Promise<T> {
	const { data, errors } = await requestJson('/api/indexer/graphql', answerSchema, {
		method: 'POST',
		body: { query, variables },
		signal,
	});
	if (errors !== undefined && errors.length > 0) {
		throw new Problem({
			code: 'indexer_query',
			message: 'The indexer refused the question.',
			suggestion: errors.map((error) => error.message).join(' '),
		});
	}
	const parsed = schema.safeParse(data);
	if (!parsed.success) {
		const first = parsed.error.issues[0];
		throw new Problem(
			{
				code: 'unexpected_answer',
				message: 'The indexer answered something this page does not understand.',
				suggestion: `The parts of this installation may be of different versions (${first?.path.join('.')}: ${first?.message}).`,
			},
			parsed.error,
		);
	}
	return parsed.data;
}
