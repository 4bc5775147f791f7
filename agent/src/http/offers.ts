/** `GET /offers` and what belongs to it: one offer, the table for spreadsheets, the stream. */
import { createHash } from 'node:crypto';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
	type MarketQuery,
	marketQuerySchema,
	type OfferDetail,
	offerDetailSchema,
	offerKeySchema,
	offersDeltaSchema,
	offersResponseSchema,
} from '@necto/core';
import type { Context } from 'hono';
import { z } from 'zod';
import { nameOf } from '../market/answers.ts';
import type { MarketState } from '../market/feed.ts';
import { encoded, MadeOnce } from '../market/made.ts';
import type { Api, Env } from './context.ts';
import { csvOf } from './csv.ts';
import { direct, errors, json, matches, queryHook } from './document.ts';
import { notFound } from './errors.ts';
import { refuseUnknownModels, refuseUnknownSources } from './known.ts';
import { Limits } from './limits/limits.ts';
import { OfferStreams } from './stream.ts';

/** Bytes of all tables that are kept. */
const KEPT_CSV_BYTES = 32 * 1024 * 1024;

const download = z
	.enum(['true', 'false'])
	.transform((text) => text === 'true')
	.default(false);
export const offersQuerySchema = marketQuerySchema.extend({
	format: z.enum(['json', 'csv']).default('json'),
	/** Whether a browser should save the answer. */
	download,
});
const csvQuerySchema = marketQuerySchema.extend({ download });
const versionText = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be a version as an answer named it');
const streamQuerySchema = marketQuerySchema.extend({ since: versionText.optional() });
const detailQuerySchema = marketQuerySchema.pick({
	policy: true,
	gpu: true,
	gpus: true,
	hours: true,
	restartMinutes: true,
});

/** Offers in one answer; `link` names the next page. */
export const MOST_OFFERS = 10_000;

export function addOffers(app: OpenAPIHono<Env>, api: Pick<Api, 'feed' | 'answers'>, limits = new Limits()): void {
	const streams = new OfferStreams(api.feed, api.answers, limits.streams);
	const csvs = new MadeOnce<Uint8Array<ArrayBuffer>>(KEPT_CSV_BYTES, ({ byteLength }) => byteLength);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/offers',
			summary: `All offers with their price in USD per GPU-hour, filtered and in the asked order; ${MOST_OFFERS} in one answer`,
			request: { query: offersQuerySchema },
			responses: {
				200: {
					content: { 'application/json': { schema: offersResponseSchema }, 'text/csv': { schema: z.string() } },
					description: 'The market; `link` names the next page',
				},
				...errors,
			},
		}),
		async (c) => {
			const { format, download, ...query } = c.req.valid('query');
			const state = await api.feed.current();
			refuseUnknown(state, query);
			return direct(await (format === 'csv' ? csv : page)(c, state, bounded(query), download));
		},
		queryHook(offersQuerySchema),
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/offers.csv',
			summary: `The same as a table for spreadsheets, at most ${MOST_OFFERS} rows`,
			request: { query: csvQuerySchema },
			responses: { 200: { content: { 'text/csv': { schema: z.string() } }, description: 'RFC 4180' }, ...errors },
		}),
		async (c) => {
			const { download, ...query } = c.req.valid('query');
			const state = await api.feed.current();
			refuseUnknown(state, query);
			return direct(await csv(c, state, bounded(query), download));
		},
		queryHook(csvQuerySchema),
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/offers/stream',
			summary:
				'What changes in the answer to a query (server-sent events named `offers`); goes on after `since` or Last-Event-ID',
			request: {
				query: streamQuerySchema,
				headers: z.object({ 'last-event-id': versionText.optional() }),
			},
			responses: {
				200: {
					content: { 'text/event-stream': { schema: offersDeltaSchema } },
					description: 'One event for each change; the first is everything unless the version is still known',
				},
				...errors,
			},
		}),
		async (c) => {
			const { since, ...query } = c.req.valid('query');
			refuseUnknown(await api.feed.current(), query);
			// What a browser saw last is later than what the page was loaded with.
			const version = c.req.valid('header')['last-event-id'] ?? since ?? null;
			return direct(await streams.answer(c, bounded(query), version));
		},
		queryHook(streamQuerySchema),
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/offers/{key}',
			summary: 'One offer with every step of the arithmetic',
			request: { params: z.object({ key: offerKeySchema }), query: detailQuerySchema },
			responses: { 200: json(offerDetailSchema, 'The offer'), ...errors },
		}),
		async (c) => {
			const { key } = c.req.valid('param');
			const query = marketQuerySchema.parse({});
			const state = await api.feed.current();
			const index = api.answers.index(state, c.req.valid('query').policy);
			const view = index.offer(key, { ...query, ...c.req.valid('query') });
			if (view === null) throw notFound('offer');
			const detail: OfferDetail = {
				...view,
				takenAt: state.takenAt,
				steps: index.steps(key),
				references: api.answers.references(index, [view.quote.gpu.model]),
			};
			return c.json(detail, 200);
		},
		queryHook(detailQuerySchema),
	);

	async function page(c: Context<Env>, state: MarketState, query: MarketQuery, download: boolean): Promise<Response> {
		if (isKnown(c, state, query, 'json')) return c.body(null, 304);
		const { total, offers } = api.answers.answer(state, query);
		sayNext(c, query, offers.length, total);
		if (download) sayFile(c, 'json', state);
		// The very bytes that others get: a copy for each would be the whole market each time.
		return sent(c, await api.answers.body(state, query), 'application/json');
	}

	async function csv(c: Context<Env>, state: MarketState, query: MarketQuery, download: boolean): Promise<Response> {
		if (isKnown(c, state, query, 'csv')) return c.body(null, 304);
		const { total, offers } = api.answers.answer(state, query);
		sayNext(c, query, offers.length, total);
		if (download) sayFile(c, 'csv', state);
		const body = await csvs.take(`${state.version} ${nameOf(query)}`, () => encoded(csvOf(offers)));
		c.header('x-content-type-options', 'nosniff');
		return sent(c, body, 'text/csv; charset=utf-8; header=present');
	}

	function sent(c: Context<Env>, body: Uint8Array<ArrayBuffer>, type: string): Response {
		limits.unread.hold(c, body.byteLength);
		return c.body(body, 200, { 'content-type': type, 'content-length': String(body.byteLength) });
	}
}

