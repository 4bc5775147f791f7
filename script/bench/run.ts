/**
 * How long things take, on this machine and now: `npm run bench`. Not a test: nothing fails on a slow day. A figure of ours stands beside what
 * it is held against, taken in the same run, because machines are noisy and only ratios travel.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProduct } from '../e2e/product.ts';
import { say } from '../src/say.ts';
import { measureDecisions } from './decisions.ts';
import { measureGas } from './gas.ts';
import { measurePages } from './pages.ts';
import { report } from './report.ts';
import { measureUploads } from './uploads.ts';

const data = await mkdtemp(join(tmpdir(), 'necto-bench-'));
const timed = async () => {
	const began = performance.now();
	const product = await startProduct(data);
	return { product, ms: performance.now() - began };
};

try {
	say('Starting a new installation (packages and pages are there already)…');
	const first = await timed();
	await first.product.stop();
	say('Starting it again…');
	const { product, ms } = await timed();
	try {
		const { ready } = product;
		say('Storing files by the 0G SDK alone…');
		const uploads = await measureUploads(ready);
		say('Routing jobs…');
		const decisions = await measureDecisions(ready);
		say('Watching a page…');
		const pages = await measurePages(ready);
		say('Reading receipts…');
		const gas = await measureGas(ready);
		say(
			report([
				['start, first time', [first.ms], 'ms', 'aim: a fresh clone in 180,000 with install and build'],
				['start, again', [ms], 'ms', 'aim: 15,000'],
				['0G SDK alone, one file of a record’s size', uploads, 'ms', 'what a decision cannot be faster than'],
				['JobRequested to JobRouted', decisions, 'ms', 'aim: little above the line before'],
				['receipt to the page showing it', pages, 'ms', 'aim: 100'],
				...gas.map(({ step, used }) => [`gas of ${step}`, [used], '', 'receipt on the local chain'] as const),
			]),
		);
	} finally {
		await product.stop();
	}
} finally {
	await rm(data, { recursive: true, force: true });
}
