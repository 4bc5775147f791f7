import { readySchema } from '@necto/core';
import { z } from 'zod';
import { requestJson } from '../http.ts';
import { type Problem, problemOf } from '../problem.ts';

const agentStatusSchema = z.object({ state: z.string() });
const anySchema = z.unknown();

/** Why the agent is degraded: a short label for the header, and the messages of the failed checks, which say what to do. */
export interface Obstacle {
	words: string;
	details: string;
}

/** State of the routing agent and of the indexer, as the header shows it. */
export interface Services {
	agent:
		| { state: 'idle' | 'deciding' | 'starting' }
		| { state: 'degraded'; obstacle: Obstacle }
		| { state: 'unreachable'; problem: Problem };
	indexer: { state: 'ready' | 'starting' } | { state: 'unreachable'; problem: Problem };
}

/** A short label for each check of the agent, the most important first. */
const WORDS: Readonly<Record<string, string>> = {
	draining: 'shutting down',
	database: 'database unreachable',
	router: 'router not running',
	chain: 'ADI RPC unreachable',
	gas: 'not enough gas',
	'0g-balance': 'not enough 0G',
	bond: 'bond below minimum',
	clock: 'clock out of sync',
	'0g': '0G unreachable',
	indexer: 'indexer behind',
	scan: 'chain scan incomplete',
	work: 'background tasks failing',
};

async function problemIn(ask: Promise<unknown>): Promise<Problem | null> {
	try {
		await ask;
		return null;
	} catch (error) {
		return problemOf(error);
	}
}

/** Why the agent is degraded. 'starting' while only its first scan of the chain is unfinished, or when no check failed; null when it is ready. */
export function obstacleOf(ready: z.output<typeof readySchema>): Obstacle | 'starting' | null {
	if (ready.ready) return null;
	const failed = ready.checks.filter(({ ok, name }) => !ok && name !== 'startup');
	const order = (name: string) => Object.keys(WORDS).indexOf(name);
	const [first] = failed.toSorted((a, b) => order(a.name) - order(b.name));
	if (first === undefined) return 'starting';
	return {
		words: wordsOf(first),
		details: failed.map(({ name, detail }) => detail ?? `${name} fails.`).join(' '),
	};
}

function wordsOf({ name, reason }: z.output<typeof readySchema>['checks'][number]): string {
	if (name === 'indexer' && ['unreachable', 'timeout', 'status'].includes(reason ?? '')) return 'indexer unreachable';
	if (name === 'indexer' && reason === 'incomplete') return 'indexer incomplete';
	return WORDS[name] ?? name;
}

/** Requests the state of both services. Rejects only when aborted by the signal. */
export async function readServices(signal: AbortSignal): Promise<Services> {
	const [status, ready, indexerProblem] = await Promise.all([
		requestJson('/api/agent/status', agentStatusSchema, { signal }).catch(problemOf),
		// 503 has a body with the failed checks.
		requestJson('/api/agent/ready', readySchema, { signal, accept: [503] }).catch(problemOf),
		problemIn(requestJson('/api/indexer/ready', anySchema, { signal })),
	]);
	signal.throwIfAborted();
	return {
		agent: agentOf(status, ready),
		indexer:
			indexerProblem === null
				? { state: 'ready' }
				: // Any HTTP response means that it runs and is still indexing old blocks.
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
