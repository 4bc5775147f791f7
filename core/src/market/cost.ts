import { type MicroUsd, microUsd } from '../ids.ts';
import { divide, formatRational, formatUsd, type Rational, usdText } from '../money.ts';
import type { Step } from '../normalise/step.ts';
import type { Quote } from '../offer/quote.ts';
import type { JobCost } from '../wire/market.ts';
import type { QueryJob } from './query.ts';

/** The wire's `JobCost` with money as money. */
export interface CostOfJob {
	total: bigint;
	perGpuHour: MicroUsd;
	steps: Step[];
}

/** What of an offer a job's cost depends on, beside its price. */
export type CostTerms = Pick<Quote, 'rental' | 'interruption' | 'gpus'> & {
	price: Pick<Quote['price'], 'per'>;
};

const BASIS = 10_000n;
/** The month of 730 hours in which published chances of an interruption count. */
const MONTH_SECONDS = 2_628_000n;
/** Figures above are no costs of anything: nine billion USD per GPU-hour. Below it they can be compared as plain numbers. */
const MOST_PER_GPU_HOUR = BigInt(Number.MAX_SAFE_INTEGER);

/** GPUs that are paid, and for how long, before any price. */
interface Amounts {
	machines: bigint | null;
	gpus: Rational;
	/** The job's own work on this model. */
	work: Rational;
	/** With the work that restarts repeat. */
	withRestarts: Rational;
	/** What is paid. */
	paid: Rational;
}

function amountsOf({ price, gpus, rental, interruption }: CostTerms, job: QueryJob, performanceBps: number): Amounts {
	const wanted = BigInt(job.gpuCount);
	const [numerator, denominator] = [BigInt(gpus.numerator), BigInt(gpus.denominator)];
	// A machine is not sold in parts: whoever wants one GPU of eight pays eight.
	const machines = price.per === 'instance' ? divide(wanted * denominator, numerator, 'ceil') : null;
	const work = { numerator: BigInt(job.seconds) * BASIS, denominator: BigInt(performanceBps) };
	// Expected restarts are the chance's share of the month; each repeats the same time: work × (1 + chance × restart ÷ month).
	const repeated = BigInt(interruption?.monthlyBps ?? 0) * BigInt(job.restartSeconds);
	const withRestarts = {
		numerator: work.numerator * (BASIS * MONTH_SECONDS + repeated),
		denominator: work.denominator * BASIS * MONTH_SECONDS,
	};
	const least = BigInt(rental?.minSeconds ?? 0);
	return {
		machines,
		gpus: machines === null ? { numerator: wanted, denominator: 1n } : { numerator: machines * numerator, denominator },
		work,
		withRestarts,
		paid:
			least * withRestarts.denominator > withRestarts.numerator ? { numerator: least, denominator: 1n } : withRestarts,
	};
}

/** What a price is multiplied with to get the cost for each GPU-hour of the asked work, in lowest terms. */
export function costFactor(terms: CostTerms, job: QueryJob, performanceBps: number): Rational {
	const { gpus, paid } = amountsOf(terms, job, performanceBps);
	const numerator = gpus.numerator * paid.numerator;
	const denominator = gpus.denominator * paid.denominator * BigInt(job.gpuCount) * BigInt(job.seconds);
	const common = commonDivisor(numerator, denominator);
	return { numerator: numerator / common, denominator: denominator / common };
}

function commonDivisor(a: bigint, b: bigint): bigint {
	let [larger, smaller] = [a, b];
	while (smaller > 0n) [larger, smaller] = [smaller, larger % smaller];
	return larger;
}

/** A price times a factor, rounded up once; null when it is no cost of anything. */
export function costPerGpuHour(price: bigint, factor: Rational): MicroUsd | null {
	const cost = divide(price * factor.numerator, factor.denominator, 'ceil');
	return cost > MOST_PER_GPU_HOUR ? null : microUsd(cost);
}

/**
 * What a job costs at an offer, all in: whole machines, the time that this model takes, the work that expected restarts repeat, the least time that is paid.
 * Both figures are rounded up, each once and from the exact amount. What is not published is not in the figure, and the steps say so.
 *
 * @param price micro-USD per GPU-hour
 * @param performanceBps work that the model does in the time in which the reference does 10,000
 * @returns null when the figures are too large to be any job's
 */
