import { apply, type Mutant } from './operators.ts';

/** What became of a mutant. Only the first two count. */
export type Fate = 'killed' | 'survived' | 'does not compile' | 'same code';

export interface Result {
	mutant: Mutant;
	fate: Fate;
	/** The test that failed first. */
	by?: string;
	seconds: number;
}

export interface Report {
	command: string;
	finished: boolean;
	/** Mutants in all of the chosen files, before the sample. */
	possible: number;
	chosen: number;
	fates: Record<Fate, number>;
	/** Killed of those that count, in percent; null before the first. */
	score: number | null;
	results: readonly Result[];
}

export function reportOf(rest: Pick<Report, 'command' | 'finished' | 'possible' | 'chosen' | 'results'>): Report {
	const fates: Record<Fate, number> = { killed: 0, survived: 0, 'does not compile': 0, 'same code': 0 };
	for (const { fate } of rest.results) fates[fate]++;
	const counted = fates.killed + fates.survived;
	return { ...rest, fates, score: counted === 0 ? null : Math.round((fates.killed / counted) * 1000) / 10 };
}

/** The line or lines that a mutant changes, before and after. */
export function diffOf(mutant: Mutant, source: Buffer): string {
	const first = source.lastIndexOf('\n', mutant.start - 1) + 1;
	const newline = source.indexOf('\n', mutant.end);
	const last = newline < 0 ? source.length : newline;
	const mutated = Buffer.from(apply(source, mutant));
	const grown = mutated.length - source.length;
	const signed = (sign: string, lines: Buffer) => lines.toString().replace(/^/gm, `${sign} `);
	return `${signed('-', source.subarray(first, last))}\n${signed('+', mutated.subarray(first, last + grown))}`;
}

/** The report for people: the score, each file's, and each survivor with its change. */
export function render(report: Report, sources: ReadonlyMap<string, Buffer>): string {
	const { fates, score, results } = report;
	const lines = [
		report.command,
		`${results.length} of ${report.chosen} chosen mutants tried, of ${report.possible} possible${report.finished ? '' : ' (not finished)'}`,
		`score ${score ?? '-'} %: ${fates.killed} killed, ${fates.survived} survived`,
		`not counted: ${fates['does not compile']} do not compile, ${fates['same code']} give the same code`,
		'',
	];
	for (const file of [...new Set(results.map(({ mutant }) => mutant.file))].sort()) {
		const of = reportOf({ ...report, results: results.filter(({ mutant }) => mutant.file === file) });
		lines.push(
			`${String(of.score ?? '-').padStart(6)} %  ${of.fates.killed}/${of.fates.killed + of.fates.survived}  ${file}`,
		);
	}
	for (const { mutant, fate } of results) {
		const source = sources.get(mutant.file);
		if (fate !== 'survived' || !source) continue;
		lines.push('', `${mutant.file}:${mutant.line} ${mutant.where}: ${mutant.operator}`, diffOf(mutant, source));
	}
	return `${lines.join('\n')}\n`;
}
