import pg from 'pg';
import { type TableName, tablesOf } from '../tables.ts';
import type { Bell } from './feed.ts';

const RETRY_MILLISECONDS = 250;

/**
 * The bell that Ponder rings for its own live queries: with each block it commits, it notifies the channel `<schema>_live_query` with the
 * names of the tables that changed, in the same transaction. (Its live queries themselves want a client that knows the schema.)
 *
 * @param databaseUrl the indexer's PostgreSQL
 * @param schema finds out the schema that Ponder's tables are in
 */
export function postgresBell(databaseUrl: string, schema: () => Promise<string>): Bell {
	return {
		async listen(onBlock, onGap) {
			const channel = `${await schema()}_live_query`;
			let isStopped = false;
			let client: pg.Client | undefined;
			let retry: NodeJS.Timeout | undefined;

			const connect = async () => {
				const next = new pg.Client({ connectionString: databaseUrl, keepAlive: true, connectionTimeoutMillis: 5_000 });
				client = next;
				next.on('notification', ({ payload }) => onBlock(tablesIn(payload)));
				try {
					await next.connect();
					await next.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
				} catch (error) {
					await next.end().catch(() => undefined);
					throw error;
				}
				const lose = () => {
					if (client !== next || isStopped) return;
					client = undefined;
					void next.end().catch(() => undefined);
					reconnect();
				};
				next.once('end', lose);
				next.on('error', lose);
			};
			const reconnect = () => {
				retry = setTimeout(() => {
					connect().then(
						() => (isStopped ? client?.end() : onGap()),
						() => isStopped || reconnect(),
					);
				}, RETRY_MILLISECONDS);
			};

			await connect();
			return async () => {
				isStopped = true;
				clearTimeout(retry);
				await client?.end().catch(() => undefined);
			};
		},
	};
}

/** The tables that a notification names. Whoever can notify can also send nonsense, which is worth no more than a refetch of nothing. */
function tablesIn(payload: string | undefined): TableName[] {
	try {
		const names: unknown = JSON.parse(payload ?? '[]');
		return Array.isArray(names) ? tablesOf(names.filter((name) => typeof name === 'string')) : [];
	} catch {
		return [];
	}
}
