/** The form as typed, kept by the tab until its job is confirmed: a reload loses nothing. Two tabs may fill in two jobs. */
import { jobFormSchema } from '@necto/core';
import { z } from 'zod';
import type { JobDraft } from './draft.ts';

const KEY = 'necto.job-draft.1';

const text = z.string().max(200);
const draftSchema: z.ZodType<JobDraft> = z.strictObject({
	...jobFormSchema.shape,
	gpuCount: text,
	minMemoryGiB: text,
	waitMinutes: text,
	startWindowMinutes: text,
	countries: text,
	weights: z.strictObject({ uptime: text, latency: text, rating: text, risk: text }),
});
const keptSchema = z.object({ link: z.string(), draft: draftSchema });

/** @param link the query that the form was opened with: another link fills in another form */
export function keepDraft(link: string, draft: JobDraft): void {
	try {
		sessionStorage.setItem(KEY, JSON.stringify({ link, draft }));
	} catch {
		// The storage is full or forbidden: then it lasts as long as the page.
	}
}

/** The draft of the same link; null when none, or none that is understood, is kept. */
export function keptDraft(link: string): JobDraft | null {
	try {
		const kept = keptSchema.parse(JSON.parse(sessionStorage.getItem(KEY) ?? 'null'));
		return kept.link === link ? kept.draft : null;
	} catch {
		return null;
	}
}

export function forgetDraft(): void {
	try {
		sessionStorage.removeItem(KEY);
	} catch {
		// As above.
	}
}
