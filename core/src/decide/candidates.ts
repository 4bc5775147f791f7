import { concat, encodeAbiParameters, type Hex, keccak256, parseAbiParameters, stringToBytes } from 'viem';
import { ZERO_HASH } from '../ids.ts';
import { byText } from '../snapshot/snapshot.ts';
import type { Distances } from './rank.ts';

/**
 * The Merkle tree over a ranking. It has the shape of OpenZeppelin's standard tree (leaves hashed twice and sorted, pairs sorted), so
 * `MerkleProof.verify` of the contracts reads its proofs. Written out here because the tree is forty lines and its library brings
 * an ABI coder of its own into every page.
 */

/** One line of a ranking as the tree holds it. */
export interface Candidate {
	key: string;
	/** 0 when nobody fulfils it through Necto. */
	listing: number;
	listingVersion: number;
	/** Micro-USD per GPU-hour. */
	price: bigint;
	distances: Distances;
	score: bigint;
}

const LEAF = parseAbiParameters(
	'bytes32 keyHash, uint32 listing, uint32 listingVersion, uint64 price, uint16 uptimeDistance, uint16 latencyDistance, uint16 ratingDistance, uint16 riskDistance, uint128 score',
);

/** `keccak256(keccak256(abi.encode(...)))`: hashed twice so that no inner hash of the tree can pass for a leaf. */
export function candidateLeaf(candidate: Candidate): Hex {
	const { distances } = candidate;
	return keccak256(
		keccak256(
			encodeAbiParameters(LEAF, [
				keccak256(stringToBytes(candidate.key)),
				candidate.listing,
				candidate.listingVersion,
				candidate.price,
				distances.uptime,
				distances.latency,
				distances.rating,
				distances.risk,
				candidate.score,
			]),
		),
	);
}

/** Root first, the children of `i` at `2i + 1` and `2i + 2`, the leaves at the end in reverse order. */
function treeOf(leaves: readonly Hex[]): Hex[] {
	const reversed = leaves.toSorted(byText).reverse();
	const tree = [...Array<Hex>(leaves.length - 1).fill(ZERO_HASH), ...reversed];
	for (let index = leaves.length - 2; index >= 0; index--) {
		const pair = [tree[2 * index + 1] ?? ZERO_HASH, tree[2 * index + 2] ?? ZERO_HASH].sort(byText);
		tree[index] = keccak256(concat(pair));
	}
	return tree;
}

/** The root that goes on chain; zero for an empty ranking. Does not depend on the ranking's order. */
export function candidatesRoot(ranking: readonly Candidate[]): Hex {
	if (ranking.length === 0) return ZERO_HASH;
	return treeOf(ranking.map(candidateLeaf))[0] ?? ZERO_HASH;
}

/** The siblings on the way from a candidate to the root. @throws RangeError when the ranking does not hold the key */
export function candidateProof(ranking: readonly Candidate[], key: string): Hex[] {
	const candidate = ranking.find((each) => each.key === key);
	if (candidate === undefined) throw new RangeError(`No candidate has the key ${key}.`);
	const tree = treeOf(ranking.map(candidateLeaf));
	const proof: Hex[] = [];
	for (let index = tree.lastIndexOf(candidateLeaf(candidate)); index > 0; index = (index - 1) >> 1) {
		proof.push(tree[index % 2 === 0 ? index - 1 : index + 1] ?? ZERO_HASH);
	}
	return proof;
}
