/**
 * Render Network: what a card-hour's worth of rendering comes to. An estimate: Render sells frames by OctaneBench-hours in euros, not machines, has no price
 * interface, and its compute arm (Dispersed) publishes no price list.
 *
 *     USD for a card-hour = OctaneBench points of the card ÷ point-hours for a euro in the tier × dollars for a euro
 *
 * Two of the three have no source that could be asked or cited: Render's documentation gives the point-hours for a credit (100 in tier 2, 200 in tier 3) but
 * contradicts an older page of OTOY about what a credit costs, and OctaneBench's scores are not published in a form to build on. So nothing is assumed: all
 * three come from the operator's file with their origin, or there is no estimate.
 */

import { parseDecimal } from '@necto/core';
import { startOfDay } from '../time.ts';
import type { SourceAnswer, SourceDefinition } from './asking/source.ts';
import {
	endOf,
	OPERATOR_FILE,
	type OperatorFile,
	operatorFileOption,
	parseOperatorFile,
	type RenderFigures,
	readOperatorFile,
} from './operatorFile.ts';
import { decimalOf } from './reading/decimals.ts';
import { Offers } from './reading/offers.ts';

const FIGURES = 'OctaneBench scores, point-hours for a euro in a tier, and dollars for a euro, each with its origin';

export const render: SourceDefinition = {
	id: 'render',
	name: 'Render',
	network: 'render',
	url: 'https://rendernetwork.com',
	about: 'What a card-hour of rendering comes to, by the operator’s figures: an estimate, as no machine is rented.',
	prefix: 'RENDER',
	baseUrl: '',
	keys: [],
	needsKeys: false,
	options: operatorFileOption,
	needs: {
		option: OPERATOR_FILE,
		lacking: `No price for a GPU-hour. For an estimate, set ${OPERATOR_FILE} to a file with ${FIGURES}.`,
	},
	refreshSeconds: 60,
	fetch: async ({ now }, { options }) => read(await readOperatorFile(options[OPERATOR_FILE] ?? ''), now),
	read: (body, taken) => read(parseOperatorFile(body), taken),
};

function read({ render: figures }: OperatorFile, now: number): SourceAnswer {
	const offers = new Offers(render, now, 'manual');
	if (figures === undefined) {
		offers.cut(`${OPERATOR_FILE} lacks 'render': ${FIGURES}.`);
		return offers.answer();
	}
	if (endOf(figures.validUntil) < now) {
		offers.leave('expired', figures.scores.length);
		return offers.answer();
	}
	for (const score of figures.scores) {
		const observedAt = oldest(figures, score.date);
		if (observedAt > now) offers.leave('dated in the future');
		else {
			offers.add({
				id: `${score.gpu}/${figures.tier}`,
				gpu: score.gpu,
				pricing: 'token',
				meaning: 'estimate',
				amount: usdPerHour(score.value, figures),
				per: 'gpu',
				observedAt,
				origin: [score.source, figures.pointHoursPerEuro.source, figures.usdPerEuro.source].join('; '),
			});
		}
	}
	return offers.answer();
}

function usdPerHour(points: string, { pointHoursPerEuro, usdPerEuro }: RenderFigures): string {
	const score = parseDecimal(points);
	const hours = parseDecimal(pointHoursPerEuro.value);
	const rate = parseDecimal(usdPerEuro.usd);
	return decimalOf({
		numerator: score.numerator * hours.denominator * rate.numerator,
		denominator: score.denominator * hours.numerator * rate.denominator,
	});
}

/** An estimate is as old as the oldest figure in it. */
function oldest({ pointHoursPerEuro, usdPerEuro }: RenderFigures, scored: string): number {
	return Math.min(...[pointHoursPerEuro.date, usdPerEuro.date, scored].map(startOfDay));
}
