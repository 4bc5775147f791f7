/** `POST /quotes`: what would be decided now, without a job. */
import { setImmediate as turn } from 'node:timers/promises';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
	address,
	checkRequest,
	type DecideInput,
	decideEach,
	decisionJsonSchema,
	decisionSchema,
	defaultPolicy,
	type Finding,
	type JobRequest,
	knownPolicy,
	policyHash,
	previewSplit,
	quoteRequestSchema,
	quoteResponseSchema,
	type SplitPreviewJson,
	uncheckedRequestSchema,
	unixSeconds,
} from '@necto/core';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { nowSeconds } from '../time.ts';
import { signalOf } from './client.ts';
import type { Api, Env } from './context.ts';
import { errors, json } from './document.ts';

/** Adds the route. A request that the contracts or the agent would refuse is answered 422 with each field's fault, never with a decision. */
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
			const wanted = (requests ?? [request]).map((each) => uncheckedRequestSchema.parse(each));
			const faulty = { triesPolicy: tried !== undefined, areSeveral: requests !== undefined };
			refuseFaults(wanted, faulty, () => true);
			const models = wanted.map(({ gpuModel }) => gpuModel);
			const { snapshot } = await api.market.collect(0n, models, signalOf(c));
			refuseFaults(wanted, faulty, (key) => snapshot.quotes.some(({ gpu }) => gpu.model === key));
			const job = { chainId: api.chainId, registry: address(api.registry), id: null, requester: null };
			const jobs = wanted.map((each) => {
				const policy = tried ?? knownPolicy(each.policyHash) ?? defaultPolicy;
				// A policy that is tried out need not be the one that the request names.
				return { job, request: { ...each, policyHash: policyHash(policy) }, policy };
			});
			const decisions: z.output<typeof decisionJsonSchema>[] = [];
			for (const { decision } of decideEach(jobs, snapshot, defaultPolicy)) {
				decisions.push(decisionJsonSchema.parse(z.encode(decisionSchema, decision)));
				// Other requests have their turn between two decisions, and nothing is decided for a client that left.
				await turn();
				signalOf(c).throwIfAborted();
			}
			const [decision] = decisions;
			const [only] = jobs;
			// The schema lets no empty list through.
			if (decision === undefined || only === undefined) throw new Error('Nothing was decided.');
			const more = requests === undefined ? { split: splitOf({ ...only, snapshot }) } : { decisions };
			return c.json({ decision, ...more, snapshotTakenAt: snapshot.takenAt }, 200);
		},
	);
}

/** @throws UserError 422 with every fault of every request */
function refuseFaults(
	wanted: readonly JobRequest[],
	{ triesPolicy, areSeveral }: { triesPolicy: boolean; areSeveral: boolean },
	isListed: (key: JobRequest['gpuModel']) => boolean,
): void {
	const now = unixSeconds(nowSeconds());
	const faults: Finding[] = wanted.flatMap((request, index) =>
		checkRequest(request, now, isListed)
			// The policy that is tried out decides, whatever the request names.
			.filter(({ field }) => !(triesPolicy && field === 'policyHash'))
			.map((fault) => ({ ...fault, field: `${areSeveral ? `requests.${index}` : 'request'}.${fault.field}` })),
	);
	const [first] = faults;
	if (first === undefined) return;
	throw new UserError(
		422,
		faults.length === 1 ? first.code : 'request_refused',
		faults
			.map(({ field, message }) => `${field}: ${message}`)
			.join(' ')
			.slice(0, 1_000),
		faults.map(({ suggestion }) => suggestion).find((text) => text !== '') ?? 'Correct it; nothing was decided.',
		{ fields: faults },
	);
}

function splitOf(input: DecideInput): SplitPreviewJson | null {
	const parts = input.request.maxParts > 1 ? previewSplit(input) : null;
	if (parts === null) return null;
	const costs = parts.flatMap(({ cost }) => (cost === null ? [] : [cost]));
	const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n).toString();
	return {
		parts: parts.map(({ gpuCount, chosen, locked, cost }) => ({
			gpuCount,
			chosen:
				chosen === null
					? null
					: {
							key: chosen.key,
							listing: chosen.listing,
							pricePerGpuHour: chosen.pricePerGpuHour.toString(),
						},
			locked: locked.toString(),
			cost: cost === null ? null : cost.toString(),
		})),
		locked: sum(parts.map(({ locked }) => locked)),
		cost: costs.length === parts.length ? sum(costs) : null,
	};
}
