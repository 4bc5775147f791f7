import { styleText } from 'node:util';

// A write to a closed terminal or pipe fails; without a listener that would end the process before its parts are stopped.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/** The one place that writes to the terminal. Everything else goes to files under `.necto/logs`. */
function write(stream: NodeJS.WriteStream, line: string): void {
	stream.write(`${line}\n`);
}

/** A plain line. */
export function say(line: string): void {
	write(process.stdout, line);
}

/** A line that wants attention. */
export function warn(line: string): void {
	write(process.stderr, styleText('yellow', line, { stream: process.stderr }));
}

/** The sentence with which a command gives up. */
export function complain(line: string): void {
	write(process.stderr, styleText('red', line, { stream: process.stderr }));
}

/** Runs one step and says how long it took, in seconds. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
	const started = performance.now();
	const result = await work();
	say(`  ${styleText('green', '✓')} ${title.padEnd(44)} ${seconds(started)}`);
	return result;
}

/** Time since `started` (of `performance.now()`), for people: "1.2 s". */
export function seconds(started: number): string {
	return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

/** A frame around lines of text. */
export function box(lines: readonly string[]): void {
	const width = Math.max(...lines.map((line) => line.length));
	say(`┌${'─'.repeat(width + 2)}┐`);
	for (const line of lines) say(`│ ${line.padEnd(width)} │`);
	say(`└${'─'.repeat(width + 2)}┘`);
}
