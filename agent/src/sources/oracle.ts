/**
 * Oracle Cloud: its public price list, keyless (`GET /pls/apex/cetools/api/v1/products/?currencyCode=USD`, described at
 * docs.oracle.com/iaas/Content/Billing/Tasks/signingup_topic-Estimating_Costs.htm). The same prices hold in every commercial region, and nothing is said of
 * capacity.
 *
 * `GPU Per Hour` is for one GPU with its share of the host, whatever the shape; shapes have up to eight. Licences (`NVIDIA AI Enterprise`) and appliances
 * (`Cloud@Customer`) have the same unit and are other goods: only known categories count.
 */
import { canonicalGpu } from '@necto/core';
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { ORACLE_SHAPES } from './reading/machines/oracle.ts';
import { Offers, type RawOffer } from './reading/offers.ts';

const priceSchema = z.object({ model: z.string(), value: z.number(), rangeMin: z.number().nullish() });
const itemSchema = z.object({
	partNumber: z.string().min(1),
	displayName: z.string(),
	metricName: z.string(),
	serviceCategory: z.string(),
	currencyCodeLocalizations: z.array(z.object({ currencyCode: z.string(), prices: z.array(priceSchema) })),
});
type Item = z.output<typeof itemSchema>;

/** As the API answers; files that were cut down to the data come without their wrapper. */
const answerSchema = z.union([
	z.object({ items: z.array(z.unknown()) }),
	z.array(z.looseObject({ partNumber: z.unknown() })).transform((items) => ({ items })),
]);

export const oracle: SourceDefinition = {
	id: 'oracle',
	name: 'Oracle Cloud',
	network: 'oracle',
	url: 'https://www.oracle.com/cloud/price-list/',
	about:
		'List prices of a GPU with its share of the machine, the same in every region; they say nothing about capacity.',
	prefix: 'ORACLE',
	baseUrl: 'https://apexapps.oracle.com',
	keys: [],
	needsKeys: false,
	refreshSeconds: 21_600,
	timeoutMs: 60_000,
	fetch: async ({ http, now }, { baseUrl }) =>
		read(await http.json(`${baseUrl}/pls/apex/cetools/api/v1/products/?currencyCode=USD`), now),
	read,
};

function read(body: unknown, taken: number): SourceAnswer {
	const answer = answerSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list products.');
	return new Offers(oracle, taken).read(answer.data.items, itemSchema, offersOf).answer();
}

function offersOf(item: Item): RawOffer[] | string {
	const { partNumber, displayName, metricName, serviceCategory } = item;
	if (!/\bGPU\b/i.test(`${displayName} ${metricName} ${serviceCategory}`)) return 'not a GPU';
	if (/AI Enterprise/i.test(displayName)) return 'with a licence';
	if (!/^Compute - GPU(?: - Other)?$/i.test(serviceCategory)) return 'another good';
	if (metricName !== 'GPU Per Hour') return 'unit not known';
	const prices = item.currencyCodeLocalizations.find(({ currencyCode }) => currencyCode === 'USD')?.prices;
	if (prices === undefined) return 'price in another currency';
	if (prices.some(({ rangeMin }) => (rangeMin ?? 0) > 0)) return 'price in tiers';
	const byModel = new Map(prices.map(({ model, value }) => [model, value]));
	if (prices.some(({ model, value }) => byModel.get(model) !== value)) return 'two prices for one thing';
	const machines = machinesOf(partNumber, displayName);
	if (typeof machines === 'string') return machines;
	const offers = [...byModel].flatMap(([model, value]) =>
		machines.map((machine): RawOffer => {
			// `PAY_AS_YOU_GO` is on demand; every other model is a term of its own.
			const isOnDemand = model === 'PAY_AS_YOU_GO';
			return {
				...machine,
				id: isOnDemand ? machine.id : `${machine.id}/${model}`,
				term: isOnDemand ? null : model.replaceAll('_', ' ').toLowerCase(),
				meaning: 'list-price',
				amount: value,
				per: 'gpu',
				includes: ['cpu', 'ram'],
			};
		}),
	);
	return offers.length === 0 ? 'no price' : offers;
}

/** The shapes that are billed under a part; a part that is in no table is one GPU by its name alone. */
function machinesOf(part: string, displayName: string): Pick<RawOffer, 'id' | 'gpu' | 'model' | 'widest'>[] | string {
	// `OCI- Compute`, `Compute  - GPU - A10`: what follows on GPU names it.
	const name = displayName.replace(/^.*\bGPU\b[\s.-]*/i, '').trim();
	const shapes = ORACLE_SHAPES.get(part);
	if (shapes === undefined) return [{ id: part, gpu: name }];
	const named = canonicalGpu(name);
	const [first] = shapes;
	// A part that was given to another GPU since would put a wrong price on both.
	if (
		'ok' in named &&
		first !== undefined &&
		!named.ok.model.startsWith(first.model) &&
		!first.model.startsWith(named.ok.model)
	) {
		return 'part number and name disagree';
	}
	return shapes.map(({ name: shape, ...machine }) => ({
		...machine,
		id: shape,
		gpu: `${name} (${shape})`,
		widest: machine.gpus[0],
	}));
}
