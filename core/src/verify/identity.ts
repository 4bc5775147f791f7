import { address } from '../ids.ts';
import { textOf } from '../json/canonical.ts';
import type { DecisionRecord } from '../record/record.ts';
import { failed, notRun, type Outcome, same } from './checks.ts';
import type { ChainFacts } from './facts.ts';

/**
 * A tracked job's record names the requester that the chain names. An untracked one's names nobody: it has no place for a requester, and the
 * requester's address, if the verifier knows it, occurs neither in it nor in the snapshot, except as a provider's.
 */
export function identity(
	record: DecisionRecord,
	recordBytes: Uint8Array,
	snapshotBytes: Uint8Array | null,
	chain: ChainFacts,
): Outcome {
	const named = record.job.requester;
	if (chain.tracked && chain.request.tracked) {
		return same(chain.requester === null ? 'a requester' : address(chain.requester), named ?? 'nobody');
	}
	const nobody = 'names nobody';
	if (named !== undefined) return failed(nobody, `names ${named} as the requester`);
	if (record.admitted.length > 0) {
		return failed(nobody, `names listing ${record.admitted.join(', ')} as open to the requester`);
	}
	if (record.request.team !== 0) return failed(nobody, `names team ${record.request.team}`);
	if (snapshotBytes === null) return notRun(nobody, 'the record names nobody; the snapshot is missing');
	if (chain.requester !== null) {
		const who = address(chain.requester).slice(2);
		for (const [file, bytes] of [
			['record', recordBytes],
			['snapshot', snapshotBytes],
		] as const) {
			const text = textOf(bytes).toLowerCase().replaceAll(`"provider":"0x${who}"`, '');
			if (text.includes(who)) return failed(nobody, `the ${file} holds the requester's address`);
		}
	}
	return same(nobody, nobody);
}
