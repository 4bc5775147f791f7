import { gpuModel } from '../gpu/catalogue.ts';
import { nearModels } from '../gpu/near.ts';
import type { GpuModelKey, UnixSeconds } from '../ids.ts';
import { mulDiv } from '../money.ts';
import { knownPolicy } from '../policy/policy.ts';
import { countryOf } from '../region/countries.ts';
import { PRICING_MODELS } from '../tables.ts';
import { type WholeRange, wholeRange } from '../whole.ts';
import type { Finding } from './finding.ts';
import type { JobRequest } from './request.ts';

/** What the JobRegistry accepts (`contracts/src/jobs/Requests.sol`); times in seconds. */
export const LIMITS = {
	duration: { min: 60, max: 90 * 86_400 },
	startWindow: { min: 60, max: 7 * 86_400 },
	/** From the block's time to the deadline. */
	routeWindow: { min: 1, max: 30 * 86_400 },
	gpuCount: { min: 1, max: 65_535 },
	memoryGiB: { min: 0, max: 65_535 },
	weight: { min: 0, max: 10_000 },
	parts: { min: 0, max: 255 },
	countries: 8,
} as const;

/** The largest price that a request can have: a million USD per GPU-hour; more is a typing error. Micro-USD. */
export const HIGHEST_PRICE = 1_000_000_000_000n;

const U64 = 2n ** 64n - 1n;
type Field = keyof JobRequest;

/**
 * Why the contracts would refuse a request, or no agent could ever decide it, independent of the payer. The form, `POST /quotes` and the agent share this
 * function, so that all of them accept the same requests. The payer's funds are checked by `checkPayment`.
 *
 * @param now the chain's time: deadlines count from there
 * @param isListed whether an offer has the model: a listing on chain may have one that this version's catalogue does not know yet
 * @returns at most one finding a field, in the request's order; empty when nothing is wrong
 */
export function checkRequest(
	request: JobRequest,
	now: UnixSeconds,
	isListed: (key: GpuModelKey) => boolean = () => false,
): Finding[] {
	const found = new Map<Field, Finding>();
	const report = (field: Field, code: string, message: string, suggestion: string) => {
		if (!found.has(field)) found.set(field, { field, code, message, suggestion });
	};
	const inRange = (field: Field, value: number, range: WholeRange, what: string) => {
		if (Number.isInteger(value) && value >= range.min && value <= range.max) return true;
		report(field, `${FIELD_CODES[field]}_out_of_range`, `${what} must be a ${wholeRange(range)}.`, '');
		return false;
	};

	if (gpuModel(request.gpuModel) === undefined && !isListed(request.gpuModel)) {
		const near = nearModels(request.gpuModel);
		report(
			'gpuModel',
			'unknown_gpu_model',
			`"${request.gpuModel}" is not a known GPU model.`,
			near.length === 0 ? 'Choose a model from the catalogue, such as h100.' : `Did you mean ${near.join(' or ')}?`,
		);
	}
	const counted = inRange('gpuCount', request.gpuCount, LIMITS.gpuCount, 'The number of GPUs');
	inRange('minMemoryGiB', request.minMemoryGiB, LIMITS.memoryGiB, 'The memory (GiB)');
	const parted = inRange('maxParts', request.maxParts, LIMITS.parts, 'The number of parts');
	const timed = inRange('duration', request.duration, LIMITS.duration, 'The duration (seconds)');
	inRange('startWindow', request.startWindow, LIMITS.startWindow, 'The time to start (seconds)');
	checkPrice(request, counted && timed && parted, report);
	const window = request.routeDeadline - now;
	if (!Number.isInteger(request.routeDeadline) || window < LIMITS.routeWindow.min || window > LIMITS.routeWindow.max) {
		report(
			'routeDeadline',
			'route_deadline_out_of_range',
			window < LIMITS.routeWindow.min
				? 'The deadline for finding a provider has passed.'
				: 'The deadline for finding a provider must be within 30 days.',
			'Choose a later one, at most 30 days ahead.',
		);
	}
	const unknown = request.countries.find((code) => code.length !== 2 || countryOf(code) === undefined);
	if (unknown !== undefined) {
		report(
			'countries',
			'unknown_country',
			`"${unknown}" is not the two-letter code of a country.`,
			'Use codes such as DE or FR.',
		);
	}
	if (request.countries.length > LIMITS.countries) {
		report(
			'countries',
			'too_many_countries',
			`A request can name ${LIMITS.countries} countries; choose continents for more.`,
			'',
		);
	}
	if (PRICING_MODELS.every((model) => request.excludedPricing.includes(model))) {
		report(
			'excludedPricing',
			'no_pricing_left',
			'All pricing models are excluded.',
			'Allow at least one pricing model.',
		);
	}
	for (const [name, weight] of Object.entries(request.weights)) {
		inRange('weights', weight, LIMITS.weight, `The weight of ${name} (basis points)`);
	}
	if (knownPolicy(request.policyHash) === null) {
		report(
			'policyHash',
			'unknown_policy',
			'The request names an unknown routing policy.',
			'Use the default policy (the zero hash) or one published in @necto/core.',
		);
	}
	if (!request.tracked && request.team !== 0) {
		report(
			'team',
			'untracked_team_job',
			"A team's job is always tracked: its budget shows the requester.",
			'Make the job tracked, or pay for it yourself.',
		);
	}
	return [...found.values()];
}

const FIELD_CODES: Readonly<Partial<Record<Field, string>>> = {
	gpuCount: 'gpu_count',
	minMemoryGiB: 'memory',
	maxParts: 'parts',
	duration: 'duration',
	startWindow: 'start_window',
	weights: 'weight',
};

function checkPrice(
	request: JobRequest,
	canMultiply: boolean,
	report: (field: Field, code: string, message: string, suggestion: string) => void,
): void {
	const price: bigint = request.maxPricePerGpuHour;
	if (price <= 0n) {
		report('maxPricePerGpuHour', 'zero_max_price', 'The ceiling must be above zero.', '');
	} else if (canMultiply) {
		const whole = mulDiv(price * BigInt(request.gpuCount), BigInt(request.duration), 3_600n, 'ceil');
		if (whole + BigInt(Math.max(request.maxParts - 1, 0)) <= U64) return;
		const message = 'The total (price × GPUs × duration) exceeds the largest amount that can be locked.';
		report('maxPricePerGpuHour', 'amount_too_large', message, 'Lower the price, the GPU count or the duration.');
	}
}
