import { offlinePolicy, policyHash, ZERO_HASH } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { limitsOf, wordFor } from './words.ts';

type Job = Parameters<typeof limitsOf>[0];

// Only what limitsOf reads; the schema of the rows has its own test.
const job = {
	gpuModel: 'h100',
	policyHash: ZERO_HASH,
	gpuCount: 8,
	minMemoryGiB: 80,
	formFactors: 0b100,
	continents: 0b110000,
	countries: 'JP',
	excludedPricing: 0b100,
	attestations: 0b101,
	maxParts: 4,
	uptimeWeight: 1250,
	latencyWeight: 0,
	ratingWeight: 0,
	riskWeight: 0,
} as Job;
const limit = (change: Partial<Job>, name: string) =>
	limitsOf({ ...job, ...change }).find((each) => each.name === name)?.value;

describe('a job in words', () => {
	it('names each limit', () => {
		expect(limit({}, 'Hardware')).toBe('8 × H100');
		expect(limit({}, 'Form factor')).toBe('SXM');
		expect(limit({}, 'Region')).toBe('Europe, North America, JP');
		expect(limit({}, 'Pricing')).toBe('Not token');
		expect(limit({}, 'Machines')).toBe('May be spread over up to 4');
		expect(limit({}, 'Attested')).toBe('KYC, SOC 2');
		expect(limit({}, 'Ranked by')).toBe('Price, then uptime 12.5 %');
		expect(limit({}, 'Dated token prices')).toBe('Not accepted');
		expect(limit({ policyHash: policyHash(offlinePolicy) }, 'Dated token prices')).toBe('Accepted');
	});

	it('says when there is no limit', () => {
		const open = { minMemoryGiB: 0, formFactors: 0, continents: 0, countries: '', excludedPricing: 0, uptimeWeight: 0 };
		expect(limit({ maxParts: 1 }, 'Machines')).toBe('All in one');
		expect(limit({ attestations: 0 }, 'Attested')).toBe('Nothing asked');
		expect(['Memory', 'Form factor', 'Region', 'Pricing', 'Ranked by'].map((name) => limit(open, name))).toEqual([
			'Any',
			'Any',
			'Anywhere',
			'Any model',
			'Price alone',
		]);
	});

	it('does not hide bits that it does not know', () => {
		expect(limit({ continents: 1 << 20 }, 'Region')).toContain('unknown');
	});

	it('spells form factors as people do', () => {
		expect([wordFor('pcie'), wordFor('south-america')]).toEqual(['PCIe', 'South America']);
	});
});
