import fc from 'fast-check';
import { concat, type Hex, keccak256 } from 'viem';
import { describe, expect, test } from 'vitest';
import { type Candidate, candidateLeaf, candidateProof, candidatesRoot, ZERO_HASH } from '../src/index.ts';

const any: fc.Arbitrary<Candidate> = fc.record({
	key: fc.uuid().map((id) => `vast:${id}`),
	listing: fc.integer({ min: 0, max: 0xffff_ffff }),
	listingVersion: fc.integer({ min: 0, max: 0xffff_ffff }),
	price: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
	distances: fc.record({
		uptime: fc.integer({ min: 0, max: 10_000 }),
		latency: fc.integer({ min: 0, max: 10_000 }),
		rating: fc.integer({ min: 0, max: 10_000 }),
		risk: fc.integer({ min: 0, max: 10_000 }),
	}),
	score: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
});
const ranking = fc.uniqueArray(any, { selector: ({ key }) => key, minLength: 1, maxLength: 20 });

/** OpenZeppelin's `MerkleProof.processProof`, written from its documentation. */
function processProof(proof: readonly Hex[], leaf: Hex): Hex {
	return proof.reduce((hash, sibling) => keccak256(concat(hash < sibling ? [hash, sibling] : [sibling, hash])), leaf);
}

describe('VER-05 the tree of candidates', () => {
	test('has a proof for each candidate that the contracts’ library accepts', () => {
		fc.assert(
			fc.property(ranking, (candidates) => {
				const root = candidatesRoot(candidates);
				for (const candidate of candidates) {
					expect(processProof(candidateProof(candidates, candidate.key), candidateLeaf(candidate))).toBe(root);
				}
			}),
			{ numRuns: 30 },
		);
	});

	test('does not depend on the order, and on everything else', () => {
		fc.assert(
			fc.property(ranking, (candidates) => {
				const root = candidatesRoot(candidates);
				expect(candidatesRoot(candidates.toReversed())).toBe(root);
				const [first, ...rest] = candidates;
				if (first === undefined) return;
				const { distances } = first;
				const changes: Candidate[] = [
					{ ...first, key: `${first.key}x` },
					{ ...first, listing: first.listing === 0 ? 1 : first.listing - 1 },
					{ ...first, listingVersion: first.listingVersion === 0 ? 1 : first.listingVersion - 1 },
					{ ...first, price: first.price === 0n ? 1n : first.price - 1n },
					{ ...first, score: first.score === 0n ? 1n : first.score - 1n },
					...(['uptime', 'latency', 'rating', 'risk'] as const).map((name) => ({
						...first,
						distances: { ...distances, [name]: distances[name] === 0 ? 1 : distances[name] - 1 },
					})),
				];
				for (const changed of changes) expect(candidatesRoot([changed, ...rest])).not.toBe(root);
				expect(candidatesRoot(rest)).not.toBe(root);
			}),
			{ numRuns: 20 },
		);
	});

	test('an empty one is zero, one of one is its leaf', () => {
		expect(candidatesRoot([])).toBe(ZERO_HASH);
		fc.assert(
			fc.property(any, (candidate) => {
				expect(candidatesRoot([candidate])).toBe(candidateLeaf(candidate));
				expect(candidateProof([candidate], candidate.key)).toEqual([]);
			}),
			{ numRuns: 5 },
		);
	});

	test('has no proof for a stranger', () => {
		expect(() => candidateProof([], 'vast:1')).toThrow('No candidate has the key vast:1');
	});
});
