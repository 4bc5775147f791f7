import { EventEmitter, once } from 'node:events';
import type { Deployment } from '@necto/contracts';
import type { PublicClient } from 'viem';
import { z } from 'zod';
import { query } from '../database/query.ts';
import { openToReader, type RoleUrls } from '../database/roles.ts';
import { hashOf } from '../hash.ts';

/** What the indexer's rows are made of, beside the chain. */
const SOURCES = ['indexer', 'contracts/abi', 'contracts/ts', 'contracts/index.ts', 'core/src'];

/** Ponder's checkpoints are digits of fixed widths: timestamp 10, chain 16, block 16, and more. */
const BLOCK_AT = { from: 26, to: 42 } as const;

const checkpointsSchema = z.array(z.object({ finalized_checkpoint: z.string() }));
const namesSchema = z.array(z.object({ name: z.string() }));

function quoted(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

/** The schema that the indexer writes to, for those that read it. */
export class CurrentSchema {
	readonly #events = new EventEmitter<{ set: []; change: [] }>();
	#name: string | undefined;

	set(name: string): void {
		const isChange = this.#name !== undefined && this.#name !== name;
		this.#name = name;
		this.#events.emit('set');
		if (isChange) this.#events.emit('change');
	}

	/** Waits for the indexer's first start. @throws the signal's reason when it fires before */
	async get(signal: AbortSignal): Promise<string> {
		while (this.#name === undefined) await once(this.#events, 'set', { signal });
		return this.#name;
	}

	/** Calls `listener` after each change to another schema. */
	onChange(listener: () => void): void {
		this.#events.on('change', listener);
	}
}

/** The schema for rows of this very chain made by these very sources: another chain or another source has another name. */
async function nameOfSchema(client: PublicClient, deployment: Deployment): Promise<string> {
	const { hash } = await client.getBlock({ blockNumber: 0n });
	const digest = await hashOf(SOURCES, [hash, JSON.stringify(deployment)]);
	return `necto_${digest.slice(0, 16)}`;
}

/** The highest block that the indexer will not look at again. */
async function finalizedBlock(url: string, schema: string): Promise<number | undefined> {
	const [table] = await query(url, 'select 1 from pg_tables where schemaname = $1 and tablename = $2', [
		schema,
		'_ponder_checkpoint',
	]);
	if (table === undefined) return undefined;
	const rows = await query(url, `select finalized_checkpoint from ${quoted(schema)}._ponder_checkpoint`);
	const blocks = checkpointsSchema
		.parse(rows)
		.map(({ finalized_checkpoint }) => Number(finalized_checkpoint.slice(BLOCK_AT.from, BLOCK_AT.to)));
	return Math.max(0, ...blocks);
}

/**
 * Says a killed indexer's claim on its schema is over; otherwise the next one waits half a minute for its heartbeat to run out. The lock
 * on the data directory already makes sure that there is no other.
 */
async function unlock(url: string, schema: string): Promise<void> {
	const [table] = await query(url, 'select 1 from pg_tables where schemaname = $1 and tablename = $2', [
		schema,
		'_ponder_meta',
	]);
	if (table === undefined) return;
	await query(url, `update ${quoted(schema)}._ponder_meta set value = jsonb_set(value::jsonb, '{is_locked}', '0')`);
}

/**
 * Chooses the indexer's schema, opens it to the public API, and throws away what does not belong to the chain as it is now: the chain is the truth. A chain that was
 * killed can have lost its last blocks; if the indexer had already taken one of them for final, it indexes again.
 *
 * @param embedded whether the database is only ours
 */
export async function prepareSchema(
	client: PublicClient,
	deployment: Deployment,
	urls: Pick<RoleUrls, 'indexer' | 'reader'>,
	embedded: boolean,
): Promise<string> {
	const { indexer: url } = urls;
	const schema = await nameOfSchema(client, deployment);
	const [head, finalized] = await Promise.all([client.getBlockNumber(), finalizedBlock(url, schema)]);
	if (finalized !== undefined && finalized > head) {
		await query(url, `drop schema ${quoted(schema)} cascade`);
		// Its copy of the chain, which all schemas share.
		await query(url, 'drop schema if exists ponder_sync cascade');
	}
	await openToReader(urls, schema);
	if (!embedded) return schema;
	await unlock(url, schema);
	const old = namesSchema.parse(
		await query(
			url,
			"select nspname as name from pg_namespace where nspname ~ '^necto_[0-9a-f]{16}$' and nspname <> $1",
			[schema],
		),
	);
	for (const { name } of old) await query(url, `drop schema ${quoted(name)} cascade`);
	return schema;
}
