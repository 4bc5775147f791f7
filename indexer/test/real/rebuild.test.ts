/** The index is complete: nodes that omit something do no harm, and wrong rows are found and rebuilt. */
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { Random } from '../../../agent/test/simulation/random.ts';
import { faultyRpc, NO_FAULTS } from '../../../agent/test/support/faultyRpc.ts';
import { EXIT } from '../../watch/watch.ts';
import { expectTablesEqualChain } from './equality.ts';
import { Marketplace } from './marketplace.ts';
import { Indexer, type LocalChain, startChain, until, WIDE } from './network.ts';

const healthSchema = z.object({
	ok: z.boolean(),
	problem: z.string().nullable(),
	differences: z
		.array(z.object({ what: z.string(), indexed: z.string(), chain: z.string() }))
		.nullish()
		.transform((differences) => differences ?? null),
});

let chain: LocalChain;
let market: Marketplace;
let admin: pg.Client;

beforeAll(async () => {
	chain = await startChain();
	market = new Marketplace(chain);
	admin = new pg.Client(chain.database);
	await admin.connect();
	// Ponder's triggers would need a session of Ponder's.
	await admin.query('set session_replication_role = replica');
});

afterAll(async () => {
	await admin?.end();
	await chain?.stop();
});

/** Starts an indexer that compares its rows with the contracts each second, and ends with the test. */
async function started(schema: string): Promise<Indexer> {
	const indexer = await Indexer.start(chain, schema, { env: { ...WIDE, INDEX_CHECK_SECONDS: '1' } });
	onTestFinished(() => indexer.stop());
	await indexer.reach(await market.client.getBlockNumber());
	return indexer;
}

/** Waits until `/health/index` is as wanted. */
async function health(indexer: Indexer, isWanted: (health: z.output<typeof healthSchema>) => boolean) {
	return until(indexer.program, 'the health of the index', async () => {
		const answer = healthSchema.parse(await (await fetch(`${indexer.url}/health/index`)).json());
		return isWanted(answer) ? answer : undefined;
	});
}

test('SYS-05 the public process says with its own role that the index is whole, also after a rebuild, and names a right that it lacks', async () => {
	const role = 'necto_reader';
	// As docs/operating.md opens a schema.
	await admin.query(`create schema opened authorization necto_indexer;
		grant usage on schema opened to ${role};
		alter default privileges for role necto_indexer in schema opened grant select on tables to ${role}`);
	let indexer = await Indexer.start(chain, 'opened');
	const env = { LIMIT_REQUESTS: '1000000' };
	const serve = () => Indexer.start(chain, 'opened', { command: 'serve', database: chain.databases.reader, env });
	let api = await serve();
	onTestFinished(async () => {
		await api.stop();
		await indexer.stop();
	});
	expect(await health(api, ({ ok }) => ok)).toMatchObject({ problem: null, differences: [] });

	await api.stop();
	await indexer.stop();
	await admin.query("insert into necto_index.rebuild values ('opened', 'for this test', true)");
	indexer = await Indexer.start(chain, 'opened');
	api = await serve();
	expect(await health(api, ({ ok }) => ok)).toMatchObject({ problem: null, differences: [] });

	await indexer.stop();
	await admin.query(`revoke all on schema necto_index from ${role}`);
	const wrong = await health(api, ({ ok }) => !ok);
	expect(wrong.problem).toMatch(/role of this process lacks a right: permission denied for schema necto_index/);
	expect(api.program.output).toContain('permission denied for schema necto_index');
	// The next start of the indexer gives it again.
	indexer = await Indexer.start(chain, 'opened');
	await health(api, ({ ok }) => ok);
});

test('SYS-05 a job that is missing and a status that is wrong: named, ended with 79, made anew, equal to the chain', async () => {
	const kept = await market.request('buyer');
	const lost = await market.request('buyer');
	const indexer = await started('damaged');
	await health(indexer, ({ ok, differences }) => ok && differences !== null);

	await admin.query('delete from damaged.job where id = $1', [`${lost.id}`]);
	await admin.query("update damaged.job set status = 'running' where id = $1", [`${kept.id}`]);
	// The watch may see it first, and end the process: what was wrong is then in the mark.
	await indexer.program.waitForEnd();
	expect(indexer.program.exitCode).toBe(EXIT.rebuild);
	const { rows } = await admin.query("select reason, wanted from necto_index.rebuild where schema = 'damaged'");
	expect(rows).toEqual([{ reason: expect.stringMatching(/jobs \d+ instead of \d+/), wanted: true }]);

	const next = await started('damaged');
	await expectTablesEqualChain(next, market);
	expect((await next.rows('jobs', 'id')).map(({ id }) => id)).toContain(`${lost.id}`);
	await health(next, ({ ok, differences }) => ok && differences?.length === 0);

	// Not twice in six hours: it continues, and reports what is wrong and that it was rebuilt.
	await admin.query("update damaged.job set status = 'running' where id = $1", [`${kept.id}`]);
	const wrong = await health(next, ({ ok }) => !ok);
	expect(wrong.differences).toEqual([{ what: `status of job ${kept.id}`, indexed: 'running', chain: 'requested' }]);
	await until(
		next.program,
		'a warning',
		async () => next.program.output.includes('The tables were rebuilt less than 6 hours ago') || undefined,
	);
	expect(next.program.hasEnded).toBe(false);
});

test('SYS-05 behind nodes that lag, leave logs out and fail, the tables equal the chain', async () => {
	const random = new Random(1);
	const nodes = await Promise.all([1, 2].map(() => faultyRpc(chain.rpc, (probability) => random.chance(probability))));
	onTestFinished(async () => {
		for (const node of nodes) await node.close();
	});
	const env = { ...WIDE, ADI_RPC_URL: nodes.map(({ url }) => url).join(), ADI_WS_URL: '' };
	const indexer = await Indexer.start(chain, 'behind', { env });
	onTestFinished(() => indexer.stop());

	for (let round = 0; round < 3; round++) {
		for (let job = 0; job < 6; job++) {
			for (const node of nodes) {
				node.faults = {
					lag: random.pick([0, 2, 6]),
					empty: random.pick([0, 0.5, 0.9]),
					fails: random.pick([0, 0.1, 0.3]),
				};
			}
			const { id } = await market.request('buyer');
			if (random.chance(0.5)) await market.step('buyer', 'cancel', id);
			// Ponder looks four times a second.
			await new Promise((resolve) => setTimeout(resolve, 500));
		}
		for (const node of nodes) node.faults = NO_FAULTS;
		await market.test.mine({ blocks: 1 });
		await expectTablesEqualChain(indexer, market);
	}
	for (const fault of ['lag', 'empty', 'fails'] as const) {
		expect(
			nodes.reduce((sum, { shown }) => sum + shown[fault], 0),
			fault,
		).toBeGreaterThan(5);
	}
	await health(indexer, ({ ok, differences }) => ok && differences?.length === 0);
});
