import { readySchema } from '@necto/core';
import { z } from 'zod';
import { requestJson } from '../http.ts';
import { type Problem, problemOf } from '../problem.ts';

const agentStatusSchema = z.object({ state: z.string() });
const anySchema = z.unknown();

/** Why the agent cannot do all of its work: a few words for the header, and the agent's own sentences, which say what to do. */
export interface Obstacle {
	words: string;
	details: string;
}

/** What the header says of the routing agent and of the indexer, on which everything else rests. */
export interface Services {
	agent:
		| { state: 'idle' | 'deciding' | 'starting' }
		| { state: 'degraded'; obstacle: Obstacle }
		| { state: 'unreachable'; problem: Problem };
	indexer: { state: 'ready' | 'starting' } | { state: 'unreachable'; problem: Problem };
}

/** The agent's checks in a few words, the most important first. */
const WORDS: Readonly<Record<string, string>> = {
	draining: 'stopping',
	database: 'no database',
	router: 'router is down',
	chain: 'no chain',
	gas: 'no gas',
	'0g-balance': 'no 0G to pay with',
	bond: 'bond too small',
	clock: 'clock is wrong',
	'0g': '0G does not answer',
	indexer: 'index is behind',
	scan: 'chain scan incomplete',
	work: 'work fails',
};

async function problemIn(ask: Promise<unknown>): Promise<Problem | null> {
	try {
		await ask;
		return null;
	} catch (error) {
		return problemOf(error);
	}
}

/** What is in the agent's way; 'starting' when it has only not looked at the chain yet, or does not say. */
export function obstacleOf(ready: z.output<typeof readySchema>): Obstacle | 'starting' | null {
	if (ready.ready) return null;
	const failed = ready.checks.filter(({ ok, name }) => !ok && name !== 'startup');
	const order = (name: string) => Object.keys(WORDS).indexOf(name);
	const [first] = failed.toSorted((a, b) => order(a.name) - order(b.name));
	if (first === undefined) return 'starting';
	return {
		words: WORDS[first.name] ?? first.name,
		details: failed.map(({ name, detail }) => detail ?? `${name} fails.`).join(' '),
	};
}

/** Asks both services how they are. Rejects only when given up by the signal. */
export async function readServices(signal: AbortSignal): Promise<Services> {
	const [status, ready, indexerProblem] = await Promise.all([
		requestJson('/api/agent/status', agentStatusSchema, { signal }).catch(problemOf),
		// 503 with an answer of its own: what is in the way.
		requestJson('/api/agent/ready', readySchema, { signal, accept: [503] }).catch(problemOf),
		problemIn(requestJson('/api/indexer/ready', anySchema, { signal })),
	]);
	signal.throwIfAborted();
	return {
		agent: agentOf(status, ready),
		indexer:
			indexerProblem === null
				? { state: 'ready' }
				: // Any answer of its own says that it runs and is still reading old blocks.
					indexerProblem.code.startsWith('http_')
					? { state: 'starting' }
					: { state: 'unreachable', problem: indexerProblem },
	};
}

function agentOf(
	status: z.output<typeof agentStatusSchema> | Problem,
	ready: z.output<typeof readySchema> | Problem,
): Services['agent'] {
	const obstacle = ready instanceof Error ? 'starting' : obstacleOf(ready);
	if (obstacle !== null && obstacle !== 'starting') return { state: 'degraded', obstacle };
	if (status instanceof Error) return { state: 'unreachable', problem: status };
	if (obstacle === 'starting') return { state: 'starting' };
	return { state: status.state === 'deciding' ? 'deciding' : 'idle' };
}
