/** The agent's HTTP API. Schemas are core's `wire`, so that pages check what they get against the very same words. */
import { createHash } from 'node:crypto';
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
	activityEventSchema,
	address,
	agentConfigSchema,
	apiErrorSchema,
	decide,
	decisionJsonSchema,
	decisionSchema,
	defaultPolicy,
	healthSchema,
	knownPolicy,
	offersResponseSchema,
	parseRequestSchema,
	parseResponseSchema,
	policyHash,
	quoteRequestSchema,
	quoteResponseSchema,
	readySchema,
	recordFromBytes,
	requestSchema,
	snapshotFromBytes,
	sourceStatusSchema,
} from '@necto/core';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { requestId } from 'hono/request-id';
import type { Hex } from 'viem';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { readActivity } from '../journal/activity.ts';
import { nowSeconds } from '../time.ts';
import { activityStream } from './activity.ts';
import type { Api, Env } from './context.ts';
import { errorHandler, invalid, notFound, problem } from './errors.ts';
import { offersQuerySchema, selectOffers, tokenPricesResponse, tokenPricesResponseSchema } from './offers.ts';
import { callerOf, RateLimit } from './rateLimit.ts';

const MAX_BODY = 256 * 1024;
const PARSES_A_MINUTE = 10;

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

/** For the document only: it cannot describe `any JSON`, which refers to itself. */
const activityDocument = activityEventSchema.extend({ data: z.record(z.string(), z.unknown()) });

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
	content: { 'application/json': { schema } },
	description,
});
const errors = {
	'4XX': json(apiErrorSchema, 'What is wrong with the request, and what to do'),
	'5XX': json(apiErrorSchema, 'What the agent cannot do now, and what to do'),
};

