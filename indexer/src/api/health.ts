/** `GET /health/index`: how far the tables are behind the chain, and whether rows are missing; and the watch over it. */
import { db } from 'ponder:api';
import { job, listing, provider, team } from 'ponder:schema';
import type { Context } from 'hono';
import { count, desc, inArray } from 'ponder';
import { checkedRpc } from '../../rpc/chain.ts';
import type { Settings } from '../../settings.ts';
import { ChainCounts, type Rows } from '../../watch/compare.ts';
import { from, HealthCheck, type IndexHealth, LookFailure } from '../../watch/health.ts';
import { anchorBelow, withConnection, withDatabase } from '../../watch/rebuild.ts';
import type { Turn } from '../../watch/turns.ts';
import { Watch } from '../../watch/watch.ts';
import { ponderIndex, ponderSchema } from './live/ponder-index.ts';

/** Newest rows of each kind that are compared in every look. */
const RECENT = 20;
/** A look asks the chain some 150 questions: for so long everybody gets the same. */
const FRESH_MS = 5_000;
/** Blocks that Ponder follows a reorganisation back. */
const FOLLOWED = 32n;

async function rows(turn: Turn): Promise<Rows> {
	const ofJob = { id: job.id, status: job.status };
	const ofListing = { id: listing.id, version: listing.version, reserved: listing.reserved };
	const [jobs, listings, providers, teams, newestJobs, newestListings, olderJobs, olderListings] = await Promise.all([
		db.select({ rows: count() }).from(job),
		db.select({ rows: count() }).from(listing),
		db.select({ rows: count() }).from(provider),
		db.select({ rows: count() }).from(team),
		db.select(ofJob).from(job).orderBy(desc(job.updatedBlock), desc(job.id)).limit(RECENT),
		db.select(ofListing).from(listing).orderBy(desc(listing.id)).limit(RECENT),
		db
			.select(ofJob)
			.from(job)
			.where(inArray(job.id, [...turn.jobs])),
		db
			.select(ofListing)
			.from(listing)
			.where(inArray(listing.id, [...turn.listings])),
	]);
	return {
		jobs: jobs[0]?.rows ?? 0,
		listings: listings[0]?.rows ?? 0,
		providers: providers[0]?.rows ?? 0,
		teams: teams[0]?.rows ?? 0,
		comparedJobs: byId([...newestJobs, ...olderJobs]),
		comparedListings: byId([...newestListings, ...olderListings]),
	};
}

/** Each row once. */
function byId<Row extends { id: number | bigint }>(rows: readonly Row[]): Row[] {
	return [...new Map(rows.map((row) => [row.id, row])).values()];
}

function log(level: 'warn' | 'error', fields: Record<string, unknown>): void {
	process.stderr.write(`${JSON.stringify({ level, service: 'index-watch', ...fields })}\n`);
}

function problemOf(error: unknown): string {
	return error instanceof LookFailure
		? error.message
		: 'The index could not be checked; the log of the indexer says why.';
}

/** Failed looks in the log: each kind once, until a look succeeds or another one comes. */
class Failures {
	#logged: string | null = null;

	log(error: unknown): void {
		const problem = problemOf(error);
		if (problem === this.#logged) return;
		this.#logged = problem;
		const cause = error instanceof LookFailure ? error.cause : error;
		log('error', { msg: problem, cause: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause) });
	}

	over(): void {
		this.#logged = null;
	}
}

/** The route's answers; under `ponder start` the watch runs beside them. */
export function indexHealth({ deployment, rpcUrls, databaseUrl, watchMs }: Settings) {
	const rpc = checkedRpc(rpcUrls);
	const stands = async (block: bigint): Promise<boolean> => {
		const schema = await ponderSchema();
		const anchor = await withConnection(databaseUrl, (client) => anchorBelow(client, schema, block - FOLLOWED));
		return anchor === null || (await from('chain', rpc.block(Number(anchor.block)))).hash === anchor.hash;
	};
	const tables = { head: async () => (await ponderIndex.head()).block, rows };
	const check = new HealthCheck(rpc, new ChainCounts(rpc, deployment), tables, stands);
	const failures = new Failures();
	/** Looks once, and logs what kept it from that. */
	const look = async () => {
		try {
			const health = await check.look();
			failures.over();
			return health;
		} catch (error) {
			failures.log(error);
			throw error;
		}
	};
	let last: { at: number; health: Promise<IndexHealth> } | null = null;

	if (process.argv.includes('start')) {
		const watch = new Watch({
			look,
			database: (work) => withDatabase(databaseUrl, work),
			schema: ponderSchema,
			now: () => performance.now(),
			warn: (message) => log('warn', { msg: message }),
			end: (code, reason) => {
				log('error', { code, msg: reason });
				process.exit(code);
			},
		});
		let isBusy = false;
		setInterval(() => {
			if (isBusy) return;
			isBusy = true;
			// What cannot be looked at now is looked at in the next round.
			void watch
				.round()
				.catch((error: unknown) => failures.log(error))
				.finally(() => {
					isBusy = false;
				});
		}, watchMs).unref();
	}

	return async (c: Context) => {
		const now = performance.now();
		if (last === null || now - last.at > FRESH_MS) last = { at: now, health: look() };
		try {
			const { ok, ...health } = await last.health;
			return c.json({ ok, ...health }, ok ? 200 : 503);
		} catch (error) {
			return c.json({ ok: false, problem: problemOf(error) }, 503);
		}
	};
}
