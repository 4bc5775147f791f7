/** A job's limits and hardware in words. */
import {
	ATTESTATION_KINDS,
	CONTINENTS,
	defaultPolicy,
	FORM_FACTORS,
	fromBits,
	gpuModel,
	knownPolicy,
	PRICING_MODELS,
} from '@necto/core';
import type { JobRow } from './rows.ts';

/** The name of a catalogue key: `H100`; a key that no catalogue has is shown as it is. */
export function gpuName(key: string): string {
	return gpuModel(key)?.name ?? key.toUpperCase();
}

const SMALL_WORDS: Readonly<Record<string, string>> = {
	pcie: 'PCIe',
	sxm: 'SXM',
	nvl: 'NVL',
	oam: 'OAM',
	superchip: 'Superchip',
	kyc: 'KYC',
	iso27001: 'ISO 27001',
	soc2: 'SOC 2',
	gdpr: 'GDPR',
	hipaa: 'HIPAA',
	'pci-dss': 'PCI DSS',
	unknown: 'Unknown',
};

/** A word of core's tables for people: `north-america` is `North America`, `pcie` is `PCIe`. */
export function wordFor(word: string): string {
	return (
		SMALL_WORDS[word] ??
		word
			.split('-')
			.map((part) => part.charAt(0).toUpperCase() + part.slice(1))
			.join(' ')
	);
}

/** `8 × H100`. */
export function hardwareOf(job: Pick<JobRow, 'gpuModel' | 'gpuCount'>): string {
	return `${job.gpuCount} × ${gpuName(job.gpuModel)}`;
}

/** Words behind a bit set from the chain. Bits that this version does not know are said to be so, never dropped. */
export function wordsOf(table: readonly string[], bits: number): string[] {
	try {
		return fromBits(table, bits).map(wordFor);
	} catch {
		return [`unknown (${bits})`];
	}
}

function datedPricesOf({ policyHash }: Pick<JobRow, 'policyHash'>): string {
	const policy = knownPolicy(policyHash);
	if (policy === null) return 'Unknown routing policy';
	return policy.tokenPriceMaxAge > defaultPolicy.tokenPriceMaxAge ? 'Accepted' : 'Not accepted';
}

/** The hard limits of a job, by name, in the order of the form. */
export function limitsOf(job: JobRow): { name: string; value: string }[] {
	const places = [...wordsOf(CONTINENTS, job.continents), ...job.countries.split(',').filter((code) => code !== '')];
	const factors = wordsOf(FORM_FACTORS, job.formFactors);
	const excluded = wordsOf(PRICING_MODELS, job.excludedPricing);
	const attested = wordsOf(ATTESTATION_KINDS, job.attestations);
	const weights = [
		['uptime', job.uptimeWeight],
		['latency', job.latencyWeight],
		['rating', job.ratingWeight],
		['risk', job.riskWeight],
	] as const;
	const weighed = weights.filter(([, weight]) => weight > 0).map(([name, weight]) => `${name} ${weight / 100} %`);
	return [
		{ name: 'Hardware', value: hardwareOf(job) },
		{ name: 'Memory', value: job.minMemoryGiB === 0 ? 'Any' : `At least ${job.minMemoryGiB} GiB per GPU` },
		{ name: 'Form factor', value: factors.length === 0 ? 'Any' : factors.join(', ') },
		{ name: 'Region', value: places.length === 0 ? 'Anywhere' : places.join(', ') },
		{ name: 'Pricing', value: excluded.length === 0 ? 'Any model' : `Not ${excluded.join(', ').toLowerCase()}` },
		{ name: 'Machines', value: job.maxParts > 1 ? `May be spread over up to ${job.maxParts}` : 'All in one' },
		{ name: 'Attested', value: attested.length === 0 ? 'Nothing asked' : attested.join(', ') },
		{ name: 'Dated token prices', value: datedPricesOf(job) },
		{ name: 'Ranked by', value: weighed.length === 0 ? 'Price alone' : `Price, then ${weighed.join(', ')}` },
	];
}
