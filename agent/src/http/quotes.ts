/** `POST /quotes`: what would be decided now, without a job. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
	address,
	decideBatch,
	decisionJsonSchema,
	decisionSchema,
	defaultPolicy,
	knownPolicy,
	policyHash,
	quoteRequestSchema,
	quoteResponseSchema,
	requestSchema,
} from '@necto/core';
import { z } from 'zod';
import type { Api, Env } from './context.ts';
import { errors, json } from './document.ts';

export function addQuotes(app: OpenAPIHono<Env>, api: Api): void {
	app.openapi(
		createRoute({
			method: 'post',
			path: '/quotes',
			summary: 'What would be decided now: a decision without a job. Nothing is stored and nobody is told',
			request: { body: { ...json(quoteRequestSchema, 'What is wanted'), required: true } },
			responses: { 200: json(quoteResponseSchema, 'The decision'), ...errors },
		}),
		async (c) => {
			const { request, requests, policy: tried } = c.req.valid('json');
			const wanted = (requests ?? [request]).map((each) => requestSchema.parse(each));
			const models = wanted.map(({ gpuModel }) => gpuModel);
			const { snapshot } = await api.market.collect(0n, models, c.req.raw.signal);
			const job = { chainId: api.chainId, registry: address(api.registry), id: null, requester: null };
			const jobs = wanted.map((each) => {
				const policy = tried ?? knownPolicy(each.policyHash) ?? defaultPolicy;
				// A policy that is tried out need not be the one that the request names.
				return { job, request: { ...each, policyHash: policyHash(policy) }, policy };
			});
			const decisions = decideBatch(jobs, snapshot, defaultPolicy).map(({ decision }) =>
				decisionJsonSchema.parse(z.encode(decisionSchema, decision)),
			);
			const [decision] = decisions;
			// The schema lets no empty list through.
			if (decision === undefined) throw new Error('Nothing was decided.');
			return c.json(
				{ decision, ...(requests === undefined ? {} : { decisions }), snapshotTakenAt: snapshot.takenAt },
				200,
			);
		},
	);
}
