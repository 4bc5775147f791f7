/**
 * Offers from a dated file that ships with the agent, for sources that cannot be asked or do not answer. Each figure is real, was published
 * at the date it carries, and is marked as a snapshot wherever it appears.
 */
import { readFileSync } from 'node:fs';
import {
	CONTINENTS,
	FORM_FACTORS,
	MEANINGS,
	offerKey,
	PRICING_MODELS,
	type Quote,
	quoteSchema,
	sourceId,
	sourceIdSchema,
} from '@necto/core';
import { z } from 'zod';
import { startOfDay } from '../time.ts';

const date = z.iso.date();

const rowSchema = z.strictObject({
	/** Unique inside its source. */
	id: z.string().min(1),
	gpu: z.string(),
	model: z.string(),
	formFactor: z.enum(FORM_FACTORS),
	memoryGiB: z.int().nullable(),
	/** GPUs in the priced unit: `8`, or `1/6` of one. */
	gpus: z.string().regex(/^\d+(\/\d+)?$/),
	vcpus: z.int().nullable(),
	ramGiB: z.int().nullable(),
	diskGiB: z.int().nullable(),
	continent: z.enum(CONTINENTS),
	country: z.string().nullable(),
	region: z.string(),
	pricing: z.enum(PRICING_MODELS),
	meaning: z.enum(MEANINGS),
	amount: z.string().regex(/^\d+(\.\d+)?$/),
	exponent: z.int(),
	per: z.enum(['gpu', 'instance']),
	time: z.enum(['hour', 'second', 'block']),
	blockMilliseconds: z.int().nullable(),
	feeBps: z.int(),
	available: z.enum(['available', 'none', 'unknown']),
	free: z.int().nullable(),
	riskBps: z.int().nullable(),
	upstream: z.strictObject({ cloud: z.string(), type: z.string() }).nullable(),
	/** Costs extra. */
	excludes: z.array(z.string()).optional(),
	/** How often such machines are taken back, as a dated file said. */
	interruption: z
		.strictObject({
			monthlyBps: z.int(),
			bound: z.enum(['about', 'at-most', 'at-least']),
			noticeSeconds: z.int().nullable(),
			source: z.string().min(10),
			date,
		})
		.optional(),
	/** Who published the figure, and where. */
	source: z.string().min(10),
	date,
});

const fileSchema = z.strictObject({
	format: z.literal('necto.market-snapshot/1'),
	note: z.string(),
	sources: z.array(
		z.strictObject({
			id: sourceIdSchema,
			name: z.string(),
			network: z.string(),
			url: z.url().nullable(),
			/** What a reader has to know about these figures. */
			note: z.string(),
			quotes: z.array(rowSchema),
		}),
	),
	/** Networks that publish no price that could be compared. */
	notConfigured: z.array(
		z.strictObject({
			id: sourceIdSchema,
			name: z.string(),
			network: z.string(),
			url: z.url().nullable(),
			note: z.string(),
		}),
	),
});

export interface DatedSource {
	id: string;
	name: string;
	network: string;
	url: string | null;
	note: string;
	quotes: readonly Quote[];
}

export interface DatedMarket {
	sources: DatedSource[];
	notConfigured: Omit<DatedSource, 'quotes'>[];
}

/** @throws ZodError when the file, which ships with the agent, is damaged */
export function readDatedMarket(path: URL | string): DatedMarket {
	const file = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
	return {
		sources: file.sources.map((source) => ({
			id: source.id,
			name: source.name,
			network: source.network,
			url: source.url,
			note: source.note,
			quotes: source.quotes.map((row) => toQuote(source, row)),
		})),
		notConfigured: file.notConfigured,
	};
}

function toQuote(source: { id: string; network: string }, row: z.output<typeof rowSchema>): Quote {
	const [numerator, denominator] = row.gpus.split('/').map(Number);
	const id = sourceId(source.id);
	return quoteSchema.parse({
		key: offerKey(id, row.id),
		source: id,
		network: source.network,
		evidence: 'snapshot',
		observedAt: startOfDay(row.date),
		meaning: row.meaning,
		upstream: row.upstream,
		gpu: { model: row.model, formFactor: row.formFactor, memoryGiB: row.memoryGiB, rawName: row.gpu },
		gpus: { numerator: numerator ?? 1, denominator: denominator ?? 1 },
		host: { vcpus: row.vcpus, ramGiB: row.ramGiB, diskGiB: row.diskGiB },
		region: { continent: row.continent, country: row.country, raw: row.region },
		price: {
			model: row.pricing,
			amount: row.amount,
			currency: 'USD',
			exponent: row.exponent,
			per: row.per,
			time: row.time,
			blockMilliseconds: row.blockMilliseconds,
			feeBps: row.feeBps,
			// What another good comes to says nothing of a host.
			includes: row.meaning === 'estimate' ? [] : ['cpu', 'ram'],
			...(row.excludes === undefined ? {} : { excludes: row.excludes }),
		},
		availability: {
			state: row.available,
			gpus: row.free,
			widest: row.per === 'instance' ? Math.max(1, numerator ?? 1) : null,
		},
		quality: { uptimeBps: null, latencyMs: null, ratingBps: null, riskBps: row.riskBps },
		...(row.interruption === undefined ? {} : { interruption: interruptionOf(row.interruption) }),
		listing: null,
	});
}

function interruptionOf({ date: day, ...known }: NonNullable<z.output<typeof rowSchema>['interruption']>) {
	return { ...known, observedAt: startOfDay(day) };
}
