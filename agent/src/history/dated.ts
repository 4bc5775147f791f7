/** Dated prices that ship with the agent: real figures of the years before it ran, marked as such wherever they are shown. */
import { readFileSync } from 'node:fs';
import {
	divide,
	gpuModelKeySchema,
	type HistoryPoint,
	parseDecimal,
	pricingModelSchema,
	sourceIdSchema,
	unixSeconds,
} from '@necto/core';
import { z } from 'zod';
import { startOfDay } from '../time.ts';

const usd = z
	.string()
	.regex(/^\d+(\.\d+)?$/)
	.refine((text) => /[1-9]/.test(text), 'must be above zero');

const fileSchema = z.strictObject({
	format: z.literal('necto.price-history/1'),
	note: z.string(),
	/** Who published the figures, and where they were kept. */
	origin: z.string().min(10),
	series: z.array(
		z.strictObject({
			source: sourceIdSchema,
			gpuModel: gpuModelKeySchema,
			pricing: pricingModelSchema,
			/** AWS's name of the machine. */
			machine: z.string(),
			/** In one machine. */
			gpus: z.int().min(1),
			/** First and last date of a stretch; lowest, median and highest price of the machine in USD; places with a price. */
			points: z.array(z.tuple([z.iso.date(), z.iso.date(), usd, usd, usd, z.int().min(1)])).min(1),
		}),
	),
});

export interface DatedSeries {
	source: string;
	gpuModel: string;
	pricing: z.output<typeof pricingModelSchema>;
	origin: string;
	points: HistoryPoint[];
}

/** @throws ZodError when the file is damaged */
export function readDatedHistory(path: URL | string): DatedSeries[] {
	const { origin, series } = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
	return series.map(({ source, gpuModel, pricing, machine, gpus, points }) => ({
		source,
		gpuModel,
		pricing,
		origin: `${machine}, ${gpus} GPU${gpus === 1 ? '' : 's'}: ${origin}`,
		points: points.map(([from, until, low, median, high, offers]) => ({
			from: secondsOf(from),
			until: secondsOf(until),
			low: perGpu(low, gpus),
			median: perGpu(median, gpus),
			high: perGpu(high, gpus),
			offers,
			free: null,
		})),
	}));
}

function secondsOf(date: string) {
	return unixSeconds(startOfDay(date));
}

/** Micro-USD per GPU-hour, rounded up as everywhere. */
function perGpu(machine: string, gpus: number): bigint {
	const { numerator, denominator } = parseDecimal(machine);
	return divide(numerator * 1_000_000n, denominator * BigInt(gpus), 'ceil');
}
