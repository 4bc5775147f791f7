import pg from 'pg';

/** Asks a database one question. Several statements may go at once if they have no values. */
export async function query(
	url: string,
	text: string,
	values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
	const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
	// A server that goes away while we talk to it fails the query; without a listener it would end this process as well.
	client.on('error', () => undefined);
	await client.connect();
	try {
		return (await client.query<Record<string, unknown>>(text, [...values])).rows;
	} finally {
		await client.end();
	}
}
