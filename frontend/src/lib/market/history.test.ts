import { historyResponseSchema, pricePointSchema, unixSeconds } from '@necto/core';
import { describe, expect, test } from 'vitest';
import { formatAge } from '../format.ts';
import {
	bandPath,
	drawnSeries,
	farOff,
	linePath,
	namerOf,
	pointAt,
	scaleOf,
	seriesName,
	seriesWords,
	withFigures,
} from './history.ts';

const DAY = 86_400;
const point = (from: number, until: number, low: string) => ({ from, until, low, median: low, high: low, offers: 1 });

/** A week of one source; its price halves on the third day and nobody saw it from the fourth to the seventh. */
const history = historyResponseSchema.parse({
	gpu: 'h100',
	from: 0,
	to: 10 * DAY,
	series: [
		{
			source: 'akash',
			pricing: 'token',
			dated: false,
			points: [point(0, 2 * DAY, '2000000'), point(2 * DAY, 4 * DAY, '1000000'), point(7 * DAY, 10 * DAY, '1000000')],
			volatilityBps: 210,
			staleSeconds: 60,
		},
	],
});
const series = history.series[0];
if (series === undefined) throw new Error('no series');

describe('DISC-04 the history of a price', () => {
	test('a line is level while the price stood, and broken where nobody looked', () => {
		const path = linePath(series.points, 'low', scaleOf(history, 100, 100));
		expect(path.match(/M/g)).toHaveLength(2);
		expect(path.startsWith('M0 ')).toBe(true);
	});

	test('the scale begins at zero and holds the highest price', () => {
		const { y, ticks } = scaleOf(history, 100, 100);
		expect(ticks[0]).toBe(0);
		expect(y(0)).toBe(100);
		expect(y(2_000_000)).toBeGreaterThanOrEqual(0);
		expect(ticks.length).toBeLessThan(8);
	});

	test('what lies far from all others is not to hide them, and of a few nobody can tell', () => {
		const of = (source: string, low: string) =>
			historyResponseSchema.shape.series.element.parse({ ...series, source, points: [point(0, 1, low)] });
		const near = [of('akash', '2000000'), of('vast', '3000000'), of('nosana', '1500000')];
		expect([...farOff([...near, of('runpod', '2000000000')])]).toEqual(['RunPod, token']);
		expect([...farOff([...near, of('runpod', '2000')])]).toEqual(['RunPod, token']);
		expect(farOff([...near, of('runpod', '9000000')]).size).toBe(0);
		expect(farOff([of('akash', '2000000'), of('runpod', '2000000000')]).size).toBe(0);
	});

	test('names days, and times where all is of one', () => {
		expect(namerOf({ from: unixSeconds(0), to: unixSeconds(10 * DAY) })(DAY)).toBe('2 Jan 1970');
		expect(namerOf({ from: unixSeconds(0), to: unixSeconds(DAY) })(3_600)).toBe('1 Jan 1970, 01:00:00 UTC');
	});

	test('a figure that was seen once still shows', () => {
		const once = [pricePointSchema.parse(point(DAY, DAY, '1000000'))];
		const scale = scaleOf(history, 100, 100);
		expect(linePath(once, 'low', scale)).toBe('M10 66.7L11.5 66.7');
		expect(bandPath(once, scale)).toContain('11.5');
	});

	test('is read off at any moment, and before the first there is nothing', () => {
		expect(pointAt(series.points, 3 * DAY)?.low).toBe('1000000');
		expect(pointAt(series.points.slice(1), DAY)).toBeUndefined();
	});

	test('says in words how much it moves and how old it is, and marks dated figures', () => {
		expect(seriesName(series)).toBe('Akash, token');
		expect(seriesWords(series, formatAge)).toBe(
			'its lowest price moves by about 2.1 % from day to day; last figure 1 min ago.',
		);
		const dated = { ...series, dated: true, volatilityBps: null };
		expect(seriesName(dated)).toBe('Akash, token, dated figures');
		expect(seriesWords(dated, formatAge)).toContain('too few days to say');
	});
});

describe('a history of years', () => {
	test('reaches from its first figure to its last', () => {
		const [akash] = history.series;
		if (akash === undefined) throw new Error('no series');
		const later = { ...history, to: unixSeconds(90 * DAY), series: [{ ...akash, points: akash.points.slice(1) }] };
		expect(withFigures(later)).toMatchObject({ from: 2 * DAY, to: 10 * DAY });
		expect(withFigures({ ...history, series: [] })).toMatchObject({ from: history.from, to: history.to });
	});

	test('draws a figure until the next one, where that came soon', () => {
		const [akash] = history.series;
		if (akash === undefined) throw new Error('no series');
		const ends = (dated: boolean) => drawnSeries({ ...akash, dated }).points.map(({ until }) => until / DAY);
		expect(ends(false)).toEqual([2, 4, 10]);
		expect(ends(true)).toEqual([2, 7, 10]);
	});
});
