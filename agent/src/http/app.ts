/** The agent's HTTP API. Schemas are core's `wire`, so that pages check what they get against the very same words. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
	activityEventSchema,
	agentConfigSchema,
	healthSchema,
	inferenceResponseSchema,
	parseRequestSchema,
	parseResponseSchema,
	readySchema,
	sourceStatusSchema,
} from '@necto/core';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import type { Hex } from 'viem';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { readActivity } from '../journal/activity.ts';
import { cancelledBy } from '../journal/cancel.ts';
import { nowSeconds } from '../time.ts';
import { ActivityStreams } from './activity.ts';
import { clientOf, DEFAULT_PROXIES, isFrom, signalOf, THIS_MACHINE } from './client.ts';
import type { Api, Env } from './context.ts';
import { direct, emptyApi, errors, json, limited, matches, queryHook } from './document.ts';
import { metricsArePrivate, notFound, problem } from './errors.ts';
import { addHistory } from './history.ts';
import { Limits } from './limits/limits.ts';
import { addOffers } from './offers.ts';
import { addQuotes } from './quotes.ts';
import { RecordFetcher } from './records.ts';
import { shared } from './shared.ts';
import { tokenPricesResponse, tokenPricesResponseSchema } from './tokenPrices.ts';
import { addWatches } from './watches.ts';

const MAX_BODY = 256 * 1024;
/** Checks and counts are made anew at most this often, however many look. */
const LOOK_MS = 1_000;

/** The agent's state for the page's header. */
export const statusSchema = z.object({
	state: z.enum(['idle', 'deciding']),
	/** Jobs in the journal that are not done, by state. */
	jobs: z.record(z.string(), z.int()),
	waiting: z.int(),
	lastBlock: z.string().nullable(),
});

const jobIdText = z.string().regex(/^[1-9]\d{0,18}$/, 'must be a job number');
const rootText = z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'must be a 0G root: 0x and 64 hexadecimal digits');

const activityQuery = z.strictObject({ job: jobIdText.optional() });
const stepsQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0) });

/** For the document only: it cannot describe `any JSON`, which refers to itself. */
const activityDocument = activityEventSchema.extend({ data: z.record(z.string(), z.unknown()) });

