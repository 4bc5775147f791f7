import { describe, expect, it } from 'vitest';
import { type Outcome, runSteps } from '../src/test/runner.ts';
import { chooseSteps, steps } from '../src/test/steps.ts';

const passed: Outcome = { passed: true, output: '' };
const failed: Outcome = { passed: false, output: 'broken' };

describe('the order of checks', () => {
	it('runs all, and what needs a failed one fails without being run', async () => {
		const ran: string[] = [];
		const outcomes = await runSteps(
			[{ name: 'a' }, { name: 'b', needs: ['a'] }, { name: 'c', needs: ['b'] }, { name: 'd' }],
			async ({ name }) => {
				ran.push(name);
				return name === 'a' ? failed : passed;
			},
		);
		expect(ran.sort()).toEqual(['a', 'd']);
		expect(outcomes.get('c')).toEqual({ passed: false, output: 'Not run: "b" failed.' });
		expect(outcomes.get('d')).toEqual(passed);
	});

	it('runs two at a time, and one that wants to be alone alone', async () => {
		let now = 0;
		const together = new Map<string, number>();
		await runSteps(
			[{ name: 'alone', alone: true }, { name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'again', alone: true }],
			async ({ name }) => {
				now += 1;
				await new Promise((resolve) => setImmediate(resolve));
				together.set(name, now);
				await new Promise((resolve) => setImmediate(resolve));
				now -= 1;
				return passed;
			},
		);
		expect(together.get('alone')).toBe(1);
		expect(together.get('again')).toBe(1);
		expect(Math.max(...together.values())).toBe(2);
	});

	it('refuses a step that waits for one that does not exist', async () => {
		await expect(runSteps([{ name: 'a', needs: ['z'] }], async () => passed)).rejects.toThrow('do not exist: a');
	});
});

describe('the choice of checks', () => {
	it('takes what a chosen one needs as well', () => {
		const names = chooseSteps(steps, ['abi']).map(({ name }) => name);
		expect(names).toEqual(['forge build', 'abi is fresh']);
	});

	it('takes all without words and none for an unknown one', () => {
		expect(chooseSteps(steps, [])).toHaveLength(steps.length);
		expect(chooseSteps(steps, ['zzz'])).toEqual([]);
	});

	it('needs only steps that exist', () => {
		const names = new Set(steps.map(({ name }) => name));
		expect(steps.flatMap(({ needs = [] }) => needs).filter((name) => !names.has(name))).toEqual([]);
	});
});
