import { describe, expect, test } from 'vitest';
import { sourceStatus } from '../../../test/offer.ts';
import { bannerOf } from './banner.ts';

const necto = sourceStatus({ id: 'necto', name: 'Necto' });
const text = (...sources: ReturnType<typeof sourceStatus>[]) => bannerOf([necto, ...sources])?.text;

describe('SYS-04 what is said of the sources', () => {
	test('without any network all prices but Necto’s own are dated, and it is said plainly', () => {
		const dated = sourceStatus({ state: 'snapshot' });
		expect(text(dated, sourceStatus({ id: 'vast', name: 'Vast.ai', state: 'failing', quotes: 0 }))).toBe(
			'No network can be reached: all prices but Necto’s own are dated figures, each with its day beside it.',
		);
	});

	test('without any network and without dated figures there is nothing but Necto’s own', () => {
		expect(text(sourceStatus({ state: 'failing', quotes: 0 }))).toContain('nothing else');
		expect(text()).toContain('No network is set up');
	});

	test('those that do not answer are named while others do', () => {
		const failing = sourceStatus({ id: 'vast', name: 'Vast.ai', state: 'failing' });
		expect(text(sourceStatus(), failing)).toBe('Vast.ai does not answer.');
	});

	test('nothing is said when all answer', () => {
		expect(bannerOf([necto, sourceStatus()])).toBeNull();
	});
});
