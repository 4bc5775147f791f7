/** What sources last said, in the database: written by the router, read by the public API. Its offers are bytes of `market/encoding.ts`. */
import type { Pool } from 'pg';
import { isHex } from 'viem';
import { z } from 'zod';
import { FAILURES } from '../sources/asking/source.ts';
import { CHANNELS } from './notifications.ts';

const seconds = z.int().min(0);

/** Everything of a reading but its offers. */
const headSchema = z.object({
	name: z.string(),
	url: z.string().nullable(),
	refreshSeconds: z.int().min(1),
	/** Why the source is not asked; null when it is. */
	notAsked: z.string().nullable(),
	left: z.record(z.string(), z.int().min(0)),
	incomplete: z.string().nullable(),
	fetchedAt: seconds.nullable(),
	bodyHash: z.custom<`0x${string}`>((value) => isHex(value)).nullable(),
	failing: z.object({ since: seconds, failure: z.enum(FAILURES), message: z.string() }).nullable(),
	/** As `encodeOffers` gave it. */
	newest: seconds,
	/** What a source of token prices said. */
	prices: z.array(z.object({ symbol: z.string(), source: z.string(), usd: z.string(), observedAt: seconds })),
});
export type ReadingHead = z.output<typeof headSchema>;

export type ReadingKind = 'offers' | 'token-prices';

export interface StoredReading {
	source: string;
	kind: ReadingKind;
	/** Its place in the order in which sources are shown. */
	place: number;
	head: ReadingHead;
	/** Of its offers, as `encodeOffers` gave it. */
	hash: string;
}

interface Row {
	source: string;
	kind: ReadingKind;
	place: number;
	head: string;
	hash: string;
	version: string;
	body: Buffer | null;
}

export class ReadingStore {
	readonly #pool: Pool;
	readonly deployment: string;

	constructor(pool: Pool, deployment: string) {
		this.#pool = pool;
		this.deployment = deployment;
	}

	/** Which readings there are, in their order. A version is never given twice. */
	async list(): Promise<{ source: string; version: string; hash: string }[]> {
		const { rows } = await this.#pool.query<Pick<Row, 'source' | 'version' | 'hash'>>(
			'SELECT source, version, hash FROM agent.reading WHERE deployment = $1 ORDER BY place, source',
			[this.deployment],
		);
		return rows;
	}

	/**
	 * One reading; null when it is gone.
	 *
	 * @param known hash of the offers that the caller has: `body` is null when they are the same
	 */
	async read(
		source: string,
		known: string | null,
	): Promise<(StoredReading & { version: string; body: Buffer | null }) | null> {
		const { rows } = await this.#pool.query<Row>(
			`SELECT source, kind, place, head, hash, version, CASE WHEN hash = $3 THEN NULL ELSE body END AS body
			FROM agent.reading WHERE deployment = $1 AND source = $2`,
			[this.deployment, source, known],
		);
		const row = rows[0];
		return row === undefined ? null : { ...row, head: headSchema.parse(JSON.parse(row.head)) };
	}

	/**
	 * Writes a reading and notifies the listeners.
	 *
	 * @param body the offers; null when those in the database have this hash already
	 */
	async write({ source, kind, place, head, hash }: StoredReading, body: Buffer | null): Promise<void> {
		const values = [this.deployment, source, kind, place, JSON.stringify(head)];
		if (body === null) {
			await this.#pool.query(
				`WITH written AS (
					UPDATE agent.reading SET kind = $3, place = $4, head = $5, version = nextval('agent.reading_version')
					WHERE deployment = $1 AND source = $2 RETURNING source
				) SELECT pg_notify('${CHANNELS.reading}', source) FROM written`,
				values,
			);
			return;
		}
		await this.#pool.query(
			`WITH written AS (
				INSERT INTO agent.reading (deployment, source, kind, place, head, hash, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT (deployment, source) DO UPDATE SET kind = excluded.kind, place = excluded.place, head = excluded.head,
					hash = excluded.hash, body = excluded.body, version = nextval('agent.reading_version')
				RETURNING source
			) SELECT pg_notify('${CHANNELS.reading}', source) FROM written`,
			[...values, hash, body],
		);
	}

	/** Forgets all sources but these. */
	async keepOnly(sources: readonly string[]): Promise<void> {
		await this.#pool.query(
			`WITH gone AS (
				DELETE FROM agent.reading WHERE deployment = $1 AND NOT source = ANY ($2) RETURNING source
			) SELECT pg_notify('${CHANNELS.reading}', source) FROM gone`,
			[this.deployment, sources],
		);
	}
}
