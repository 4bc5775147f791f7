/** Titles and details of a job's events. */
import { z } from 'zod';
import type { JobEventRow } from './rows.ts';

const TITLES: Readonly<Record<string, string>> = {
	reopened: 'Reopened',
	split: 'Split into parts',
	extended: 'Extended',
	disputed: 'Disputed',
	evidence: 'Evidence added',
	ruled: 'Ruled by the arbiter',
	'challenge-upheld': 'Challenge upheld',
	'challenge-rejected': 'Challenge rejected',
};

const REASONS: Readonly<Record<string, string>> = {
	declined: 'The provider declined the job. The job is waiting to be routed again.',
	'not-started': 'The provider did not start the job in time. The job is waiting to be routed again.',
	overturned: 'A challenge overturned the decision. The job is waiting to be routed again.',
};

const dataSchema = z.object({ reason: z.string().optional(), evidenceHash: z.string().optional() });

function dataOf(text: string): z.infer<typeof dataSchema> {
	try {
		return dataSchema.parse(JSON.parse(text));
	} catch {
		return {};
	}
}

/** What happened, and the reason if the event has one. A kind that this version does not know is shown by its name. */
export function eventWords(event: Pick<JobEventRow, 'kind' | 'data'>): { title: string; detail: string | null } {
	const title = TITLES[event.kind] ?? event.kind.charAt(0).toUpperCase() + event.kind.slice(1);
	if (event.kind !== 'reopened') return { title, detail: null };
	const { reason = '' } = dataOf(event.data);
	return { title, detail: REASONS[reason] ?? 'The job is waiting to be routed again.' };
}

/** The hashes of evidence that the chain has of a job, in lower case. */
export function evidenceHashes(events: readonly Pick<JobEventRow, 'data'>[]): ReadonlySet<string> {
	return new Set(events.flatMap(({ data }) => dataOf(data).evidenceHash?.toLowerCase() ?? []));
}
