/** The agent's HTTP API as the job pages use it. Shapes are core's; what the agent answers is checked before it is believed. */
import {
	agentConfigSchema,
	type Decision,
	decisionSchema,
	type JobRequest,
	type ParseResponse,
	parseResponseSchema,
	type QuoteJson,
	quoteJsonSchema,
	requestSchema,
	type SplitPreviewJson,
	splitPreviewSchema,
	type UnixSeconds,
	unixSecondsSchema,
} from '@necto/core';
import { z } from 'zod';
import { requestJson } from '#lib/http.ts';

const previewSchema = z.object({
	decision: decisionSchema,
	snapshotTakenAt: unixSecondsSchema,
	split: splitPreviewSchema.nullable().default(null),
});

export interface Preview {
	readonly decision: Decision;
	/** When the market looked like this. */
	readonly takenAt: UnixSeconds;
	/** The parts of a job that no one machine has room for; null when it is not split. */
	readonly split: SplitPreviewJson | null;
}

/** What would be decided for this request now. Nothing is stored and nobody is told. */
export async function previewDecision(request: JobRequest, signal?: AbortSignal): Promise<Preview> {
	const { decision, snapshotTakenAt, split } = await requestJson('/api/agent/quotes', previewSchema, {
		method: 'POST',
		body: { request: z.encode(requestSchema, request) },
		signal,
	});
	return { decision, takenAt: snapshotTakenAt, split };
}

const quotesSchema = z.object({ offers: z.array(z.object({ quote: quoteJsonSchema })) });

/** The offers of the market by key, to name the places of a ranking. */
export async function fetchQuotes(signal?: AbortSignal): Promise<ReadonlyMap<string, QuoteJson>> {
	const { offers } = await requestJson('/api/agent/offers', quotesSchema, { signal });
	return new Map(offers.map(({ quote }) => [quote.key, quote]));
}

/** Reads plain words into fields of the form. Needs a language model at the agent; see {@link fetchParseAvailability}. */
export function parseWords(text: string, signal?: AbortSignal): Promise<ParseResponse> {
	return requestJson('/api/agent/parse', parseResponseSchema, { method: 'POST', body: { text }, signal });
}

const availabilitySchema = agentConfigSchema.pick({ parse: true });

/** Whether plain words can be read here, and if not, why. */
export async function fetchParseAvailability(
	signal?: AbortSignal,
): Promise<{ available: boolean; reason: string | null }> {
	const { parse } = await requestJson('/api/agent/config', availabilitySchema, { signal });
	return parse;
}
