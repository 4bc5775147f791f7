import type { Continent, FormFactor, ListingKind } from '@necto/core';
import type { AccountName } from '../chain/accounts.ts';

/** Price terms as a person writes them: USD per GPU-hour in decimals. */
export type DemoPricing =
	| { model: 'fixed'; rate: string }
	| { model: 'dynamic'; floor: string; ceiling: string }
	| { model: 'token'; token: string; tokenAmount: string; floor: string; ceiling: string };

/** A listing of a demo organisation. CPU, RAM and disk are per GPU. */
export interface DemoListing {
	kind: ListingKind;
	name: string;
	gpuModel: string;
	memoryGiB: number;
	formFactor: FormFactor;
	total: number;
	widest: number;
	continent: Continent;
	country: string;
	region: string;
	network: string;
	vcpus: number;
	ramGiB: number;
	diskGiB: number;
	pricing: DemoPricing;
	/** The rate by the hour of the week, from Monday 00:00 UTC on; multipliers are basis points. */
	tiers?: readonly { hour: number; multiplier: number }[];
}

export interface DemoOrganisation {
	owner: AccountName;
	/** Who changes rates and starts jobs for it, besides the owner. */
	delegate?: AccountName;
	name: string;
	uri: string;
	listings: readonly DemoListing[];
}

const own = { kind: 'own', network: '' } as const;

/**
 * Three made-up organisations. Their hardware and prices are of the size that the market asked in 2026, so that they compete with the
 * offers of other networks; their names say what they are.
 */
export const organisations: readonly DemoOrganisation[] = [
	{
		owner: 'providerA',
		delegate: 'teammate',
		name: 'Nordlicht Compute (demo)',
		uri: 'https://nordlicht.example',
		listings: [
			{
				...own,
				name: 'H100 SXM, Frankfurt',
				gpuModel: 'h100',
				memoryGiB: 80,
				formFactor: 'sxm',
				total: 16,
				widest: 8,
				continent: 'europe',
				country: 'DE',
				region: 'Frankfurt, eu-central',
				vcpus: 26,
				ramGiB: 225,
				diskGiB: 2750,
				pricing: { model: 'fixed', rate: '2.49' },
			},
			{
				...own,
				name: 'A100 80 GB SXM, Stockholm',
				gpuModel: 'a100',
				memoryGiB: 80,
				formFactor: 'sxm',
				total: 32,
				widest: 8,
				continent: 'europe',
				country: 'SE',
				region: 'Stockholm, eu-north',
				vcpus: 30,
				ramGiB: 225,
				diskGiB: 1400,
				pricing: { model: 'dynamic', floor: '1.15', ceiling: '1.89' },
			},
			{
				...own,
				name: 'L40S, Frankfurt',
				gpuModel: 'l40s',
				memoryGiB: 48,
				formFactor: 'pcie',
				total: 12,
				widest: 4,
				continent: 'europe',
				country: 'DE',
				region: 'Frankfurt, eu-central',
				vcpus: 16,
				ramGiB: 96,
				diskGiB: 800,
				pricing: { model: 'fixed', rate: '0.86' },
			},
		],
	},
	{
		owner: 'providerB',
		name: 'Prairie GPU Works (demo)',
		uri: 'https://prairie.example',
		listings: [
			{
				...own,
				name: 'H200 SXM, Kansas City',
				gpuModel: 'h200',
				memoryGiB: 141,
				formFactor: 'sxm',
				total: 8,
				widest: 8,
				continent: 'north-america',
				country: 'US',
				region: 'Kansas City, us-central',
				vcpus: 24,
				ramGiB: 240,
				diskGiB: 3500,
				pricing: { model: 'fixed', rate: '3.29' },
				// A tenth off at weekends.
				tiers: [
					{ hour: 0, multiplier: 10_000 },
					{ hour: 120, multiplier: 9_000 },
				],
			},
			{
				...own,
				name: 'H100 PCIe, Dallas',
				gpuModel: 'h100',
				memoryGiB: 80,
				formFactor: 'pcie',
				total: 8,
				widest: 4,
				continent: 'north-america',
				country: 'US',
				region: 'Dallas, us-south',
				vcpus: 24,
				ramGiB: 190,
				diskGiB: 1900,
				pricing: { model: 'dynamic', floor: '1.95', ceiling: '2.95' },
			},
			{
				...own,
				name: 'RTX 4090, Montreal',
				gpuModel: 'rtx4090',
				memoryGiB: 24,
				formFactor: 'pcie',
				total: 24,
				widest: 4,
				continent: 'north-america',
				country: 'CA',
				region: 'Montreal, ca-east',
				vcpus: 12,
				ramGiB: 48,
				diskGiB: 500,
				pricing: { model: 'fixed', rate: '0.39' },
			},
		],
	},
	{
		owner: 'providerC',
		name: 'Meridian Bridge (demo)',
		uri: 'https://meridian.example',
		listings: [
			{
				kind: 'network',
				network: 'akash',
				name: 'A100 80 GB on Akash',
				gpuModel: 'a100',
				memoryGiB: 80,
				formFactor: 'sxm',
				total: 8,
				widest: 8,
				continent: 'north-america',
				country: 'US',
				region: 'Akash, us-west',
				vcpus: 16,
				ramGiB: 120,
				diskGiB: 1000,
				pricing: { model: 'token', token: 'AKT', tokenAmount: '1.9', floor: '0.5', ceiling: '3' },
			},
			{
				...own,
				name: 'RTX 4090, Singapore',
				gpuModel: 'rtx4090',
				memoryGiB: 24,
				formFactor: 'pcie',
				total: 16,
				widest: 8,
				continent: 'asia',
				country: 'SG',
				region: 'Singapore, ap-southeast',
				vcpus: 8,
				ramGiB: 64,
				diskGiB: 400,
				pricing: { model: 'token', token: 'NOS', tokenAmount: '1.1', floor: '0.12', ceiling: '0.9' },
			},
			{
				...own,
				name: 'H100 SXM, Sao Paulo',
				gpuModel: 'h100',
				memoryGiB: 80,
				formFactor: 'sxm',
				total: 8,
				widest: 8,
				continent: 'south-america',
				country: 'BR',
				region: 'Sao Paulo, sa-east',
				vcpus: 26,
				ramGiB: 200,
				diskGiB: 2000,
				pricing: { model: 'dynamic', floor: '2.2', ceiling: '3.4' },
			},
		],
	},
];
