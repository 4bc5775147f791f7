import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
	activityEventSchema,
	decide,
	decisionJsonSchema,
	decisionSchema,
	defaultPolicy,
	jobId,
	normalise,
	offersResponseSchema,
	quoteJsonSchema,
	quoteRequestSchema,
	quoteResponseSchema,
	quoteSchema,
	requestSchema,
	sourceId,
} from '../src/index.ts';
import { BUYER, listed, NOW, quote, REGISTRY, request, snapshot } from './build.ts';

const job = { chainId: 31337, registry: REGISTRY, id: jobId(1n), requester: BUYER };
const quotes = [listed(1, 2_000_000n), quote({ id: 'a' })];

describe('SYS-02 what goes over the wire', () => {
	test('a decision goes there as JSON and comes back as it was', () => {
		const decision = decide({ job, request: request(), snapshot: snapshot(quotes), policy: defaultPolicy });
		const answer = { decision: z.encode(decisionSchema, decision), snapshotTakenAt: NOW };
		const sent: unknown = JSON.parse(JSON.stringify(answer));
		const got = quoteResponseSchema.parse(sent);
		expect(decisionSchema.parse(got.decision)).toEqual(decision);
		expect(decisionJsonSchema.parse(got.decision)).toEqual(answer.decision);
	});

	test('offers go there with their quotes', () => {
		const offers = quotes.map((one) => {
			const price = normalise(one, [], NOW, defaultPolicy);
			return {
				quote: z.encode(quoteSchema, one),
				usdPerGpuHour: price.ok ? `${price.usdPerGpuHour}` : null,
				refusal: price.ok ? null : { code: price.reason, message: price.message },
				pricedAt: one.observedAt,
				routable: one.listing !== null,
				alternatives: [],
				doubt: null,
				cost: null,
			};
		});
		const source = {
			id: sourceId('lambda'),
			name: 'Lambda',
			state: 'fresh',
			fetchedAt: NOW,
			failingSince: null,
			quotes: 1,
			left: {},
			note: null,
			url: null,
		};
		const rest = { version: '1', tokenPrices: [], references: [], total: 2, otherTerms: { reserved: 1 } };
		const answer = { ...rest, takenAt: NOW, block: '42', sources: [source], offers };
		const got = offersResponseSchema.parse(JSON.parse(JSON.stringify(answer)));
		expect(got.offers.map((offer) => quoteSchema.parse(offer.quote))).toEqual(quotes);
	});

	test('the JSON side of a quote is what its codec writes', () => {
		for (const one of quotes) {
			const json = z.encode(quoteSchema, one);
			expect(quoteJsonSchema.parse(json)).toEqual(json);
		}
		expect(z.encode(quoteSchema, listed(1, 1n)).listing?.floor).toBe('0');
	});

	test('a quote is asked for by limits, optionally with a policy, and nothing else', () => {
		const limits = z.encode(requestSchema, request());
		expect(quoteRequestSchema.safeParse({ request: limits }).success).toBe(true);
		expect(quoteRequestSchema.safeParse({ request: limits, policy: defaultPolicy }).success).toBe(true);
		expect(quoteRequestSchema.safeParse({ request: limits, key: 'x' }).success).toBe(false);
		// What is out of bounds is for the request check, which says why.
		expect(quoteRequestSchema.safeParse({ request: { ...limits, gpuCount: 0 } }).success).toBe(true);
		expect(quoteRequestSchema.safeParse({ request: { ...limits, gpuCount: 'one' } }).success).toBe(false);
	});

	test('AGT-10 quotes of several jobs are asked for in one go, up to sixteen, and not beside a single one', () => {
		const limits = z.encode(requestSchema, request());
		const of = (count: number) => ({ requests: Array.from({ length: count }, () => limits) });
		expect([0, 1, 16, 17].map((count) => quoteRequestSchema.safeParse(of(count)).success)).toEqual([
			false,
			true,
			true,
			false,
		]);
		expect(quoteRequestSchema.safeParse({ ...of(1), request: limits }).success).toBe(false);
		expect(quoteRequestSchema.safeParse({}).success).toBe(false);
	});

	test('AGT-07 an activity event carries any JSON', () => {
		const event = {
			id: 1,
			jobId: '7',
			at: 1_795_000_000_000,
			step: 'source',
			title: 'Lambda',
			detail: null,
			data: { quotes: [1, null] },
		};
		expect(activityEventSchema.parse(event)).toEqual(event);
		expect(activityEventSchema.safeParse({ ...event, step: 'thinking' }).success).toBe(false);
	});
});
