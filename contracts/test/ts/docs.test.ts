import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const figures = (text: string) => text.match(/\b\d{2,3},\d{3}\b/g) ?? [];

/** Every figure of the snapshot as the pages write it: 72,878. */
const measured = new Set(
	Object.values<string>(JSON.parse(read('contracts/snapshots/lifecycle.json'))).map((gas) =>
		Number(gas).toLocaleString('en-US'),
	),
);
const pages = readdirSync(join(root, 'docs/contracts')).map((name) => `docs/contracts/${name}`);

describe('the figures in the docs are those of the snapshots', () => {
	test.each(pages)('%s', (page) => {
		const lines = read(page)
			.split('\n')
			.filter((line) => line.includes('**Gas:**'));
		expect(lines).toHaveLength(1);
		for (const figure of figures(lines.join('\n'))) expect(measured).toContain(figure);
	});

	test('docs/contracts.md and what quotes it', () => {
		const [, gas = ''] = /\n## Gas\n([\s\S]*?)\n## /.exec(read('docs/contracts.md')) ?? [];
		const told = figures(gas.replace('21,000', ''));
		expect(told.length).toBeGreaterThan(10);
		for (const figure of told) expect(measured).toContain(figure);

		const now = read('docs/decisions/0005-one-slot-a-job.md')
			.split('\n')
			.find((line) => line.startsWith('| now'));
		expect(figures(now ?? '')).toHaveLength(2);
		for (const figure of figures(now ?? '')) expect(measured).toContain(figure);
		const quoted = read('docs/benchmarks.md')
			.split('\n')
			.find((line) => line.startsWith('Gas of an untracked'));
		expect(figures(quoted ?? '')).toHaveLength(4);
		for (const figure of figures(quoted ?? '')) expect(measured).toContain(figure);
	});

	test('the size of the largest contract', () => {
		const sizes: Record<string, number> = JSON.parse(read('contracts/snapshots/sizes.json'));
		const [, told] = /`JobRegistry` with (\d+,\d+)/.exec(read('docs/contracts.md')) ?? [];
		expect(told).toBe(sizes.JobRegistry?.toLocaleString('en-US'));
		expect(Math.max(...Object.values(sizes))).toBe(sizes.JobRegistry);
	});
});
