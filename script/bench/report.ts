/** One measured thing: its name, every figure, the unit, and what to hold it against. */
export type Line = readonly [name: string, figures: readonly number[], unit: string, against: string];

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Minimum, median and maximum of each line, as a table for the terminal. */
export function report(lines: readonly Line[]): string {
	const rows = lines.map(([name, figures, unit, against]) => {
		const sorted = figures.toSorted((a, b) => a - b);
		const at = (share: number) => whole.format(sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN);
		return [name, String(sorted.length), at(0), at(0.5), at(1), unit, against];
	});
	const table = [['', 'n', 'min', 'median', 'max', '', ''], ...rows];
	const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
	return table
		.map((row) =>
			row
				.map((cell, column) =>
					column > 0 && column < 5 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
				)
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}