/** Builds the API. Nothing listens yet: `app.request` is enough to try it. */
export function createApp(api: Api): OpenAPIHono<Env> {
	const app = new OpenAPIHono<Env>({
		defaultHook: (result, c) => (result.success ? undefined : problem(c, invalid(result.error))),
	});
	const parseLimit = new RateLimit(PARSES_A_MINUTE, 60_000);

	app.onError(errorHandler(api.logger));
	app.notFound((c) => problem(c, notFound('page')));
	app.use(requestId({ limitLength: 64 }));
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
			exposeHeaders: ['etag', 'x-request-id'],
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
			responses: { 200: json(readySchema, 'It can'), 503: json(readySchema, 'It cannot') },
		}),
		async (c) => {
			const ready = await api.ready();
			return ready.ready ? c.json(ready, 200) : c.json(ready, 503);
		},
	);

	app.get('/metrics', async (c) => {
		const { metrics, journal, market } = api;
		for (const [state, count] of Object.entries(await journal.counts())) metrics.jobs.set({ state }, count);
		metrics.sources.reset();
		for (const source of market.sources) metrics.sources.set({ source: source.id, state: source.state }, 1);
		return c.text(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType });
	});

	app.openapi(
		createRoute({
			method: 'get',
			path: '/offers',
			summary: 'All offers with their price in USD per GPU-hour and every step of the arithmetic',
			request: { query: offersQuerySchema },
			responses: { 200: json(offersResponseSchema, 'The market'), ...errors },
		}),
		async (c) => {
			const { snapshot, sources } = await api.market.browse(c.req.raw.signal);
			const { offers, total } = selectOffers(snapshot, c.req.valid('query'));
			const body = JSON.stringify({
				version: '0',
				takenAt: snapshot.takenAt,
				block: snapshot.chain.block.toString(),
				sources,
				tokenPrices: snapshot.tokenPrices,
				references: [],
				offers,
				total,
			});
			const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
			c.header('etag', etag);
			c.header('cache-control', 'no-cache');
			if (matches(c.req.header('if-none-match'), etag)) return direct(c.body(null, 304));
			// Already text: the typed helper would write it a second time.
			return direct(c.body(body, 200, { 'content-type': 'application/json' }));
		},
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/sources',
			summary: 'Where offers come from and how each source stands',
			responses: { 200: json(z.object({ sources: z.array(sourceStatusSchema) }), 'The sources') },
		}),
		async (c) => {
			const { sources } = await api.market.browse(c.req.raw.signal);
			return c.json({ sources }, 200);
		},
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/token-prices',
			summary: 'What tokens are worth, by whom and since when',
			responses: { 200: json(tokenPricesResponseSchema, 'The prices') },
		}),
		(c) => c.json(tokenPricesResponse(api.market.tokenPrices, nowSeconds(), api.tokenPriceMaxAge), 200),
	);

	app.openapi(
		createRoute({
			method: 'post',
			path: '/quotes',
			summary: 'What would be decided now: a decision without a job. Nothing is stored and nobody is told',
			request: { body: { ...json(quoteRequestSchema, 'What is wanted'), required: true } },
			responses: { 200: json(quoteResponseSchema, 'The decision'), ...errors },
		}),
		async (c) => {
			const body = c.req.valid('json');
			const request = requestSchema.parse(body.request);
			const policy = body.policy ?? knownPolicy(request.policyHash) ?? defaultPolicy;
			const { snapshot } = await api.market.collect(0n, c.req.raw.signal);
			const decision = decide({
				job: { chainId: api.chainId, registry: address(api.registry), id: null, requester: null },
				// A policy that is tried out need not be the one that the request names.
				request: { ...request, policyHash: policyHash(policy) },
				snapshot,
				policy,
			});
			const answer = decisionJsonSchema.parse(z.encode(decisionSchema, decision));
			return c.json({ decision: answer, snapshotTakenAt: snapshot.takenAt }, 200);
		},
	);

	app.openapi(
		createRoute({
			method: 'post',
			path: '/parse',
			summary: 'Plain words into form fields, by a language model. It fills in the form and chooses nothing',
			request: { body: { ...json(parseRequestSchema, 'What a person typed'), required: true } },
			responses: { 200: json(parseResponseSchema, 'Fields to be confirmed'), ...errors },
		}),
		async (c) => {
			if (api.parser.unavailable === null && !parseLimit.take(callerOf(c))) {
				throw new UserError(
					429,
					'too_many_requests',
					`More than ${PARSES_A_MINUTE} texts in a minute.`,
					'Wait a minute, or fill in the form by hand.',
				);
			}
			return c.json(await api.parser.parse(c.req.valid('json').text, c.req.raw.signal), 200);
		},
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/activity',
			summary: 'The agent’s steps as they happen (server-sent events named `activity`); resumes after Last-Event-ID',
			request: {
				query: z.strictObject({ job: jobIdText.optional() }),
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
		(c) => {
			const { job } = c.req.valid('query');
			const after = c.req.valid('header')['last-event-id'];
			return direct(
				activityStream(c, api, {
					job: job === undefined ? undefined : BigInt(job),
					after: after === undefined ? undefined : Number(after),
				}),
			);
		},
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/jobs/{id}/activity',
			summary: 'A job’s steps so far',
			request: {
				params: z.object({ id: jobIdText }),
				query: z.strictObject({ after: z.coerce.number().int().min(0).default(0) }),
			},
			responses: {
				200: json(z.object({ events: z.array(activityDocument) }), 'The steps, oldest first'),
				...errors,
			},
		}),
		async (c) => {
			const job = BigInt(c.req.valid('param').id);
			const { after } = c.req.valid('query');
			const events = await readActivity(api.journal.pool, api.journal.deployment, { after, job, limit: 1_000 });
			if (events.length === 0 && (await api.journal.get(job)) === null) throw notFound('job');
			return c.json({ events }, 200);
		},
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
			const bytes = (await api.journal.file({ root }))?.bytes ?? (await fetchNectoFile(api, root));
			return direct(
				c.body(new Uint8Array(bytes), 200, {
					...headers,
					'content-type': 'application/json',
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
			responses: { 200: json(agentConfigSchema, 'The configuration') },
		}),
		(c) => c.json(api.config, 200),
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/status',
			summary: 'What the agent is doing',
			responses: { 200: json(statusSchema, 'Its state') },
		}),
		async (c) => {
			const { deciding, lastBlock } = api.status();
			const counts = await api.journal.counts();
			const { routed: _, superseded: __, dead: ___, split: ____, ...open } = counts;
			return c.json(
				{
					state: deciding ? ('deciding' as const) : ('idle' as const),
					jobs: open,
					waiting: counts.waiting,
					lastBlock: lastBlock?.toString() ?? null,
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

/** The typed routes know JSON only. Bytes, streams and "not modified" are answered beside them, hence the cast. */
function direct(response: Response): never {
	return response as never;
}

/** Serves from 0G only what is Necto's: the agent is no gateway to everybody's files. */
async function fetchNectoFile(api: Api, root: Hex): Promise<Uint8Array> {
	const bytes = await api.download(root);
	for (const read of [recordFromBytes, snapshotFromBytes]) {
		try {
			read(bytes);
			return bytes;
		} catch {
			// Not this kind of file; perhaps the other.
		}
	}
	throw notFound('record');
}

function matches(header: string | undefined, etag: string): boolean {
	return header?.split(',').some((part) => part.trim().replace(/^W\//, '') === etag || part.trim() === '*') ?? false;
}
