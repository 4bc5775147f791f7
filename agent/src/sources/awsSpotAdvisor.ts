/** The AWS Spot Instance Advisor's file: in which class of interruption each instance type stands, by region. */
import { type UnixSeconds, unixSeconds } from '@necto/core';
import { z } from 'zod';
import type { SourceHttp } from './asking/http.ts';
import { SourceError } from './asking/source.ts';

/** How often machines of a type were taken back in the month before, as a class of the advisor states it. */
export interface InterruptionClass {
	monthlyBps: number;
	bound: 'at-most' | 'at-least';
	observedAt: UnixSeconds;
}

export type ClassOf = (region: string, type: string) => InterruptionClass | undefined;

const advisorSchema = z.object({
	spot_advisor: z.record(
		z.string(),
		z.object({ Linux: z.record(z.string(), z.object({ r: z.int().min(0).max(4) })).optional() }),
	),
});

/**
 * Classes 0 to 4: under 5 %, to 10, 15 and 20 %, and above 20 %. The last has no upper end, and nobody publishes how far above: it is at least 20 %.
 */
const CLASSES = [
	{ monthlyBps: 500, bound: 'at-most' },
	{ monthlyBps: 1_000, bound: 'at-most' },
	{ monthlyBps: 1_500, bound: 'at-most' },
	{ monthlyBps: 2_000, bound: 'at-most' },
	{ monthlyBps: 2_000, bound: 'at-least' },
] as const;

/** @throws SourceError when there is no usable answer */
export async function readAdvisor(http: SourceHttp, url: string, now: number): Promise<ClassOf> {
	// Stored files are served with whatever type they were stored with.
	const text = await http.text(url, /\b(?:json|octet-stream)\b|text\/plain/i);
	return advisorOf(text, now);
}

/** @throws SourceError when the text is not the advisor's file */
export function advisorOf(text: string, now: number): ClassOf {
	const advisor = advisorSchema.safeParse(parsed(text));
	if (!advisor.success) throw new SourceError('shape', 'The Spot Instance Advisor’s file has another shape.');
	const observedAt = unixSeconds(now);
	return (region, type) => {
		const found = CLASSES[advisor.data.spot_advisor[region]?.Linux?.[type]?.r ?? -1];
		return found === undefined ? undefined : { ...found, observedAt };
	};
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw new SourceError('not-json', 'The Spot Instance Advisor’s file is not complete JSON.', { cause });
	}
}
