/**
 * An operator's own quotes: for networks that are sold by contract and publish no price. Each says who quoted it, where, when, and until when it stands;
 * one that has run out is left out.
 *
 * Aethir is one of these networks and has a row of its own among the sources, so that people see what it takes to have its offers: a quote in the file.
 */

import { startOfDay } from '../time.ts';
import type { SourceAnswer, SourceDefinition } from './asking/source.ts';
import {
	endOf,
	OPERATOR_FILE,
	type OperatorFile,
	type OperatorQuote,
	operatorFileOption,
	operatorQuoteSchema,
	parseOperatorFile,
	problemIn,
	readOperatorFile,
} from './operatorFile.ts';
import { product } from './reading/decimals.ts';
import { Offers, type RawOffer } from './reading/offers.ts';

const AETHIR = 'aethir';

export const operator = define({
	id: 'operator',
	name: 'Own quotes',
	network: 'operator',
	url: null,
	about: 'Quotes that the operator of this agent typed in, each with who gave it, when, and until when it stands.',
	prefix: 'OPERATOR',
	lacking: `No quotes of your own: set ${OPERATOR_FILE} to a file with some to see them.`,
	holds: (network) => network !== AETHIR,
});

export const aethir = define({
	id: AETHIR,
	name: 'Aethir',
	network: AETHIR,
	url: 'https://aethir.com',
	about: 'Sold by contract, with no public price: what is here are quotes that the operator of this agent typed in.',
	prefix: 'AETHIR',
	lacking: `Sold by contract, with no public price: type a quote into a file, name it in ${OPERATOR_FILE}, and it appears here.`,
	holds: (network) => network === AETHIR,
});

function define({
	holds,
	lacking,
	...names
}: Pick<SourceDefinition, 'id' | 'name' | 'network' | 'url' | 'about' | 'prefix'> & {
	lacking: string;
	holds: (network: string) => boolean;
}): SourceDefinition {
	const read = (file: OperatorFile, now: number): SourceAnswer => {
		const offers = new Offers(names, now, 'manual');
		let held = 0;
		for (const [index, row] of file.quotes.entries()) {
			const parsed = operatorQuoteSchema.safeParse(row);
			if (!parsed.success) {
				offers.leave('not of the documented shape');
				offers.cut(`Quote ${index + 1} of the file is wrong at ${problemIn(parsed.error)}`);
			} else if (holds(parsed.data.network)) {
				held++;
				const made = offerOf(parsed.data, now);
				if (typeof made === 'string') offers.leave(made);
				else offers.add(made);
			}
		}
		if (held === 0) offers.cut(`${OPERATOR_FILE} holds no quote for it.`);
		return offers.answer();
	};
	return {
		...names,
		baseUrl: '',
		keys: [],
		needsKeys: false,
		options: operatorFileOption,
		needs: { option: OPERATOR_FILE, lacking },
		refreshSeconds: 60,
		fetch: async ({ now }, { options }) => read(await readOperatorFile(options[OPERATOR_FILE] ?? ''), now),
		read: (body, taken) => read(parseOperatorFile(body), taken),
	};
}

function offerOf(quote: OperatorQuote, now: number): RawOffer | string {
	if (endOf(quote.validUntil) < now) return 'expired';
	const dates = [quote.date, ...(quote.rate === undefined ? [] : [quote.rate.date])].map(startOfDay);
	if (Math.max(...dates) > now) return 'dated in the future';
	return {
		id: quote.id,
		network: quote.network,
		gpu: quote.gpu,
		memoryGiB: quote.memoryGiB,
		gpus: quote.count,
		vcpus: quote.vcpus,
		ramGiB: quote.ramGiB,
		region: quote.region,
		meaning: 'offer',
		amount: quote.rate === undefined ? quote.amount : product(quote.amount, quote.rate.usd),
		per: quote.unit === 'gpu-hour' ? 'gpu' : 'instance',
		widest: quote.count,
		available: quote.available,
		term: termIn(quote),
		rental: { minSeconds: quote.minHours === null ? null : quote.minHours * 3_600, prepaid: quote.prepaid },
		// A converted price is as old as the older of the quote and the rate.
		observedAt: Math.min(...dates),
		origin: `${quote.quotedBy}: ${quote.source}`,
	};
}

const HOURS_A_DAY = 24;

/** The stated term; without one, what is paid ahead or bound for more than a day is no price on demand either. */
function termIn({ term, prepaid, minHours }: OperatorQuote): string | undefined {
	if (term !== undefined) return term;
	if (prepaid === true && (minHours ?? HOURS_A_DAY) > 1)
		return minHours === null ? 'prepaid' : `prepaid, at least ${minHours} h`;
	return minHours !== null && minHours > HOURS_A_DAY ? `commitment, at least ${minHours} h` : undefined;
}
