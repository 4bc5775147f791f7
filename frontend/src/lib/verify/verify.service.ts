/** Verifies a routing decision: the files by their roots, the facts from the chain, the arithmetic by core. Runs in a worker: see `verify.worker.ts`. */
import {
	CHECK_IDS,
	CHECK_NAMES,
	type ChainReader,
	type JobFacts,
	type JobQuery,
	readDecisionRegistry,
	readJob,
	recordFromBytes,
	sizeProblem,
	tokenQuestions,
	type Verification,
	verify,
} from '@necto/core';
import type { Hex } from 'viem';
import { Problem } from '#lib/problem.ts';
import { askTokenSources } from './ask-token-sources.ts';
import { type FetchedBytes, fetchByRoot } from './fetch-bytes.ts';

/** A verification and everything it was made from. */
export interface VerifiedDecision {
	readonly verification: Verification;
	readonly record: FetchedBytes;
	/** The beginning of the record with line breaks, for people. */
	readonly recordText: string;
	/** Null when the record does not name a snapshot, or nobody serves it: its checks are then not run. */
	readonly snapshot: Omit<FetchedBytes, 'bytes'> | null;
	/** Why there is no snapshot. */
	readonly snapshotProblem: string | null;
}

export interface DecisionQuery extends JobQuery {
	readonly reader: ChainReader;
}

/** What is being done now, as a phrase, and how much of it all that is. */
export interface Progress {
	readonly doing: string;
	readonly step: number;
	readonly steps: number;
}

/** Reading the job, fetching two files, reading the listings and asking for token prices come before the checks. */
const STEPS_BEFORE = 5;
/** Longer ones would stall the page; the saved file has them whole. */
const LONGEST_SHOWN = 200_000;

/**
 * Verifies the decision of a routed job.
 *
 * @param file a record from the person's own disk to check instead of the published one
 * @throws Problem when the chain does not answer, the job is not routed, or nobody serves the record
 */
export async function verifyDecision(
	query: DecisionQuery,
	file: Blob | null = null,
	onProgress: (progress: Progress) => void = () => {},
): Promise<VerifiedDecision> {
	const steps = STEPS_BEFORE + CHECK_IDS.length;
	const tell = (step: number, doing: string) => onProgress({ doing, step, steps });
	const tooLarge = file === null ? null : sizeProblem(file.size);
	if (tooLarge !== null) {
		throw new Problem({
			code: 'file_too_large',
			message: `This file is not a record. ${tooLarge}`,
			suggestion: 'Choose the file that was saved from this page.',
		});
	}
	tell(0, 'Reading the job from the chain');
	const job = await routedJob(query);
	tell(1, 'Fetching the record');
	const record: FetchedBytes =
		file === null
			? await fetchByRoot(job.routing.recordRoot)
			: { bytes: new Uint8Array(await file.arrayBuffer()), source: 'file', notes: [] };
	tell(2, 'Fetching the market snapshot');
	const { snapshot, snapshotProblem } = await fetchSnapshot(record.bytes);
	tell(3, 'Reading the listings from the chain');
	const chain = { ...job, ...(await readDecisionRegistry(query, job, snapshot?.bytes ?? null)) };
	tell(4, 'Asking the sources of token prices');
	const tokenAnswers = snapshot === null ? [] : await askTokenSources(tokenQuestions(snapshot.bytes));
	let done = STEPS_BEFORE;
	const verification = verify({
		recordBytes: record.bytes,
		snapshotBytes: snapshot?.bytes ?? null,
		chain,
		tokenAnswers,
		onCheck: (id) => tell(done++, `Checking: ${CHECK_NAMES[id]}`),
	});
	const from = snapshot === null ? null : { source: snapshot.source, notes: snapshot.notes };
	return { verification, record, recordText: shownText(record.bytes), snapshot: from, snapshotProblem };
}

type RoutedJob = Omit<JobFacts, 'routed'> & NonNullable<JobFacts['routed']>;

async function routedJob(query: DecisionQuery): Promise<RoutedJob> {
	const { routed, ...job } = await readJob(query);
	if (routed === null) {
		throw new Problem({
			code: 'not_routed',
			message: 'This job has no place, so there is no decision in force to verify.',
			suggestion: 'Wait until the agent has chosen.',
		});
	}
	return { ...job, ...routed };
}

async function fetchSnapshot(
	recordBytes: Uint8Array,
): Promise<{ snapshot: FetchedBytes | null; snapshotProblem: string | null }> {
	let root: Hex;
	try {
		root = recordFromBytes(recordBytes).snapshot.root;
	} catch {
		return { snapshot: null, snapshotProblem: 'The record cannot be read, so it names no market snapshot.' };
	}
	try {
		return { snapshot: await fetchByRoot(root), snapshotProblem: null };
	} catch (error) {
		return { snapshot: null, snapshotProblem: error instanceof Error ? error.message : String(error) };
	}
}

function shownText(bytes: Uint8Array): string {
	const text = new TextDecoder().decode(bytes);
	try {
		return JSON.stringify(JSON.parse(text), null, '\t').slice(0, LONGEST_SHOWN);
	} catch {
		return text.slice(0, LONGEST_SHOWN);
	}
}
