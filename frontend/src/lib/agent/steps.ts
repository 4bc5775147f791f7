import type { ActivityEvent } from '@necto/core';

/** A line of the agent's steps: one step, or the sources of one look at the market that did not answer, folded into one. */
export type StepLine =
	| { readonly kind: 'step'; readonly event: ActivityEvent }
	| { readonly kind: 'silent'; readonly events: readonly ActivityEvent[]; readonly asked: number };

const SILENT: ReadonlySet<unknown> = new Set(['failing', 'not-configured']);

/** The lines of a feed, in its order. Sources that did not answer stand behind those that did, and are folded where there are several. */
export function linesOf(events: readonly ActivityEvent[]): StepLine[] {
	const lines: StepLine[] = [];
	let asked = 0;
	let silent: ActivityEvent[] = [];
	const fold = () => {
		if (silent.length > 1) lines.push({ kind: 'silent', events: silent, asked });
		else lines.push(...silent.map((event) => ({ kind: 'step' as const, event })));
		asked = 0;
		silent = [];
	};
	for (const event of events) {
		if (event.step !== 'source') fold();
		else asked += 1;
		if (event.step === 'source' && SILENT.has(event.data.state)) silent.push(event);
		else lines.push({ kind: 'step', event });
	}
	fold();
	return lines;
}
