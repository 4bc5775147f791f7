/** `GET /history` and `GET /history/tokens`: what prices were. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
	extremes,
	gpuModelKeySchema,
	type HistoryPoint,
	type HistoryResponse,
	historyResponseSchema,
	parseDecimal,
	pricingModelSchema,
	sourceIdSchema,
	type TokenHistoryResponse,
	thinned,
	tokenHistoryResponseSchema,
	unixSeconds,
	volatilityBps,
} from '@necto/core';
import { z } from 'zod';
import { type DatedSeries, readDatedHistory } from '../history/dated.ts';
import { cancelledBy } from '../journal/cancel.ts';
import { readPricePoints, readTokenPoints, type StoredPricePoint } from '../journal/history.ts';
import { nowSeconds } from '../time.ts';
import { signalOf } from './client.ts';
import type { Api, Env } from './context.ts';
import { errors, json, queryHook } from './document.ts';
import { refuseUnknownModels, refuseUnknownSources, refuseUnknownToken } from './known.ts';

const DAY = 86_400;
/** A millionth of a millionth of a millionth of a dollar: finer than any token's price. */
const TOKEN_SCALE = 10n ** 18n;

/** Sources are asked every few minutes. */
const CACHED = 'public, max-age=60';

const days = z.coerce.number().int().min(1).max(3_650).default(90);
const points = z.coerce.number().int().min(2).max(1_000).default(200);

export const historyQuerySchema = z.strictObject({
	gpu: z.string().toLowerCase().pipe(gpuModelKeySchema),
	/** Separated by commas; all without. */
	source: z
		.string()
		.toLowerCase()
		.transform((text) => text.split(',').map((part) => part.trim()))
		.pipe(z.array(sourceIdSchema).min(1).max(100))
		.optional(),
	days,
	/** Most points of a series. Lows and highs stay however few they are. */
	points,
});

export const tokenHistoryQuerySchema = z.strictObject({
	symbol: z
		.string()
		.toUpperCase()
		.regex(/^[A-Z0-9]{1,16}$/, 'must be the symbol of a token such as AKT'),
	days,
	points,
});

/** Adds the two routes. */
export function addHistory(app: OpenAPIHono<Env>, { journal }: Pick<Api, 'journal'>): void {
	const dated = readDatedHistory(new URL('../../data/price-history.json', import.meta.url));

	app.openapi(
		createRoute({
			method: 'get',
			path: '/history',
			summary: 'Prices of one GPU model over time, by source and pricing model. Dated series are marked',
			request: { query: historyQuerySchema },
			responses: { 200: json(historyResponseSchema, 'The series'), ...errors },
		}),
		async (c) => {
			const { gpu, source = null, days, points } = c.req.valid('query');
			const to = nowSeconds();
			const from = to - days * DAY;
			const { pool, deployment } = journal;
			const signal = signalOf(c);
			const stored = await readPricePoints(cancelledBy(pool, signal), {
				deployment,
				gpuModel: gpu,
				sources: source,
				from,
			});
			const range = { gpu, from: unixSeconds(from), to: unixSeconds(to) };
			const wanted = dated.filter(
				(series) => series.gpuModel === gpu && (source?.some((id) => id === series.source) ?? true),
			);
			const series = [...seenSeries(stored, range, points), ...datedSeries(wanted, range, points)];
			if (series.length === 0) {
				refuseUnknownModels([gpu], () => false);
				refuseUnknownSources(source ?? [], () => false);
			}
			c.header('cache-control', CACHED);
			return c.json({ ...range, series }, 200);
		},
		queryHook(historyQuerySchema),
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/history/tokens',
			summary: 'What a token was worth over time',
			request: { query: tokenHistoryQuerySchema },
			responses: { 200: json(tokenHistoryResponseSchema, 'The line'), ...errors },
		}),
		async (c) => {
			const { symbol, days, points } = c.req.valid('query');
			const from = nowSeconds() - days * DAY;
			const stored = await readTokenPoints(cancelledBy(journal.pool, signalOf(c)), symbol, from);
			if (stored.length === 0) refuseUnknownToken(symbol);
			const line = stored.map(({ since, until, usd, source }) => ({
				from: unixSeconds(Math.max(since, from)),
				until: unixSeconds(until),
				usd,
				source,
				price: scaled(usd),
			}));
			const answer: TokenHistoryResponse = {
				symbol,
				points: extremes(line, points).map(({ price: _, ...point }) => point),
				volatilityBps: volatilityBps(line),
			};
			c.header('cache-control', CACHED);
			return c.json(answer, 200);
		},
		queryHook(tokenHistoryQuerySchema),
	);
}

interface Range {
	from: number;
	to: number;
}
type Series = HistoryResponse['series'][number];

/** What this agent, and those it shares the database with, saw. */
function seenSeries(stored: readonly StoredPricePoint[], { from, to }: Range, most: number): Series[] {
	const lines = Map.groupBy(stored, ({ source, pricing }) => `${source} ${pricing}`);
	return [...lines.values()].flatMap((line): Series[] => {
		const [first, last] = [line[0], line.at(-1)];
		if (first === undefined || last === undefined) return [];
		const points = line.map(({ since, until, low, median, high, offers, free }) => ({
			from: unixSeconds(Math.max(since, from)),
			until: unixSeconds(until),
			low,
			median,
			high,
			offers,
			free,
		}));
		return [
			{
				source: sourceIdSchema.parse(first.source),
				pricing: pricingModelSchema.parse(first.pricing),
				dated: false,
				points: thinned(points, most).map(inText),
				volatilityBps: volatilityBps(points.map(({ from, until, low }) => ({ from, until, price: low }))),
				staleSeconds: Math.max(0, to - last.until),
				origin: null,
			},
		];
	});
}

/** What ships with the agent, as far as it reaches into the time. Week by week, so it has no daily change. */
function datedSeries(dated: readonly DatedSeries[], { from, to }: Range, most: number): Series[] {
	return dated.flatMap(({ source, pricing, origin, points }): Series[] => {
		const inside = points.filter(({ until }) => until >= from);
		const last = inside.at(-1);
		if (last === undefined) return [];
		return [
			{
				source: sourceIdSchema.parse(source),
				pricing,
				dated: true,
				points: thinned(inside, most).map(inText),
				volatilityBps: null,
				staleSeconds: Math.max(0, to - last.until),
				origin,
			},
		];
	});
}

function inText({ low, median, high, ...point }: HistoryPoint): Series['points'][number] {
	return { ...point, low: low.toString(), median: median.toString(), high: high.toString() };
}

function scaled(usd: string): bigint {
	const { numerator, denominator } = parseDecimal(usd);
	return (numerator * TOKEN_SCALE) / denominator;
}
