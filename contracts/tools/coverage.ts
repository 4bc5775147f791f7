/**
 * Measures which lines and branches of `contracts/src` the tests reach, and names those that they do not.
 *
 * `node contracts/tools/coverage.ts`. Coverage counts code compiled without the optimizer. The tests deploy an artifact, so they run in a copy of
 * the project whose artifact is compiled as coverage compiles. Writes `.necto/coverage/report.txt`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forgeProgram, PROJECT, root } from './artifacts.ts';

const out = join(root, '.necto/coverage');
const work = join(out, 'work');

function forge(args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
	const { status, stdout, stderr } = spawnSync(forgeProgram(), args, {
		cwd: work,
		encoding: 'utf8',
		maxBuffer: 2 ** 30,
		env: {
			...process.env,
			FOUNDRY_SOLC: join(root, 'contracts/solc-js.cjs'),
			FOUNDRY_FUZZ_RUNS: '64',
			FOUNDRY_INVARIANT_RUNS: '8',
			FORGE_SNAPSHOT_CHECK: 'false',
			NO_COLOR: '1',
			...env,
		},
	});
	if (status !== 0) throw new Error(`forge ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

interface Hits {
	lines: Map<number, number>;
	/** By line, the hits of each of its branches. */
	branches: Map<number, number[]>;
}

/** What an LCOV file says of each source. */
function readLcov(text: string): Map<string, Hits> {
	const files = new Map<string, Hits>();
	let hits: Hits = { lines: new Map(), branches: new Map() };
	for (const row of text.split('\n')) {
		const [kind = '', rest = ''] = row.split(/:(.*)/s);
		const [line = 0, second = 0, , taken = 0] = rest.split(',').map(Number);
		if (kind === 'SF') {
			hits = { lines: new Map(), branches: new Map() };
			files.set(rest, hits);
		} else if (kind === 'DA') hits.lines.set(line, second);
		// A branch that was never evaluated is a dash.
		else if (kind === 'BRDA') hits.branches.set(line, [...(hits.branches.get(line) ?? []), taken || 0]);
	}
	return files;
}

rmSync(work, { recursive: true, force: true });
for (const path of PROJECT) cpSync(join(root, path), join(work, path), { recursive: true });
mkdirSync(join(work, '.necto'), { recursive: true });
forge(['build', 'contracts/src', 'script/deploy'], { FOUNDRY_OPTIMIZER: 'false' });
forge([
	...['coverage', '--report', 'lcov', '--report-file', join(out, 'lcov.info')],
	...['--no-match-path', 'contracts/test/gas/**', '--no-match-coverage', '(test|mocks|script|node_modules)'],
]);

const percent = (some: number, all: number) => (all === 0 ? '-' : `${((some / all) * 100).toFixed(1)} %`);
const rows: string[] = [];
const missed: string[] = [];
const sums = { lines: 0, linesHit: 0, branches: 0, branchesHit: 0 };
const row = (name: string, { lines, linesHit, branches, branchesHit }: typeof sums) =>
	`${name.padEnd(46)} ${percent(linesHit, lines).padStart(8)} of ${String(lines).padStart(4)} lines  ${percent(branchesHit, branches).padStart(8)} of ${String(branches).padStart(4)} branches`;
for (const [file, { lines, branches }] of [...readLcov(readFileSync(join(out, 'lcov.info'), 'utf8'))].sort()) {
	const all = [...branches.values()].flat();
	const counted = {
		lines: lines.size,
		linesHit: [...lines.values()].filter(Boolean).length,
		branches: all.length,
		branchesHit: all.filter(Boolean).length,
	};
	rows.push(row(file, counted));
	sums.lines += counted.lines;
	sums.linesHit += counted.linesHit;
	sums.branches += counted.branches;
	sums.branchesHit += counted.branchesHit;
	const source = readFileSync(join(root, file), 'utf8').split('\n');
	const show = (line: number, what: string) => missed.push(`${file}:${line} ${what}: ${source[line - 1]?.trim()}`);
	for (const [line, hits] of lines) if (hits === 0) show(line, 'not reached');
	for (const [line, hits] of branches) {
		const open = hits.filter((taken) => taken === 0).length;
		if (open > 0 && lines.get(line) !== 0) show(line, `${open} of ${hits.length} branches not taken`);
	}
}
const report = `${[...rows, row('all', sums), '', ...missed].join('\n')}\n`;
writeFileSync(join(out, 'report.txt'), report);
process.stdout.write(report);
