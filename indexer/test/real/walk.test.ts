import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectTablesEqualChain } from './equality.ts';
import { Marketplace } from './marketplace.ts';
import { Indexer, type LocalChain, startChain } from './network.ts';
import { Walk } from './walk.ts';

let chain: LocalChain;
let indexer: Indexer;

beforeAll(async () => {
	chain = await startChain();
	indexer = await Indexer.start(chain, 'walk');
}, 600_000);

afterAll(async () => {
	await indexer?.stop();
	await chain?.stop();
}, 60_000);

test('SYS-05 the tables hold all that the contracts do, whatever people do', async () => {
	const market = new Marketplace(chain);
	const walk = new Walk(market, 20_261_121);
	await walk.prepare();
	await expectTablesEqualChain(indexer, market);
	for (let leg = 0; leg < 3; leg++) {
		await walk.go(60);
		await expectTablesEqualChain(indexer, market);
	}
	// A walk that never took a turn says nothing about it.
	expect(walk.names.filter((name) => !walk.done.has(name))).toEqual([]);
	const events = new Set((await indexer.rows('jobEvents', 'kind')).map(({ kind }) => kind));
	expect([...events].sort()).toEqual([
		'cancelled',
		'challenge-rejected',
		'challenge-upheld',
		'disputed',
		'evidence',
		'expired',
		'extended',
		'failed',
		'reopened',
		'requested',
		'routed',
		'ruled',
		'settled',
		'split',
		'started',
	]);
}, 300_000);
