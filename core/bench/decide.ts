/**
 * How long the parts of a decision take over a market of 1,000 and of 10,000 quotes: `node core/bench/decide.ts`. Prints a table in milliseconds of
 * processor time, the median of a few runs. Not a test: the figures depend on the machine.
 */
import { keccak256 } from 'viem';
import {
	buildRecord,
	decide,
	defaultPolicy,
	gpuModelKey,
	type Quote,
	recordToBytes,
	snapshotToBytes,
	verify,
	zeroGRoot,
} from '../src/index.ts';
import { chainFor, listed, NOW, price, quote, REGISTRY, request, snapshot } from '../test/build.ts';

const RUNS = 5;

function median(run: () => void): string {
	const times = Array.from({ length: RUNS }, () => {
		const start = process.cpuUsage();
		run();
		return process.cpuUsage(start).user / 1000;
	}).toSorted((a, b) => a - b);
	return (times[Math.floor(RUNS / 2)] ?? 0).toFixed(1);
}

/** A tenth listings, the rest of outside sources; a third of all is the model that is wanted. */
function market(count: number): Quote[] {
	return Array.from({ length: count }, (_, index) => {
		const model = gpuModelKey(['h100', 'a100', 'l40s'][index % 3] ?? 'h100');
		const gpu = { model, formFactor: 'sxm' as const, memoryGiB: 80, rawName: model };
		const quality = {
			uptimeBps: 9_000 + (index % 1000),
			latencyMs: index % 300,
			ratingBps: null,
			riskBps: index % 500,
		};
		if (index % 10 === 0) return listed(index + 1, BigInt(1_500_000 + ((index * 7919) % 1_000_000)), { gpu, quality });
		const amount = `${1 + ((index * 7919) % 4000) / 1000}`;
		return quote({ id: `${index}`, gpu, quality, price: price({ amount, per: 'instance' }) });
	});
}

const lines = ['quotes\tdecide\tsnapshot bytes\trecord bytes\t0G root\tverify\tsnapshot kB\trecord kB'];
for (const count of [1_000, 10_000]) {
	const job = { chainId: 31337, registry: REGISTRY, id: null, requester: null };
	const wanted = request({ weights: { uptime: 500, latency: 200, rating: 100, risk: 300 }, tracked: false });
	const all = snapshot(market(count));
	const policy = defaultPolicy;
	const decision = decide({ job, request: wanted, snapshot: all, policy });
	const snapshotBytes = snapshotToBytes(all);
	const snapshotRef = { root: zeroGRoot(snapshotBytes), hash: keccak256(snapshotBytes), bytes: snapshotBytes.length };
	const record = buildRecord({ decision, job, request: wanted, snapshotRef, takenAt: NOW, policy });
	const recordBytes = recordToBytes(record);
	const chain = chainFor(wanted, decision.chosen, decision.candidatesRoot, recordBytes);
	lines.push(
		[
			count,
			median(() => decide({ job, request: wanted, snapshot: all, policy })),
			median(() => snapshotToBytes(all)),
			median(() => recordToBytes(record)),
			median(() => zeroGRoot(recordBytes)),
			median(() => verify({ recordBytes, snapshotBytes, chain })),
			Math.round(snapshotBytes.length / 1000),
			Math.round(recordBytes.length / 1000),
		].join('\t'),
	);
}
process.stdout.write(`${lines.join('\n')}\n`);
