import { type JobRequest, requestSchema } from '@necto/core';

/** A request for one RTX 4090 for an hour, with what differs. */
export function request(changes: Partial<JobRequest> = {}): JobRequest {
	const usual = {
		gpuModel: 'rtx4090',
		minMemoryGiB: 0,
		formFactors: [],
		gpuCount: 1,
		maxParts: 0,
		duration: 3600,
		maxPricePerGpuHour: '500000',
		continents: [],
		countries: [],
		excludedPricing: [],
		attestations: [],
		weights: { uptime: 0, latency: 0, rating: 0, risk: 0 },
		routeDeadline: Math.floor(Date.now() / 1000) + 3600,
		startWindow: 1800,
		specHash: `0x${'0'.repeat(64)}`,
		policyHash: `0x${'0'.repeat(64)}`,
		team: 0,
		tracked: true,
	};
	return { ...requestSchema.parse(usual), ...changes };
}
