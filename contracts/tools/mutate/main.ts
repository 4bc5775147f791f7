/**
 * Measures the contracts' tests: puts small faults (mutants) into the sources one at a time, and sees whether a test notices.
 *
 * `node contracts/tools/mutate/main.ts [--sample N] [--seed S] [--file X] [--list]`: N mutants chosen by S (without N all), of the files whose
 * path holds X; `--list` only lists them. Writes `.necto/mutate/report.txt` and `.json` after every mutant. Needs no `forge build` before.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { DEPLOYED, nameOf, root } from '../artifacts.ts';
import { Compiler } from './compiler.ts';
import { apply, enumsOf, type Mutant, mutantsOf } from './operators.ts';
import { type Fate, type Report, type Result, render, reportOf } from './report.ts';
import { Workshop } from './workshop.ts';

const { values } = parseArgs({
	options: {
		sample: { type: 'string' },
		seed: { type: 'string', default: '1' },
		file: { type: 'string', default: '' },
		list: { type: 'boolean', default: false },
	},
});
const say = (text: string) => process.stdout.write(`${text}\n`);

/** The sources with logic in them, and all others that the trees of the enums are in. */
const all = readdirSync(join(root, 'contracts/src'), { recursive: true, encoding: 'utf8' })
	.filter((path) => path.endsWith('.sol'))
	.map((path) => `contracts/src/${path}`)
	.sort();
const sources = new Map(all.map((path) => [path, readFileSync(join(root, path))]));
const mutable = all.filter((path) => !/\/(interfaces|mocks|types)\//.test(path) && path.includes(values.file));

/** Our own files that a source reads, itself among them. */
function closureOf(path: string, seen = new Set<string>()): Set<string> {
	if (seen.has(path)) return seen;
	seen.add(path);
	const text = sources.get(path)?.toString() ?? '';
	for (const [, imported = ''] of text.matchAll(/from "(\.[^"]+)"/g))
		closureOf(normalize(join(dirname(path), imported)), seen);
	return seen;
}

/** A generator of numbers from 0 to 1 that gives the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** `count` of the items in their old order, each equally likely. */
function sampleOf<T>(items: readonly T[], count: number, seed: number): T[] {
	const random = randomOf(seed);
	const drawn = items.map((item, index) => ({ item, index, lot: random() }));
	drawn.sort((a, b) => a.lot - b.lot);
	return drawn
		.slice(0, count)
		.sort((a, b) => a.index - b.index)
		.map(({ item }) => item);
}

const compiler = new Compiler();
const trees = compiler.parse(all);
const enums = enumsOf(Object.values(trees));
const possible = mutable.flatMap((file) => mutantsOf(file, sources.get(file) ?? Buffer.of(), trees[file], enums));
const chosen = values.sample === undefined ? possible : sampleOf(possible, Number(values.sample), Number(values.seed));
const describe = ({ file, line, where, operator, before, after }: Mutant) =>
	`${file}:${line} ${where}: ${operator}: ${before.replace(/\s+/g, ' ')} -> ${after}`;

if (values.list) for (const mutant of chosen) say(describe(mutant));
else await run();

async function run(): Promise<void> {
	const out = join(root, '.necto/mutate');
	mkdirSync(out, { recursive: true });
	say(`${chosen.length} of ${possible.length} mutants. Compiling the tests once ...`);
	const workshop = await Workshop.open(join(out, 'work'));

	const original = new Map<string, string>();
	for (const source of DEPLOYED) {
		const code = compiler.creationCode(source, nameOf(source));
		if (code === undefined) throw new Error(`${source} does not compile.`);
		original.set(source, code);
		workshop.place(source, code);
	}
	const before = Date.now();
	const verdict = await workshop.test(600_000);
	if (verdict.kind !== 'passed') throw new Error(`Without a mutant ${verdict.by} fails. Mend that first.`);
	const baseline = Date.now() - before;
	say(`The tests pass in ${(baseline / 1000).toFixed(1)} s.`);

	const optimized = new Map<string, string | undefined>();
	const results: Result[] = [];
	for (const mutant of chosen) {
		const started = Date.now();
		const { fate, by } = await tryOut(mutant, workshop, original, optimized, Math.max(60_000, 5 * baseline));
		const seconds = Math.round((Date.now() - started) / 100) / 10;
		results.push({ mutant, fate, ...(by === undefined ? {} : { by }), seconds });
		say(
			`${results.length}/${chosen.length} ${seconds} s ${fate}${by === undefined ? '' : ` by ${by}`}: ${describe(mutant)}`,
		);
		save(out, results);
	}
	say(`\n${save(out, results)}`);
}

async function tryOut(
	mutant: Mutant,
	workshop: Workshop,
	original: ReadonlyMap<string, string>,
	optimized: Map<string, string | undefined>,
	limit: number,
): Promise<{ fate: Fate; by?: string }> {
	const changed = { path: mutant.file, text: apply(sources.get(mutant.file) ?? Buffer.of(), mutant) };
	const concerned = DEPLOYED.filter((source) => closureOf(source).has(mutant.file));
	const codes = new Map<string, string>();
	for (const source of concerned) {
		const code = compiler.creationCode(source, nameOf(source), changed);
		if (code === undefined) return { fate: 'does not compile' };
		if (code !== original.get(source)) codes.set(source, code);
	}
	if (codes.size === 0) return { fate: 'same code' };
	try {
		for (const [source, code] of codes) workshop.place(source, code);
		const verdict = await workshop.test(limit);
		if (verdict.kind === 'killed') return { fate: 'killed', by: verdict.by };
	} finally {
		for (const source of codes.keys()) workshop.place(source, original.get(source) ?? '');
	}
	// The optimizer sees that some are the same after all. It is asked only for survivors, because it is slow.
	const same = [...codes.keys()].every((source) => {
		if (!optimized.has(source)) optimized.set(source, compiler.creationCode(source, nameOf(source), undefined, true));
		return compiler.creationCode(source, nameOf(source), changed, true) === optimized.get(source);
	});
	return { fate: same ? 'same code' : 'survived' };
}

/** Writes both reports and returns the one for people. */
function save(out: string, results: readonly Result[]): string {
	const report: Report = reportOf({
		command: `npm run mutate --workspace contracts -- ${process.argv.slice(2).join(' ')}`.replace(/ -- $/, ''),
		finished: results.length === chosen.length,
		possible: possible.length,
		chosen: chosen.length,
		results,
	});
	const text = render(report, sources);
	writeFileSync(join(out, 'report.json'), `${JSON.stringify(report, null, '\t')}\n`);
	writeFileSync(join(out, 'report.txt'), text);
	return text;
}