/** @throws UserError 400 when the query names a model or a source that there is not */
function refuseUnknown({ quotes, sources, complete }: MarketState, query: Pick<MarketQuery, 'gpu' | 'source'>): void {
	// Before every source was asked, what is not there may not have come yet.
	refuseUnknownModels(
		query.gpu?.map(({ model }) => model) ?? [],
		(key) => !complete || quotes.some(({ gpu }) => gpu.model === key),
	);
	refuseUnknownSources(query.source ?? [], (known) => !complete || sources.some(({ id }) => id === known));
}

/** No answer holds more than `MOST_OFFERS`, whatever is asked for. */
function bounded(query: MarketQuery): MarketQuery {
	return { ...query, limit: Math.min(query.limit ?? MOST_OFFERS, MOST_OFFERS) };
}

/** Names the answer, and finds out whether the caller has it. */
function isKnown(c: Context<Env>, state: MarketState, query: MarketQuery, format: string): boolean {
	const question = createHash('sha256')
		.update(`${format} ${nameOf(query)}`)
		.digest('base64url')
		.slice(0, 16);
	const etag = `"${state.version}.${question}"`;
	c.header('etag', etag);
	c.header('cache-control', 'no-cache');
	return matches(c.req.header('if-none-match'), etag);
}

/** RFC 8288: where the next page is, if there is one. */
function sayNext(c: Context<Env>, query: MarketQuery, count: number, total: number): void {
	const offset = query.offset + count;
	if (offset >= total) return;
	const url = new URL(c.req.url);
	url.searchParams.set('limit', String(query.limit));
	url.searchParams.set('offset', String(offset));
	c.header('link', `<${url.pathname}${url.search}>; rel="next"`);
}

function sayFile(c: Context<Env>, extension: string, { takenAt }: MarketState): void {
	const day = new Date(takenAt * 1000).toISOString().slice(0, 16).replace(':', '');
	c.header('content-disposition', `attachment; filename="necto-offers-${day}Z.${extension}"`);
}
