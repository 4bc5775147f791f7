/** Watches in the database: what people wait for, and when it came. */
import { randomBytes } from 'node:crypto';
import { type Watch, type WatchWish, watchSchema, watchWishSchema } from '@necto/core';
import type { Pool } from 'pg';
import { z } from 'zod';

const LIFE_SECONDS = 30 * 86_400;
/** More than this many at a time are not looked after. */
export const MOST_WATCHES = 10_000;
const MOST_HITS = 20;

export type WatchHit = Watch['hits'][number];

/** A watch as whoever looks after it needs it. */
export interface OpenWatch {
	id: string;
	wish: WatchWish;
	met: boolean;
}

interface Row {
	id: string;
	wish: unknown;
	created_at: string;
	expires_at: string;
	met: boolean;
	hits: unknown;
}

export class Watches {
	readonly #pool: Pool;
	readonly deployment: string;

	constructor(pool: Pool, deployment: string) {
		this.#pool = pool;
		this.deployment = deployment;
	}

	/**
	 * Begins a watch; null when there are too many.
	 *
	 * @param now unix seconds
	 */
	async add(wish: WatchWish, now: number, most = MOST_WATCHES): Promise<Watch | null> {
		// 192 bits: nobody guesses one.
		const id = randomBytes(24).toString('base64url');
		const { rows } = await this.#pool.query<Row>(
			`INSERT INTO agent.watch (id, deployment, wish, created_at, expires_at)
			SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM agent.watch WHERE deployment = $2 AND expires_at > $4) < $6
			RETURNING id, wish, created_at, expires_at, met, hits`,
			[id, this.deployment, JSON.stringify(wish), now, now + LIFE_SECONDS, most],
		);
		return rows[0] === undefined ? null : toWatch(rows[0]);
	}

	/** Those of the ids that there are, in the order of their making. */
	async get(ids: readonly string[], now: number): Promise<Watch[]> {
		const { rows } = await this.#pool.query<Row>(
			`SELECT id, wish, created_at, expires_at, met, hits FROM agent.watch
			WHERE deployment = $1 AND id = ANY($2) AND expires_at > $3 ORDER BY created_at, id`,
			[this.deployment, ids, now],
		);
		return rows.map(toWatch);
	}

	/** Whether there was such a watch. */
	async remove(id: string): Promise<boolean> {
		const { rowCount } = await this.#pool.query('DELETE FROM agent.watch WHERE deployment = $1 AND id = $2', [
			this.deployment,
			id,
		]);
		return rowCount === 1;
	}

	/** All that still watch. Those whose time is over are forgotten. */
	async open(now: number): Promise<OpenWatch[]> {
		await this.#pool.query('DELETE FROM agent.watch WHERE deployment = $1 AND expires_at <= $2', [
			this.deployment,
			now,
		]);
		const { rows } = await this.#pool.query<Pick<Row, 'id' | 'wish' | 'met'>>(
			'SELECT id, wish, met FROM agent.watch WHERE deployment = $1 AND expires_at > $2 ORDER BY created_at, id LIMIT $3',
			[this.deployment, now, MOST_WATCHES],
		);
		return rows.map(({ id, wish, met }) => ({ id, wish: watchWishSchema.parse(wish), met }));
	}

	/** An offer began to fit. False when another agent already said so, or the watch is gone. */
	async meet(id: string, hit: WatchHit): Promise<boolean> {
		const { rowCount } = await this.#pool.query(
			`UPDATE agent.watch SET met = true, hits = (
				SELECT jsonb_agg(hit ORDER BY place) FROM jsonb_array_elements($3::jsonb || hits)
					WITH ORDINALITY AS all_hits(hit, place) WHERE place <= $4
			) WHERE deployment = $1 AND id = $2 AND NOT met`,
			[this.deployment, id, JSON.stringify([hit]), MOST_HITS],
		);
		return rowCount === 1;
	}

	/** Nothing fits these any more. */
	async unmeet(ids: readonly string[]): Promise<void> {
		if (ids.length === 0) return;
		await this.#pool.query('UPDATE agent.watch SET met = false WHERE deployment = $1 AND id = ANY($2) AND met', [
			this.deployment,
			ids,
		]);
	}
}

const numberText = z.coerce.number();

function toWatch({ id, wish, created_at, expires_at, met, hits }: Row): Watch {
	return watchSchema.parse({
		id,
		wish,
		createdAt: numberText.parse(created_at),
		expiresAt: numberText.parse(expires_at),
		met,
		hits,
	});
}