/** Builds the API. Nothing listens yet: `app.request` is enough to try it. */
export function createApp(api: Api): OpenAPIHono<Env> {
	const app = emptyApi(api.logger, api.proxies ?? DEFAULT_PROXIES);
	const limits = new Limits(api.limits);
	const activity = new ActivityStreams(api, limits.streams);
	const records = new RecordFetcher((root) => api.download(root), limits.settings);
	const ready = shared(() => api.ready(), LOOK_MS);
	const counts = shared(() => api.journal.counts(), LOOK_MS);

	app.use(async (c, next) => {
		const timer = api.metrics.requests.startTimer();
		await next();
		// The pattern, not the path: a path would make one series for each job.
		timer({ route: c.req.routePath, status: String(c.res.status) });
	});
	app.use(
		cors({
			origin: api.origins.includes('*') ? '*' : [...api.origins],
			allowHeaders: ['content-type', 'last-event-id', 'if-none-match'],
			allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
			exposeHeaders: ['content-disposition', 'etag', 'link', 'retry-after', 'x-request-id'],
			maxAge: 600,
		}),
	);
	app.use(
		bodyLimit({
			maxSize: MAX_BODY,
			onError: (c) =>
				problem(c, new UserError(413, 'too_large', 'The request is too large.', 'Send less than 256 KiB.')),
		}),
	);
	app.use(limits.middleware);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/health',
			summary: 'Whether the process answers',
			responses: { 200: json(healthSchema, 'It does') },
		}),
		(c) => c.json({ status: 'ok' as const, version: api.version, uptimeSeconds: Math.floor(process.uptime()) }, 200),
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/ready',
			summary: 'Whether the agent can do its work, and what is in the way',
			responses: { 200: json(readySchema, 'It can'), 503: json(readySchema, 'It cannot'), ...limited },
		}),
		async (c) => {
			const found = await ready();
			return found.ready ? c.json(found, 200) : c.json(found, 503);
		},
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/metrics',
			summary: 'Metrics in the text format of Prometheus; only for the addresses in METRICS_CLIENTS',
			responses: {
				200: { content: { 'text/plain': { schema: z.string() } }, description: 'The metrics' },
				...errors,
			},
		}),
		async (c) => {
			if (!isFrom(c, api.metricsClients ?? THIS_MACHINE)) throw metricsArePrivate();
			const { metrics } = api;
			metrics.streams.set(limits.streams.open);
			metrics.unread.set(limits.unread.total);
			return direct(c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }));
		},
	);

	addOffers(app, api, limits);
	addWatches(app, api, limits);
	addHistory(app, api);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/sources',
			summary: 'Where offers come from and how each source stands',
			responses: { 200: json(z.object({ sources: z.array(sourceStatusSchema) }), 'The sources'), ...limited },
		}),
		async (c) => {
			const { sources } = await api.feed.current();
			return c.json({ sources: [...sources] }, 200);
		},
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/inference',
			summary: 'What tokens of language models cost: no GPU-hours, so never compared with them',
			responses: { 200: json(inferenceResponseSchema, 'The offers and where they come from'), ...limited },
		}),
		(c) => c.json(api.market.sources.inference, 200),
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/token-prices',
			summary: 'What tokens are worth, by whom and since when',
			responses: { 200: json(tokenPricesResponseSchema, 'The prices'), ...limited },
		}),
		(c) => c.json(tokenPricesResponse(api.market.sources.tokenPrices, nowSeconds(), api.tokenPriceMaxAge), 200),
	);

	addQuotes(app, api);

	app.openapi(
		createRoute({
			method: 'post',
			path: '/parse',
			summary: 'Plain words into form fields, by a language model. It fills in the form and chooses nothing',
			request: { body: { ...json(parseRequestSchema, 'What a person typed'), required: true } },
			responses: { 200: json(parseResponseSchema, 'Fields to be confirmed'), ...errors },
		}),
		async (c) => c.json(await api.parser.parse(c.req.valid('json').text, signalOf(c)), 200),
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/activity',
			summary: 'The agent’s steps as they happen (server-sent events named `activity`); resumes after Last-Event-ID',
			request: {
				query: activityQuery,
				headers: z.object({
					'last-event-id': z
						.string()
						.regex(/^\d{1,15}$/, 'must be the number of an event')
						.optional(),
				}),
			},
			responses: {
				200: {
					content: { 'text/event-stream': { schema: activityDocument } },
					description: 'One event for each step',
				},
				...errors,
			},
		}),
		async (c) => {
			const { job } = c.req.valid('query');
			const after = c.req.valid('header')['last-event-id'];
			return direct(
				await activity.answer(c, {
					job: job === undefined ? undefined : BigInt(job),
					after: after === undefined ? undefined : Number(after),
				}),
			);
		},
		queryHook(activityQuery),
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/jobs/{id}/activity',
			summary: 'A job’s steps so far',
			request: {
				params: z.object({ id: jobIdText }),
				query: stepsQuery,
			},
			responses: {
				200: json(z.object({ events: z.array(activityDocument) }), 'The steps, oldest first'),
				...errors,
			},
		}),
		async (c) => {
			const job = BigInt(c.req.valid('param').id);
			const { after } = c.req.valid('query');
			const reads = cancelledBy(api.journal.pool, signalOf(c));
			const events = await readActivity(reads, api.journal.deployment, { after, job, limit: 1_000 });
			if (events.length === 0 && (await api.journal.get(job)) === null) throw notFound('job');
			return c.json({ events }, 200);
		},
		queryHook(stepsQuery),
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/records/{root}',
			summary: 'The bytes of a decision record or market snapshot by its 0G root',
			request: { params: z.object({ root: rootText }) },
			responses: {
				200: {
					content: { 'application/json': { schema: z.unknown() } },
					description: 'Exactly the bytes that were stored',
				},
				...errors,
			},
		}),
		async (c) => {
			// The regular expression of the schema proved the shape.
			const root = c.req.valid('param').root.toLowerCase() as Hex;
			// The name is the content: whoever has it can keep it for ever. An answer that it is not there yet must not be kept.
			const headers = { etag: `"${root}"`, 'cache-control': 'public, max-age=31536000, immutable' };
			if (matches(c.req.header('if-none-match'), headers.etag)) return direct(c.body(null, 304, headers));
			const bytes = (await api.journal.file({ root }))?.bytes ?? (await records.fetch(root, clientOf(c)));
			limits.unread.hold(c, bytes.byteLength);
			return direct(
				c.body(new Uint8Array(bytes), 200, {
					...headers,
					'content-type': 'application/json',
					'content-length': String(bytes.byteLength),
					'x-content-type-options': 'nosniff',
				}),
			);
		},
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/config',
			summary: 'What a page has to know',
			responses: { 200: json(agentConfigSchema, 'The configuration'), ...limited },
		}),
		(c) => c.json(api.config, 200),
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/status',
			summary: 'What the agent is doing',
			responses: { 200: json(statusSchema, 'Its state'), ...limited },
		}),
		async (c) => {
			const [router, found] = await Promise.all([api.router(), counts()]);
			const { routed: _, superseded: __, dead: ___, split: ____, ...open } = found;
			return c.json(
				{
					state: router?.deciding === true ? ('deciding' as const) : ('idle' as const),
					jobs: open,
					waiting: found.waiting,
					lastBlock: router?.lastBlock ?? null,
				},
				200,
			);
		},
	);

	app.doc31('/openapi.json', {
		openapi: '3.1.0',
		info: {
			title: 'Necto agent',
			version: api.version,
			description:
				'Offers, decisions and the steps behind them. Big integers are decimal strings, times are unix seconds unless named otherwise.',
		},
	});
	return app;
}
