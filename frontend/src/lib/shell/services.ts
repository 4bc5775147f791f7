import { z } from 'zod';
import { requestJson } from '../http.ts';
import { type Problem, problemOf } from '../problem.ts';

const agentStatusSchema = z.object({ state: z.string() });
const anySchema = z.unknown();

/** What the header says of the routing agent and of the indexer, on which everything else rests. */
export interface Services {
	agent: { state: 'idle' | 'deciding' | 'starting' } | { state: 'unreachable'; problem: Problem };
	indexer: { state: 'ready' | 'starting' } | { state: 'unreachable'; problem: Problem };
}

async function problemIn(ask: Promise<unknown>): Promise<Problem | null> {
	try {
		await ask;
		return null;
	} catch (error) {
		return problemOf(error);
	}
}

/** Asks both services how they are. Rejects only when given up by the signal. */
export async function readServices(signal: AbortSignal): Promise<Services> {
	const [status, notReady, indexerProblem] = await Promise.all([
		requestJson('/api/agent/status', agentStatusSchema, { signal }).catch(problemOf),
		problemIn(requestJson('/api/agent/ready', anySchema, { signal })),
		problemIn(requestJson('/api/indexer/ready', anySchema, { signal })),
	]);
	signal.throwIfAborted();
	return {
		agent:
			status instanceof Error
				? { state: 'unreachable', problem: status }
				: { state: notReady !== null ? 'starting' : status.state === 'deciding' ? 'deciding' : 'idle' },
		indexer:
			indexerProblem === null
				? { state: 'ready' }
				: // Any answer of its own says that it runs and is still reading old blocks.
					indexerProblem.code.startsWith('http_')
					? { state: 'starting' }
					: { state: 'unreachable', problem: indexerProblem },
	};
}
