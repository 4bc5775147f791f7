import type { Address, Hex } from 'viem';
import type { BuyerStanding, RegistryListing } from '../registry/listing.ts';
import type { JobRequest } from '../request/request.ts';
import type { Terms } from '../request/terms.ts';

/** A block by its number and its time. */
export interface ChainBlock {
	number: bigint;
	/** Unix seconds. */
	timestamp: number;
}

/** Why something could not be read from the chain, as a sentence. */
export interface Unread {
	missing: string;
}

/** The ProviderRegistry at the snapshot's block, read from the chain. */
export interface RegistryState {
	block: ChainBlock;
	/** Time of the block after it, in unix seconds; null while there is none. */
	nextTimestamp: number | null;
	/** All listings that exist at the block, in any order. `provider.jobs` is null where the node does not say. */
	listings: readonly RegistryListing[];
}

/** What the registry holds about the requester of a tracked job. */
export interface RequesterStanding {
	/** At the snapshot's block. */
	atSnapshot: BuyerStanding;
	/** At the last block before the route. */
	beforeRoute: BuyerStanding;
}

/** What the verifier read from the chain itself. */
export interface ChainFacts {
	chainId: number;
	/** The JobRegistry. */
	registry: Address;
	jobId: bigint;
	/** From the request's event; its hash binds it to the commitment. */
	request: JobRequest;
	/** The request's block; of a part of a split job, that of the split. */
	requestedIn: ChainBlock;
	/**
	 * Where the job was last opened again before the routing in force, so that a decision on it can only be younger: the block of its JobReopened event or, when the
	 * routing itself took the job from a provider that did not start it, the block in which that provider got it. Null when it was never taken from anybody.
	 */
	reopenedIn: ChainBlock | null;
	/** The job that this one is a part of; null for one that was not made by a split. */
	partOf: bigint | null;
	/** The block of the routing in force. */
	routedIn: ChainBlock;
	/** The listings at the block that the snapshot names, for a block from the request to before the route. */
	registryState: RegistryState | Unread;
	/** Null for an untracked job: which listings admit its buyer would tell who it is. */
	standing: RequesterStanding | Unread | null;
	/** Who asked, if the chain's event names it (tracked jobs) or the verifier knows it otherwise. */
	requester: Address | null;
	tracked: boolean;
	routing: {
		listing: number;
		listingVersion: number;
		provider: Address;
		/** Micro-USD. */
		pricePerGpuHour: bigint;
		candidatesRoot: Hex;
		recordRoot: Hex;
		recordHash: Hex;
	};
	/** What was agreed, as the job's events tell it. The requester of an untracked job, whom they do not name, is the payer of its lock. */
	terms: Terms;
	/**
	 * Listings that had the job before this routing and declined it or did not start it, in any order: of its JobReopened events, and of those of the job
	 * that it is a part of, all that do not say Overturned.
	 */
	refusals: readonly number[];
	/** As stored in the JobRegistry: with it the chain vouches for the terms, and for the commitment in them. */
	termsHash: Hex;
}

/** Which source of token prices said something about which token, and of which time. */
export interface TokenQuestion {
	/** `NOS`. */
	symbol: string;
	/** The source's id, as snapshots name it: `coinbase`. */
	source: string;
	/** Unix seconds. */
	at: number;
}

/** What a source of token prices itself says about a time in the past, asked by the verifier. */
export interface TokenReference extends TokenQuestion {
	/** Lowest and highest USD for one token around that time, decimals above zero. */
	low: string;
	high: string;
}

/** What came of asking a source: its answer, or why there is none. */
export type TokenAnswer = TokenReference | (TokenQuestion & Unread);
