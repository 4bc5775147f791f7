import type { RoutingPolicy } from '../policy/policy.ts';
import type { JobRequest } from '../request/request.ts';
import type { MarketSnapshot } from '../snapshot/snapshot.ts';
import type { Decision, JobRef } from './decision.ts';

/** The routing decision: a pure function of what it is given. */
export function decide(_input: {
	job: JobRef;
	request: JobRequest;
	snapshot: MarketSnapshot;
	policy: RoutingPolicy;
}): Decision {
	throw new Error('not written yet');
}
