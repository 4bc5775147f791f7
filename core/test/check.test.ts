import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	checkRequest,
	type GpuModelKey,
	gpuModelKey,
	type JobRequest,
	LIMITS,
	microUsd,
	nearModels,
	offlinePolicy,
	policyHash,
	teamId,
	unixSeconds,
	ZERO_HASH,
} from '../src/index.ts';
import { NOW, request } from './build.ts';

const found = (changes: Partial<JobRequest>) => checkRequest(request(changes), NOW);

describe('SYS-05 what would be refused later is refused first', () => {
	it('finds nothing wrong with a good request, nor with one at every limit', () => {
		expect(found({})).toEqual([]);
		expect(found({ policyHash: policyHash(offlinePolicy) })).toEqual([]);
		expect(
			found({
				gpuCount: LIMITS.gpuCount.max,
				duration: LIMITS.duration.max,
				maxPricePerGpuHour: microUsd(130_000_000_000n),
				startWindow: LIMITS.startWindow.max,
				routeDeadline: unixSeconds(NOW + LIMITS.routeWindow.max),
				weights: { uptime: 10_000, latency: 10_000, rating: 10_000, risk: 10_000 },
			}),
		).toEqual([]);
		expect(found({ routeDeadline: unixSeconds(NOW + LIMITS.routeWindow.min) })).toEqual([]);
	});

	it.each<[string, keyof JobRequest, Partial<JobRequest>]>([
		['unknown_gpu_model', 'gpuModel', { gpuModel: gpuModelKey('foo') }],
		['gpu_count_out_of_range', 'gpuCount', { gpuCount: 0 }],
		['gpu_count_out_of_range', 'gpuCount', { gpuCount: -1 }],
		['gpu_count_out_of_range', 'gpuCount', { gpuCount: 65_536 }],
		['gpu_count_out_of_range', 'gpuCount', { gpuCount: Number.NaN }],
		['parts_out_of_range', 'maxParts', { maxParts: 256 }],
		['memory_out_of_range', 'minMemoryGiB', { minMemoryGiB: 65_536 }],
		['duration_out_of_range', 'duration', { duration: 59 }],
		['duration_out_of_range', 'duration', { duration: LIMITS.duration.max + 1 }],
		['start_window_out_of_range', 'startWindow', { startWindow: 59 }],
		['start_window_out_of_range', 'startWindow', { startWindow: LIMITS.startWindow.max + 1 }],
		['route_deadline_out_of_range', 'routeDeadline', { routeDeadline: unixSeconds(NOW + LIMITS.routeWindow.min - 1) }],
		['route_deadline_out_of_range', 'routeDeadline', { routeDeadline: unixSeconds(NOW + 30 * 86_400 + 1) }],
		['zero_max_price', 'maxPricePerGpuHour', { maxPricePerGpuHour: microUsd(0n) }],
		[
			'amount_too_large',
			'maxPricePerGpuHour',
			{ maxPricePerGpuHour: microUsd(1_000_000_000_000n), gpuCount: 65_535, duration: LIMITS.duration.max },
		],
		['unknown_country', 'countries', { countries: ['XX'] }],
		['no_pricing_left', 'excludedPricing', { excludedPricing: ['fixed', 'dynamic', 'token'] }],
		['weight_out_of_range', 'weights', { weights: { uptime: 0, latency: 10_001, rating: 0, risk: 0 } }],
		['unknown_policy', 'policyHash', { policyHash: `0x${'ab'.repeat(32)}` }],
		['untracked_team_job', 'team', { team: teamId(3), tracked: false }],
	])('%s', (code, field, changes) => {
		const findings = found(changes);
		expect(findings).toEqual([expect.objectContaining({ code, field })]);
		expect(findings[0]?.message).toMatch(/\.$/);
	});

	it('says all that is wrong, each field once', () => {
		const fields = found({
			gpuCount: 0,
			duration: 0,
			weights: { uptime: -1, latency: -1, rating: -1, risk: -1 },
			policyHash: `0x${'ab'.repeat(32)}`,
		}).map(({ field }) => field);
		expect(fields).toEqual(['gpuCount', 'duration', 'weights', 'policyHash']);
	});

	it('never throws, whatever numbers it is given', () => {
		fc.assert(
			fc.property(fc.integer(), fc.integer(), fc.integer(), fc.bigInt(), (gpuCount, duration, maxParts, price) => {
				// Not a price that `microUsd` lets through: programs build requests by themselves.
				checkRequest(request({ gpuCount, duration, maxParts, maxPricePerGpuHour: price as never }), NOW);
			}),
		);
	});

	it('names models that may be meant', () => {
		const said = (gpuModel: string) => found({ gpuModel: gpuModel as GpuModelKey })[0]?.suggestion;
		expect(said('h10')).toContain('h100');
		expect(said('rtx-4090')).toBe('Did you mean rtx4090?');
		expect(said('foo')).toBe('Choose a model from the catalogue, such as h100.');
		expect(nearModels('H100 NVL 94GB')).toEqual(['h100']);
		expect(nearModels('rtx4009').length).toBeGreaterThan(0);
		expect(nearModels('x')).toEqual([]);
		expect(found({ policyHash: ZERO_HASH })).toEqual([]);
	});
});
