import { describe, expect, it } from 'vitest';
import { facesOf, groupExclusions } from './faces.ts';

describe('AGT-04 exclusions', () => {
	it('are grouped by rule in the order in which rules are asked, none lost', () => {
		const groups = groupExclusions([
			{ rule: 'max-price', key: 'a' },
			{ rule: 'gpu-model', key: 'b' },
			{ rule: 'max-price', key: 'c' },
		]);
		expect(groups.map((group) => [group.rule, group.items.length])).toEqual([
			['gpu-model', 1],
			['max-price', 2],
		]);
	});
});

it('an offer that no snapshot names shows its key', () => {
	expect(facesOf([])('lambda:gpu_8x_h100')).toEqual({ title: 'lambda:gpu_8x_h100', detail: '', dated: null });
});
