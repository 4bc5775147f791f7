import { db } from 'ponder:api';
import { job } from 'ponder:schema';
import { desc, gt, sql } from 'ponder';
import { z } from 'zod';
import type { Head, Index } from './feed.ts';

/** More jobs than this are not named one by one. */
const MOST_JOBS = 1_000;

const checkpointRows = z.array(z.object({ checkpoint: z.string().regex(/^\d{75}$/) })).length(1);
const schemaRows = z.array(z.object({ schema: z.string() })).length(1);

/** Ponder's checkpoints are digits of fixed width: 10 of the block's timestamp, 16 of the chain, 16 of the block, and what is inside it. */
const BLOCK_DIGITS = { from: 26, to: 42 } as const;

/** What the live feed reads from Ponder's tables. */
export const ponderIndex: Index = {
	async head(): Promise<Head> {
		const result = await db.execute(sql`SELECT latest_checkpoint AS checkpoint FROM _ponder_checkpoint`);
		const [row] = checkpointRows.parse(result.rows);
		const mark = row?.checkpoint ?? '';
		return { block: BigInt(mark.slice(BLOCK_DIGITS.from, BLOCK_DIGITS.to)), mark };
	},
	async jobsAbove(block) {
		const rows = await db
			.select({ id: job.id })
			.from(job)
			.where(gt(job.updatedBlock, block))
			.orderBy(desc(job.updatedBlock), desc(job.id))
			.limit(MOST_JOBS);
		return rows.map(({ id }) => id);
	},
};

/** The schema that Ponder's tables are in: `--schema`, or the views' one under `ponder serve`. */
export async function ponderSchema(): Promise<string> {
	const result = await db.execute(sql`SELECT current_schema() AS schema`);
	const [row] = schemaRows.parse(result.rows);
	return row?.schema ?? '';
}
