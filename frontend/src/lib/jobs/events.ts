/** A job's events in words. */
import { z } from 'zod';
import type { JobEventRow } from './rows.ts';

const TITLES: Readonly<Record<string, string>> = {
	reopened: 'Lost its place',
	split: 'Split into parts',
	extended: 'Prolonged',
	disputed: 'Disputed',
	evidence: 'Evidence added',
	ruled: 'Ruled by the arbiter',
	'challenge-upheld': 'Decision proved wrong',
	'challenge-rejected': 'Challenge without cause',
};

const REASONS: Readonly<Record<string, string>> = {
	declined: 'Its provider declined it. It waits for another place.',
	'not-started': 'Its provider did not start it in time. It waits for another place.',
	overturned: 'The decision was proved wrong on chain. It waits for another place.',
};

const dataSchema = z.object({ reason: z.string().optional(), evidenceHash: z.string().optional() });

function dataOf(text: string): z.infer<typeof dataSchema> {
	try {
		return dataSchema.parse(JSON.parse(text));
	} catch {
		return {};
	}
}

/** What happened, and why where the event says so. A kind that this version does not know is shown by its name. */
export function eventWords(event: Pick<JobEventRow, 'kind' | 'data'>): { title: string; detail: string | null } {
	const title = TITLES[event.kind] ?? event.kind.charAt(0).toUpperCase() + event.kind.slice(1);
	if (event.kind !== 'reopened') return { title, detail: null };
	const { reason = '' } = dataOf(event.data);
	return { title, detail: REASONS[reason] ?? 'It waits for another place.' };
}

/** The hashes of evidence that the chain has of a job, in lower case. */
export function evidenceHashes(events: readonly Pick<JobEventRow, 'data'>[]): ReadonlySet<string> {
	return new Set(events.flatMap(({ data }) => dataOf(data).evidenceHash?.toLowerCase() ?? []));
}
