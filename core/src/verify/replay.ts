import type { Hex } from 'viem';
import { z } from 'zod';
import { decide } from '../decide/decide.ts';
import { type Decision, decisionSchema, type JobRef } from '../decide/decision.ts';
import { address, jobId } from '../ids.ts';
import { canonicalText } from '../json/canonical.ts';
import type { DecisionRecord } from '../record/record.ts';
import type { MarketSnapshot } from '../snapshot/snapshot.ts';
import { failed, type Outcome, type Run, reasonOf, same } from './checks.ts';
import type { ChainFacts } from './facts.ts';

/** The decision, made again, against what the record says. */
export function replayChecks(check: Run, record: DecisionRecord, snapshot: MarketSnapshot, chain: ChainFacts): void {
	let replay: z.input<typeof decisionSchema>;
	let own: z.input<typeof decisionSchema>;
	let root: Hex;
	try {
		const job: JobRef = {
			chainId: chain.chainId,
			registry: address(chain.registry),
			id: jobId(chain.jobId),
			requester: null,
		};
		const decision = decide({
			job,
			request: chain.request,
			snapshot,
			policy: record.policy,
			admitted: record.admitted,
			passedOver: record.passedOver,
		});
		replay = z.encode(decisionSchema, decision);
		own = z.encode(decisionSchema, decisionPart(record));
		root = decision.candidatesRoot;
	} catch (error) {
		for (const id of ['normalisation', 'exclusions', 'ranking', 'candidates-root', 'choice'] as const) {
			check(id, () => failed('a decision that can be replayed', reasonOf(error)));
		}
		return;
	}
	check('normalisation', () => sameList(replay.offers, own.offers, 'price'));
	check('exclusions', () => sameList(replay.exclusions, own.exclusions, 'exclusion'));
	check('ranking', () => sameList(replay.ranking, own.ranking, 'place'));
	check('candidates-root', () => {
		const committed = chain.routing.candidatesRoot.toLowerCase();
		return same(root, own.candidatesRoot === root ? committed : own.candidatesRoot);
	});
	check('choice', () => {
		const part = ({ outcome, admitted, passedOver, chosen, cheapestCompareOnly, summary }: typeof replay) =>
			canonicalText({ admitted, chosen, cheapestCompareOnly, outcome, passedOver, summary });
		return same(part(replay), part(own));
	});
}

function decisionPart(record: DecisionRecord): Decision {
	const { outcome, admitted, passedOver, offers, exclusions, ranking, chosen, cheapestCompareOnly } = record;
	const { candidatesRoot, summary } = record;
	return {
		...{ outcome, admitted, passedOver, offers, exclusions, ranking },
		...{ chosen, cheapestCompareOnly, candidatesRoot, summary },
	};
}

/** Two lists, compared item by item; the first difference is shown. */
function sameList(expected: readonly unknown[], found: readonly unknown[], noun: string): Outcome {
	if (expected.length !== found.length) return failed(`${expected.length} × ${noun}`, `${found.length} × ${noun}`);
	for (const [index, item] of expected.entries()) {
		const [wanted, had] = [canonicalText(item), canonicalText(found[index])];
		if (wanted !== had) return failed(`${noun} ${index + 1}: ${wanted}`, `${noun} ${index + 1}: ${had}`);
	}
	const all = `${expected.length} × ${noun}, replayed`;
	return same(all, all);
}