export function jobCost(quote: Quote, price: MicroUsd, job: QueryJob, performanceBps: number): CostOfJob | null {
	const amounts = amountsOf(quote, job, performanceBps);
	const perGpuHour = costPerGpuHour(price, costFactor(quote, job, performanceBps));
	const { gpus, paid } = amounts;
	const total = divide(price * gpus.numerator * paid.numerator, gpus.denominator * paid.denominator * 3_600n, 'ceil');
	if (perGpuHour === null) return null;
	return { total, perGpuHour, steps: stepsOf(quote, price, job, performanceBps, amounts, total, perGpuHour) };
}

function stepsOf(
	quote: Quote,
	price: MicroUsd,
	job: QueryJob,
	performanceBps: number,
	amounts: Amounts,
	total: bigint,
	perGpuHour: MicroUsd,
): Step[] {
	const { machines, gpus, work, withRestarts, paid } = amounts;
	const { numerator, denominator } = quote.gpus;
	const size = denominator === 1 ? `${numerator}` : `${numerator}/${denominator}`;
	const paidGpus = formatRational(gpus);
	const steps: Step[] = [
		{
			name: 'machines',
			formula:
				machines === null
					? `${job.gpuCount}, sold by the GPU${spreadOf(quote, job)}`
					: `${job.gpuCount} wanted, sold by ${size}: ${machines} × ${size}`,
			value: paidGpus,
			unit: 'GPUs paid',
		},
	];
	if (performanceBps !== 10_000) {
		const performance = formatRational({ numerator: BigInt(performanceBps), denominator: BASIS });
		steps.push({
			name: 'work-time',
			formula: `${job.seconds} s ÷ ${performance} of the work in the same time`,
			value: formatRational(work),
			unit: 'seconds',
		});
	}
	steps.push(...restartSteps(quote, job, work, withRestarts));
	if (paid !== withRestarts) {
		const prepaid = quote.rental?.prepaid === true ? ', paid in advance and not given back' : '';
		steps.push({
			name: 'least-time',
			formula: `${formatRational(withRestarts)} s, but at least ${formatRational(paid)} s are paid${prepaid}`,
			value: formatRational(paid),
			unit: 'seconds',
		});
	}
	const product = `${formatUsd(price)} × ${paidGpus} GPUs × ${formatRational(paid)} s`;
	steps.push(
		{ name: 'job-total', formula: `${product} ÷ 3600 s, rounded up`, value: usdText(total), unit: 'USD for the job' },
		{
			name: 'job-rate',
			formula: `${product} ÷ (${job.gpuCount} GPUs × ${job.seconds} s of work), rounded up`,
			value: usdText(perGpuHour),
			unit: 'USD per GPU-hour of work',
		},
	);
	return steps;
}

/** Says so where not all GPUs can be in one machine; nothing where they can, or nobody knows. */
function spreadOf({ availability: { widest } }: Quote, { gpuCount }: QueryJob): string {
	return widest === null || widest >= gpuCount ? '' : `, at most ${widest} of them in one machine`;
}

const BOUNDS = { about: 'about', 'at-most': 'at most', 'at-least': 'at least' } as const;

function restartSteps({ interruption, price, listing }: Quote, job: QueryJob, work: Rational, all: Rational): Step[] {
	if (interruption === undefined) {
		// A job that Necto routed keeps its machine and its price; elsewhere a price that moves is one at which a machine is taken back.
		if (price.model !== 'dynamic' || listing !== null) return [];
		const formula = 'interruptions are not published: not in the figure';
		return [{ name: 'restarts', formula, value: 'unknown', unit: 'seconds' }];
	}
	const { monthlyBps, bound, source, observedAt } = interruption;
	const percent = formatRational({ numerator: BigInt(monthlyBps), denominator: 100n });
	const chance = `${BOUNDS[bound]} ${percent}% in 730 hours (${source}, ${dayOf(observedAt)})`;
	return [
		{
			name: 'restarts',
			formula: `${formatRational(work)} s × (1 + ${chance} × ${job.restartSeconds} s lost with each ÷ ${MONTH_SECONDS} s)`,
			value: formatRational(all),
			unit: 'seconds',
		},
	];
}

/** `2026-09-15`, UTC. */
export function dayOf(seconds: number): string {
	return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** As the wire has it. */
export function costJson({ total, perGpuHour, steps }: CostOfJob): JobCost {
	return { total: `${total}`, perGpuHour: `${perGpuHour}`, steps };
}
