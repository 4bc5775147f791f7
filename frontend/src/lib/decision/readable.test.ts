import { RULES } from '@necto/core';
import { expect, it } from 'vitest';
import { ruleWords } from './faces.ts';
import { readableText } from './readable.ts';

it('names the rules of a summary, and of an agent’s step, as the table does', () => {
	expect(
		readableText('Looked at 9 offers; 1 fit. Excluded by rule: gpu-model 153, max-price 21. Chosen: necto:1.'),
	).toBe(
		'Looked at 9 offers; 1 fit. Excluded by rule: Another GPU model (153), Above the ceiling (21). Chosen: necto:1.',
	);
	expect(readableText('gpu-model: 153, gpu-count: 2')).toBe(
		'Another GPU model (153), Not sold with this number of GPUs (2)',
	);
	for (const rule of RULES) expect(readableText(`${rule}: 2`)).toBe(`${ruleWords(rule)} (2)`);
});

it.each([
	['0.3 NOS × 0.309 USD (snapshot, 31505709 s old)', '0.3 NOS × 0.309 USD (snapshot, 364 days old)'],
	[
		'The price of NOS is 31505709 s old; the policy allows 900 s.',
		'The price of NOS is 364 days old; the policy allows 15 minutes.',
	],
	['at most 7200 s old', 'at most 2 hours old'],
	['12 s old', '12 s old'],
	['120 unknown-code 7', '120 unknown-code 7'],
	['memory 80 GiB', 'memory 80 GiB'],
])('%s', (recorded, shown) => {
	expect(readableText(recorded)).toBe(shown);
});
