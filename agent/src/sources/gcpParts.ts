/**
 * What the prices of Google's billing catalogue are about, by their descriptions. An allow list of whole descriptions: a price counts only if every word of its
 * description is known, because each further word (`DWS Defined Duration`, `Sole Tenancy`, `Commitment v1:`) makes another good of it.
 */
import { z } from 'zod';

export const skuSchema = z.object({
	description: z.string(),
	category: z.object({ resourceFamily: z.string(), resourceGroup: z.string(), usageType: z.string() }),
	serviceRegions: z.array(z.string()),
	pricingInfo: z
		.array(
			z.object({
				/** Since when it holds. */
				effectiveTime: z.iso.datetime({ offset: true }).nullish(),
				pricingExpression: z.object({
					usageUnit: z.string(),
					tieredRates: z.array(
						z.object({
							startUsageAmount: z.number(),
							unitPrice: z.object({
								currencyCode: z.string(),
								units: z.string().regex(/^\d{1,9}$/),
								nanos: z.int().min(0).max(999_999_999),
							}),
						}),
					),
				}),
			}),
		)
		.min(1),
});
export type Sku = z.output<typeof skuSchema>;

export type Usage = 'on-demand' | 'spot';

/** Names of GPUs, and of slices that hold a GPU with its share of the host (cloud.google.com/skus). */
const GPUS: readonly (readonly [pattern: RegExp, part: string])[] = [
	[/^Nvidia (?:Tesla )?A100 80GB GPU$/i, 'gpu a100 80'],
	[/^Nvidia (?:Tesla )?A100 GPU$/i, 'gpu a100 40'],
	[/^Nvidia H100 80GB GPU$/i, 'gpu h100 80'],
	[/^Nvidia H100 (?:80GB (?:Mega|Plus)|Mega 80GB) GPU$/i, 'gpu h100-mega 80'],
	[/^(?:Nvidia )?H200 141GB GPU$/i, 'gpu h200 141'],
	[/^A4 Nvidia B200 \(1 gpu slice\)$/i, 'slice b200 180'],
	[/^(?:Nvidia )?B200(?: 180GB)? GPU$/i, 'gpu b200 180'],
	[/^A4X Nvidia GB200 \(1 gpu slice\)$/i, 'slice gb200 186'],
	[/^A4X(?: Max)? Nvidia GB300 \(1 gpu slice\)$/i, 'slice gb300 279'],
	[/^(?:Nvidia )?RTX (?:6000 96GB|PRO 6000(?: 96GB)?)(?: GPU)?$/i, 'gpu rtxpro6000s 96'],
	[/^1\/8 vGPU no lssd$/i, 'slice rtxpro6000s 96'],
	[/^Nvidia L4 GPU$/i, 'gpu l4 24'],
	[/^Nvidia Tesla T4 GPU$/i, 'gpu t4 16'],
	[/^Nvidia Tesla V100 GPU$/i, 'gpu v100 16'],
	[/^Nvidia Tesla P100 GPU$/i, 'gpu p100 16'],
	[/^Nvidia Tesla P4 GPU$/i, 'gpu p4 8'],
];

const HOST = /^(A2|A3|A3 ?(?:Plus|Mega)|A3 ?Ultra|A4|A4X|G2|G4|N1 Predefined) Instance (Core|Ram)$/i;
/** As the table of machines calls the families. */
const FAMILIES: Readonly<Record<string, string>> = {
	a2: 'A2',
	a3: 'A3',
	a3plus: 'A3Plus',
	a3mega: 'A3Plus',
	a3ultra: 'A3Ultra',
	a4: 'A4',
	a4x: 'A4X',
	g2: 'G2',
	g4: 'G4',
	n1predefined: 'N1',
};

const DESCRIPTION =
	/^(?:(?:Spot )?Preemptible )?(?<what>.+?)(?: attached to (?:Spot )?Preemptible VMs)? running in (?<where>(?:(?! for \d).)+)$/i;

/** Which part of a machine a price is about: `gpu a100 80`, `slice b200 180`, `core A2`, `ram A2`; null for all other goods. */
export function partOf(description: string): string | null {
	const what = DESCRIPTION.exec(description.trim())?.groups?.what ?? '';
	const gpu = GPUS.find(([pattern]) => pattern.test(what));
	if (gpu !== undefined) return gpu[1];
	const [, family = '', part = ''] = HOST.exec(what) ?? [];
	const known = FAMILIES[family.toLowerCase().replaceAll(' ', '')];
	return known === undefined ? null : `${part.toLowerCase()} ${known}`;
}

/**
 * How a part is used; null for usage that binds the renter for a time. Google marks some spot prices `OnDemand` and says only in the description that they are spot:
 * what either of the two calls spot is spot, since no price of a machine that can be taken back may stand as one that cannot.
 */
export function usageOf({ description, category }: Pick<Sku, 'description' | 'category'>): Usage | null {
	if (category.usageType !== 'OnDemand' && category.usageType !== 'Preemptible') return null;
	return category.usageType === 'Preemptible' || /\b(?:spot|preemptible)\b/i.test(description) ? 'spot' : 'on-demand';
}

/** Why a price that is about no known part makes no offer. */
export function reasonFor({ description, category }: Pick<Sku, 'description' | 'category'>): string {
	const isGpu = category.resourceGroup === 'GPU' || /\b(?:v?gpu|nvidia)\b/i.test(description);
	if (!isGpu) return HOST_WORDS.test(description) ? 'another good' : 'not a GPU';
	if (/commit|reserv|\bdws\b|calendar|defined duration|flex| for \d+ (?:year|month)/i.test(description))
		return 'bound for a time';
	if (/workstation/i.test(description)) return 'with a licence';
	if (/sole tenancy|custom|premium|extended|overcommit/i.test(description)) return 'another good';
	return 'GPU not known';
}

const HOST_WORDS = /^(?:Commitment v1: |Spot Preemptible )?(?:A2|A3|A4|G2|G4|N1)\w* /i;
