/** The checks, in the order in which they are shown. */
export const CHECK_IDS = [
	'record-root',
	'record-hash',
	'record-shape',
	'record-canonical',
	'job',
	'request',
	'policy',
	'identity',
	'passed-over',
	'snapshot-root',
	'snapshot-hash',
	'snapshot-shape',
	'snapshot-block',
	'snapshot-time',
	'listings-complete',
	'listings-equal',
	'admitted',
	'sources',
	'foreign-offers',
	'offer-times',
	'token-prices',
	'normalisation',
	'exclusions',
	'ranking',
	'candidates-root',
	'choice',
	'chain-choice',
	'terms',
	'commitment',
	'engine',
] as const;
export type CheckId = (typeof CHECK_IDS)[number];

/** What each check verifies, as a sentence for people. */
export const CHECK_NAMES: Record<CheckId, string> = {
	'record-root': 'The record is the file whose 0G root the chain holds',
	'record-hash': 'The record is, to the byte, the one whose hash the chain holds',
	'record-shape': 'The record is complete and well formed',
	'record-canonical': 'The record is written in the one canonical way',
	job: 'The record is about this job',
	request: "The record decided on the buyer's own limits",
	policy: 'The record used the policy that the job names',
	identity: 'The record names the requester only if the job is tracked',
	'passed-over': 'The record skips exactly the listings that declined or did not start the job',
	'snapshot-root': 'The market snapshot is the file that the record names',
	'snapshot-hash': 'The market snapshot is, to the byte, the one that the record names',
	'snapshot-shape': 'The market snapshot is complete, well formed and of this chain',
	'snapshot-block': 'The listings were read at a block between the request, or the last reopening, and the route',
	'snapshot-time':
		'The market snapshot was taken between the request, or the last reopening, and the route, at the time of its block',
	'listings-complete': 'Every listing of that block is in the snapshot, and no other',
	'listings-equal': 'Every listing is as the chain had it at that block',
	admitted: 'The record admits the buyer to exactly the restricted listings whose rules on chain admit the buyer',
	sources: 'Each source is named once, with its number of offers and a state that agrees with them',
	'foreign-offers': 'No offer of another network claims to be a listing of Necto',
	'offer-times': 'No offer or answer is dated after the snapshot',
	'token-prices': 'Each token price follows from sources that the agent has, which it names',
	normalisation: 'Every price follows from what the sources said',
	exclusions: 'Every exclusion follows from a limit of the job',
	ranking: 'The ranking follows from prices and weights',
	'candidates-root': 'The ranking is the one committed on chain',
	choice: 'The choice is the best of the ranking',
	'chain-choice': 'The chain routed to the choice, at its price',
	terms: 'The terms in the events match the terms hash on chain',
	commitment: 'The commitment on chain matches the request, the record and the routing',
	engine: 'The decision was made by the rules that this check replays',
};

export interface Check {
	id: CheckId;
	/** What is checked: its entry in `CHECK_NAMES`. */
	name: string;
	status: 'passed' | 'failed' | 'not-run';
	expected: string;
	found: string;
}

/** Runs one check and records its outcome; an error thrown by it counts as a failure. */
export type Run = (id: CheckId, run: () => Outcome) => void;

export type Outcome = Pick<Check, 'status' | 'expected' | 'found'>;

const LONGEST = 300;

function cut(text: string): string {
	return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

export function same(expected: string, found: string): Outcome {
	return { status: expected === found ? 'passed' : 'failed', expected: cut(expected), found: cut(found) };
}

export function failed(expected: string, found: string): Outcome {
	return { status: 'failed', expected: cut(expected), found: cut(found) };
}

export function notRun(expected: string, found: string): Outcome {
	return { status: 'not-run', expected: cut(expected), found: cut(found) };
}

/** What went wrong, as one short line. */
export function reasonOf(error: unknown): string {
	return cut(error instanceof Error ? error.message.replace(/\s+/g, ' ') : 'unknown error');
}
