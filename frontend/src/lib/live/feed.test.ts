import { describe, expect, test } from 'vitest';
import { concerns } from './feed.svelte.ts';

const change = { tables: ['job', 'routing'], jobs: ['4', '5'] };

describe('who hears of a change', () => {
	test('those who watch one of its tables', () => {
		expect(concerns({ tables: ['job'] }, change)).toBe(true);
		expect(concerns({ tables: ['listing'] }, change)).toBe(false);
	});

	test('of one job only those who watch that job', () => {
		expect(concerns({ tables: ['job'], jobs: ['5'] }, change)).toBe(true);
		expect(concerns({ tables: ['job'], jobs: ['6'] }, change)).toBe(false);
	});
});
