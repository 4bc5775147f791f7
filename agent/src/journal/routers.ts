/** Signs of life of the routers in the database, for processes that have no other way to them. */
import { randomUUID } from 'node:crypto';
import { readySchema } from '@necto/core';
import type { Pool } from 'pg';
import { z } from 'zod';

const stateSchema = z.object({
	ready: readySchema,
	/** Whether a job is being worked on. */
	deciding: z.boolean(),
	/** The last block that was scanned, as decimal text. */
	lastBlock: z.string().nullable(),
});
export type RouterState = z.output<typeof stateSchema>;

/** A router that has given no sign of life for this long counts as stopped. Seconds. */
const SILENT_SECONDS = 20;
const FORGOTTEN_SECONDS = 3_600;

export class Routers {
	readonly #pool: Pool;
	readonly #deployment: string;
	/** Of several routers on one database each has a row of its own. */
	readonly #instance = randomUUID();

	constructor(pool: Pool, deployment: string) {
		this.#pool = pool;
		this.#deployment = deployment;
	}

	/** Says that this router runs. */
	async beat(state: RouterState): Promise<void> {
		await this.#pool.query(
			`WITH forgotten AS (
				DELETE FROM agent.router WHERE deployment = $1 AND instance <> $2 AND at < now() - make_interval(secs => $4)
			)
			INSERT INTO agent.router (deployment, instance, at, state) VALUES ($1, $2, now(), $3)
			ON CONFLICT (deployment, instance) DO UPDATE SET at = excluded.at, state = excluded.state`,
			[this.#deployment, this.#instance, JSON.stringify(state), FORGOTTEN_SECONDS],
		);
	}

	/** Says that this router stops. */
	async leave(): Promise<void> {
		await this.#pool.query('DELETE FROM agent.router WHERE deployment = $1 AND instance = $2', [
			this.#deployment,
			this.#instance,
		]);
	}

	/** What the routers that run said last, the newest first. Ages are by the database's clock. */
	async alive(): Promise<RouterState[]> {
		const { rows } = await this.#pool.query<{ state: string }>(
			`SELECT state FROM agent.router WHERE deployment = $1 AND at > now() - make_interval(secs => $2) ORDER BY at DESC`,
			[this.#deployment, SILENT_SECONDS],
		);
		return rows.map(({ state }) => stateSchema.parse(JSON.parse(state)));
	}
}
