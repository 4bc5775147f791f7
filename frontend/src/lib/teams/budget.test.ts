import { expect, it } from 'vitest';
import { periodOptions } from './budget.ts';

it('a period that no form offers is still shown', () => {
	expect(periodOptions(86_400)).toHaveLength(5);
	expect(periodOptions(5_000).at(-1)).toEqual({ value: '5000', label: 'Every 5,000 seconds' });
});
