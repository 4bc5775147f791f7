import { byAmount, type HistoryResponse, type PricePoint, unixSeconds } from '@necto/core';
import { formatDate, formatTime } from '../format.ts';
import { networkName } from './offer.ts';
import { pricings } from './words.ts';

export type Series = HistoryResponse['series'][number];

/** A series' name: `Akash, token`, `AWS spot, fixed, dated figures`. */
export function seriesName({ source, pricing, dated }: Series): string {
	return `${networkName(source)}, ${pricings[pricing].word.toLowerCase()}${dated ? ', dated figures' : ''}`;
}

/** How much a series moves, and how old its last figure is, in words. */
export function seriesWords(
	{ volatilityBps, staleSeconds, dated, points }: Series,
	formatAge: (seconds: number) => string,
): string {
	const moves =
		volatilityBps === null
			? 'too few days to say how much it moves'
			: volatilityBps === 0
				? 'did not move from day to day'
				: `its lowest price moves by about ${volatilityBps / 100} % from day to day`;
	const age = points.length === 0 ? 'no figure yet' : `last figure ${formatAge(staleSeconds)}`;
	return `${dated ? 'Dated figures that ship with Necto; ' : ''}${moves}; ${age}.`;
}

/** A history from its first figure to its last: years without any tell nothing. */
export function withFigures(history: HistoryResponse): HistoryResponse {
	const points = history.series.flatMap((series) => series.points);
	if (points.length === 0) return history;
	const first = Math.min(...points.map(({ from }) => from));
	const last = Math.max(...points.map(({ until }) => until));
	const from = unixSeconds(Math.max(history.from, first));
	return { ...history, from, to: unixSeconds(Math.min(history.to, Math.max(last, from + 1))) };
}

/** A series as it is drawn: a figure stands until the next one where that came soon; dated ones came week by week. */
export function drawnSeries(series: Series): Series {
	const gap = series.dated ? DATED_GAP_SECONDS : GAP_SECONDS;
	const points = series.points.map((point, at) => {
		const next = series.points[at + 1];
		return next !== undefined && next.from - point.until <= gap ? { ...point, until: next.from } : point;
	});
	return { ...series, points };
}

/** How moments of a history are named: by the day, and by the second where all of it lies within two of them. */
export function namerOf({ from, to }: Pick<HistoryResponse, 'from' | 'to'>): (at: number) => string {
	return to - from < 2 * 86_400 ? formatTime : formatDate;
}

/** As with offers: what is this many times dearer or cheaper than the others is not to be believed. */
const FAR = 8;
const LEAST_TO_COMPARE = 4;

/** Names of series that lie so far from the others that nothing else of a chart could be read beside them. None where there are too few to tell. */
export function farOff(series: readonly Series[]): ReadonlySet<string> {
	const latest = series.flatMap((each) => {
		const point = each.points.at(-1);
		return point === undefined ? [] : [{ name: seriesName(each), median: BigInt(point.median) }];
	});
	const sorted = latest.map(({ median }) => median).sort(byAmount);
	const middle = sorted[sorted.length >> 1];
	if (middle === undefined || sorted.length < LEAST_TO_COMPARE) return new Set();
	const far = latest.filter(({ median }) => median > middle * BigInt(FAR) || median * BigInt(FAR) < middle);
	return new Set(far.map(({ name }) => name));
}

/** Where a chart's figures lie on a drawing of this size. */
export interface Scale {
	x: (seconds: number) => number;
	y: (micro: number) => number;
	/** Round prices to draw a line at. Micro-USD. */
	ticks: number[];
}

/** The scale of a history. Micro-USD of a GPU-hour are far below what a float holds exactly, and a drawing needs no more. */
export function scaleOf({ from, to, series }: HistoryResponse, width: number, height: number): Scale {
	const prices = series.flatMap(({ points }) => points.flatMap((point) => [Number(point.low), Number(point.median)]));
	const top = Math.max(...prices, 1) * 1.05;
	const step = roundStep(top / 4);
	const high = Math.ceil(top / step) * step;
	const span = Math.max(1, to - from);
	return {
		x: (seconds) => ((seconds - from) / span) * width,
		y: (micro) => height - (micro / high) * height,
		ticks: Array.from({ length: Math.round(high / step) + 1 }, (_, index) => index * step),
	};
}

/** The next of 1, 2, 2.5, 5, 10... */
function roundStep(rough: number): number {
	const power = 10 ** Math.floor(Math.log10(rough));
	const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough) ?? 10;
	return factor * power;
}

/** The line of one figure: level while it stood, and a gap where nothing was seen in between. */
export function linePath(points: readonly PricePoint[], figure: 'low' | 'median', { x, y }: Scale): string {
	let path = '';
	let last: PricePoint | null = null;
	for (const point of points) {
		const [left, right, at] = [round(x(point.from)), round(x(point.until)), round(y(Number(point[figure])))];
		path += last !== null && isNext(last, point) ? `L${left} ${at}` : `M${left} ${at}`;
		// A figure that was seen once still shows.
		path += `L${right === left ? right + 1.5 : right} ${at}`;
		last = point;
	}
	return path;
}

/** The band from the lowest price to the median. */
export function bandPath(points: readonly PricePoint[], { x, y }: Scale): string {
	return points
		.map((point) => {
			const [left, right] = [round(x(point.from)), round(x(point.until))];
			const [low, middle] = [round(y(Number(point.low))), round(y(Number(point.median)))];
			return `M${left} ${middle}L${right === left ? right + 1.5 : right} ${middle}V${low}H${left}Z`;
		})
		.join('');
}

/** Longer than this without a figure, and nobody knows what was in between. */
const GAP_SECONDS = 2 * 86_400;
const DATED_GAP_SECONDS = 15 * 86_400;

function isNext(before: PricePoint, after: PricePoint): boolean {
	return after.from <= before.until;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}

/** The stretch in which a moment lies, or the last one before it. */
export function pointAt(points: readonly PricePoint[], at: number): PricePoint | undefined {
	return points.findLast((point) => point.from <= at);
}
