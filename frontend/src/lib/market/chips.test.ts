import { describe, expect, test } from 'vitest';
import { chipsOf, moreCount } from './chips.ts';
import { viewFrom, withChange } from './filters.ts';

const filters = (query: string) => viewFrom(new URLSearchParams(query)).filters;
const labels = (query: string) => chipsOf(filters(query)).map(({ label }) => label);

describe('DISC-02 the active filters', () => {
	test('say in words what narrows the list; the order does not', () => {
		expect(labels('gpu=h100,a100:0.45&region=europe,de&maxUsd=2.5&routable=true&gpus=8&hours=72&sort=age')).toEqual([
			'H100',
			'A100 at 0.45 of the work',
			'Europe',
			'Germany',
			'Up to $2.5',
			'Routable',
			'Job of 8 × 72 h',
		]);
		expect(labels('exclude=vast&prefer=asia&pricing=token&evidence=snapshot')).toEqual([
			'Prefer Asia',
			'Not Vast.ai',
			'Token price',
			'Dated figures',
		]);
	});

	test('go one by one, and of a list only the part that is taken away', () => {
		const asked = filters('gpu=h100,a100&region=europe,de&hours=2&restartMinutes=30');
		const without = (id: string) => {
			const chip = chipsOf(asked).find((each) => each.id === id);
			if (chip === undefined) throw new Error(`no chip ${id}`);
			return withChange(asked, chip.remove);
		};
		expect(without('gpu:h100')).toEqual({ ...asked, gpu: 'a100' });
		expect(without('region:de')).toEqual({ ...asked, region: 'europe' });
		expect(without('job')).toEqual({ gpu: 'h100,a100', region: 'europe,de' });
	});

	test('the further filters are counted by field', () => {
		expect(moreCount(filters('gpu=h100&form=sxm,nvl&estimates=true'))).toBe(2);
	});
});
