import { type OfferDetail, offerDetailSchema, type PolicyName } from '@necto/core';
import { requestJson } from '../http.ts';
import type { Filters } from './filters.ts';

/** All that the agent knows of one offer, with the arithmetic of its price and of the job. @throws Problem `not_found` when it is no longer offered */
export function fetchDetail(
	key: string,
	filters: Filters,
	policy: PolicyName,
	signal: AbortSignal,
): Promise<OfferDetail> {
	const params = new URLSearchParams();
	// The job, and how much of the work each GPU does: what the cost depends on.
	for (const field of ['gpu', 'gpus', 'hours', 'restartMinutes'] as const) {
		const text = filters[field];
		if (text !== undefined) params.set(field, text);
	}
	if (policy !== 'default') params.set('policy', policy);
	const query = params.toString();
	const path = `/api/agent/offers/${encodeURIComponent(key)}${query === '' ? '' : `?${query}`}`;
	return requestJson(path, offerDetailSchema, { signal });
}
