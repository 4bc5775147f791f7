import { isAddressRange } from '@necto/core';
import { z } from 'zod';

/** What the HTTP API grants. docs/indexer.md has the table of all limits, also of those that are constants beside the code that applies them. */
export interface Limits {
	/**
	 * `public` counts requests and streams of each client. `private` does not: for a process that only the operator's own services reach, such
	 * as the one that the agent reads from. The limits of a single query hold in both.
	 */
	readonly audience: 'public' | 'private';
	/** Proxies whose header says for whom they ask: addresses and CIDR ranges. */
	readonly trustedProxies: readonly string[];
	/** The header in which they say it; lower case. */
	readonly clientAddressHeader: string;
	/** Requests of one client in 10 seconds. */
	readonly requests: number;
	/** Streams of one client at a time. */
	readonly streams: number;
	/** Queries that run in the database at a time. */
	readonly queries: number;
	/** Rows, roughly, that a GraphQL query may read. */
	readonly queryCost: number;
	readonly queryMilliseconds: number;
	/** Bytes that the database may send for one request. */
	readonly resultBytes: number;
}

const LOOPBACK = '127.0.0.0/8,::1';

const listOf = (text: string) =>
	text
		.split(',')
		.map((part) => part.trim())
		.filter((part) => part !== '');

const whole = (usual: number, least: number, most: number) =>
	z
		.string()
		.regex(/^\d{1,12}$/)
		.default(`${usual}`)
		.transform(Number)
		.pipe(z.int().min(least).max(most));

const schema = z.object({
	INDEXER_API: z.enum(['public', 'private']).default('public'),
	TRUSTED_PROXIES: z
		.string()
		.default(LOOPBACK)
		.transform(listOf)
		.pipe(z.array(z.string().refine(isAddressRange))),
	CLIENT_ADDRESS_HEADER: z
		.string()
		.regex(/^[A-Za-z0-9-]{1,64}$/)
		.default('x-forwarded-for')
		.transform((name) => name.toLowerCase()),
	LIMIT_REQUESTS: whole(300, 1, 1_000_000),
	LIMIT_STREAMS: whole(20, 1, 1_000),
	LIMIT_QUERIES: whole(8, 1, 25),
	LIMIT_QUERY_COST: whole(5_000, 10, 1_000_000),
	LIMIT_QUERY_SECONDS: whole(5, 1, 60),
	LIMIT_RESULT_BYTES: whole(8 * 1024 * 1024, 1_024, 256 * 1024 * 1024),
});

/** What each variable has to be: the words of the error when it is not. */
const expected: Readonly<Record<keyof z.infer<typeof schema>, string>> = {
	INDEXER_API: '"public" or "private"',
	TRUSTED_PROXIES: 'IP addresses and CIDR ranges, separated by commas',
	CLIENT_ADDRESS_HEADER: 'the name of an HTTP header',
	LIMIT_REQUESTS: 'a whole number from 1 to 1000000',
	LIMIT_STREAMS: 'a whole number from 1 to 1000',
	LIMIT_QUERIES: 'a whole number from 1 to 25',
	LIMIT_QUERY_COST: 'a whole number from 10 to 1000000',
	LIMIT_QUERY_SECONDS: 'a whole number of seconds from 1 to 60',
	LIMIT_RESULT_BYTES: 'a whole number of bytes from 1024 to 268435456',
};

/**
 * Reads the API's limits. An empty variable counts as missing.
 *
 * @throws Error naming every variable that is wrong, and what it has to be
 */
export function readLimits(env: NodeJS.ProcessEnv): Limits {
	const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
	const result = schema.safeParse(given);
	if (!result.success) {
		const wrong = new Set(result.error.issues.map((issue) => String(issue.path[0])));
		const lines = Object.entries(expected)
			.filter(([name]) => wrong.has(name))
			.map(([name, meaning]) => `  ${name} has to be ${meaning}`);
		throw new Error(`The indexer can't start. Correct in its environment:\n${lines.join('\n')}`);
	}
	const values = result.data;
	return {
		audience: values.INDEXER_API,
		trustedProxies: values.TRUSTED_PROXIES,
		clientAddressHeader: values.CLIENT_ADDRESS_HEADER,
		requests: values.LIMIT_REQUESTS,
		streams: values.LIMIT_STREAMS,
		queries: values.LIMIT_QUERIES,
		queryCost: values.LIMIT_QUERY_COST,
		queryMilliseconds: values.LIMIT_QUERY_SECONDS * 1_000,
		resultBytes: values.LIMIT_RESULT_BYTES,
	};
}
