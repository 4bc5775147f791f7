/**
 * What a verification reads from the settlement chain, as an interface: core does no I/O. `chainReader` of `@necto/contracts` implements it with a viem
 * client. All values are as viem decodes them. Ranges of blocks include both ends; a node may refuse wide ones.
 */
import type { Address, Hex } from 'viem';
import type { Tier } from '../offer/tiers.ts';
import type { ChainRequest, Routing } from '../request/chain.ts';

/** `Pricing` of `ProviderRegistry`. */
export interface ChainPricing {
	readonly model: number;
	/** Micro-USD per GPU-hour, as are `floor` and `ceiling`. */
	readonly rate: bigint;
	readonly floor: bigint;
	readonly ceiling: bigint;
	/** Millionths of a token per GPU-hour. */
	readonly tokenAmount: bigint;
	/** Zero-padded ASCII, 8 bytes. */
	readonly token: Hex;
}

/** `Hardware` of `ProviderRegistry`. */
export interface ChainHardware {
	/** Zero-padded ASCII, 16 bytes. */
	readonly gpuModel: Hex;
	readonly memoryGiB: number;
	readonly formFactor: number;
	readonly total: number;
	readonly widest: number;
	readonly continent: number;
	/** Zero-padded ASCII, 2 bytes. */
	readonly country: Hex;
	/** Unix seconds; 0 is open. */
	readonly availableFrom: number;
	readonly availableUntil: number;
}

/** What a provider writes about a listing; it is in an event alone. */
export interface ChainDescription {
	readonly name: string;
	readonly region: string;
	readonly network: string;
	readonly vcpus: number;
	readonly ramGiB: number;
	readonly diskGiB: number;
}

export interface ChainAccessRules {
	readonly attestations: number;
	readonly allowListOnly: boolean;
}

/** What `getListing` answers. */
export interface ChainListing extends ChainPricing, ChainHardware {
	readonly provider: number;
	readonly version: number;
	readonly kind: number;
	readonly reserved: number;
	readonly offline: boolean;
	readonly tiered: boolean;
	readonly restricted: boolean;
}

/** What `getProvider` answers. */
export interface ChainProvider {
	readonly owner: Address;
	readonly completed: number;
	readonly failed: number;
	readonly disputed: number;
}

interface Changed {
	readonly listing: number;
	readonly version: number;
}

interface Reservation {
	readonly listing: number;
	readonly gpuCount: number;
	/** After the event. */
	readonly reserved: number;
}

/** The arguments of the ProviderRegistry's events, by their names. */
interface RegistryEvents {
	ProviderRegistered: { readonly provider: number; readonly owner: Address; readonly name: string };
	ProviderUpdated: { readonly provider: number; readonly name: string };
	ProviderOffered: { readonly provider: number };
	ProviderTransferred: { readonly provider: number; readonly to: Address };
	DelegateSet: { readonly provider: number };
	ListingAdded: {
		readonly listing: number;
		readonly provider: number;
		readonly kind: number;
		readonly hardware: ChainHardware;
		readonly pricing: ChainPricing;
		readonly description: ChainDescription;
	};
	PricingChanged: Changed & { readonly pricing: ChainPricing };
	CapacityChanged: Changed & { readonly total: number; readonly offline: boolean };
	AvailabilityChanged: Changed & Pick<ChainHardware, 'availableFrom' | 'availableUntil'>;
	TiersChanged: Changed & { readonly tiers: readonly Tier[] };
	AccessRulesChanged: Changed & { readonly rules: ChainAccessRules };
	CapacityReserved: Reservation;
	CapacityReleased: Reservation;
	Attested: { readonly subject: Address; readonly kind: number; readonly expiresAt: number };
	AttestationRevoked: { readonly subject: Address; readonly kind: number };
	BuyerAllowed: { readonly provider: number; readonly buyer: Address; readonly allowed: boolean };
}

/** Events that hold what providers wrote: names and places are in no state. */
export type DescribingName = 'ListingAdded' | 'ProviderRegistered' | 'ProviderUpdated';

/** A decoded event of the ProviderRegistry. */
export type RegistryLog<Name extends keyof RegistryEvents = keyof RegistryEvents> = {
	[Each in Name]: {
		readonly eventName: Each;
		readonly args: RegistryEvents[Each];
		readonly blockNumber: bigint;
	};
}[Name];

/** The ProviderRegistry at blocks of the past. Every method throws what the node or the client says when it does not answer. */
export interface RegistryReader {
	/** Time of a block in unix seconds. */
	timestamp(block: bigint): Promise<number>;
	listingCount(block: bigint): Promise<number>;
	listing(id: number, block: bigint): Promise<ChainListing>;
	tiers(listing: number, block: bigint): Promise<readonly Tier[]>;
	accessRules(listing: number, block: bigint): Promise<ChainAccessRules>;
	provider(id: number, block: bigint): Promise<ChainProvider>;
	/** Last second of an attestation in unix seconds; null if the subject does not hold it. `kind` is an index of ATTESTATION_KINDS. */
	attestation(subject: Address, kind: number, block: bigint): Promise<number | null>;
	isBuyerAllowed(provider: number, buyer: Address, block: bigint): Promise<boolean>;
	/** In the order of the chain. */
	registryLogs(fromBlock: bigint, toBlock: bigint): Promise<readonly RegistryLog[]>;
	/** Those of the events that describe providers and listings. */
	describingLogs(fromBlock: bigint, toBlock: bigint): Promise<readonly RegistryLog<DescribingName>[]>;
}

/** An event and its place in the chain. */
export interface JobLog<Args> {
	readonly args: Args;
	readonly blockNumber: bigint;
	/** Among the logs of the block. */
	readonly logIndex: number;
}

export interface RequestedArgs {
	/** Zero for an untracked job. */
	readonly requester: Address;
	readonly locked: bigint;
	readonly request: ChainRequest;
}

export interface RoutedArgs extends Readonly<Routing> {
	readonly provider: Address;
	/** Basis points. */
	readonly fee: number;
	readonly router: Address;
	readonly commitment: Hex;
}

/** The JobRegistry and the events of its jobs. Methods with a range give the events of one job in the order of the chain. */
export interface JobReader {
	chainId(): Promise<number>;
	/** The newest block. */
	blockNumber(): Promise<bigint>;
	/** Time of a block in unix seconds. */
	timestamp(block: bigint): Promise<number>;
	/** The job's state now. `status` is a name of the contract's enum. */
	job(id: bigint): Promise<{ readonly termsHash: Hex; readonly status: string }>;
	requested(job: bigint, fromBlock: bigint, toBlock: bigint): Promise<readonly JobLog<RequestedArgs>[]>;
	routed(job: bigint, fromBlock: bigint, toBlock: bigint): Promise<readonly JobLog<RoutedArgs>[]>;
	extended(
		job: bigint,
		fromBlock: bigint,
		toBlock: bigint,
	): Promise<readonly JobLog<{ readonly duration: number; readonly locked: bigint }>[]>;
	reopened(
		job: bigint,
		fromBlock: bigint,
		toBlock: bigint,
	): Promise<readonly JobLog<{ readonly listing: number; readonly reason: string }>[]>;
	/** Of all jobs. */
	splits(
		fromBlock: bigint,
		toBlock: bigint,
	): Promise<readonly JobLog<{ readonly job: bigint; readonly firstPart: bigint; readonly parts: number }>[]>;
	/**
	 * Who paid for a job, by the lock in the block of its request.
	 *
	 * @throws Error if there is no lock or a team paid
	 */
	payer(job: bigint, block: bigint): Promise<Address>;
}

/** All that a verification asks the chain. */
export type ChainReader = RegistryReader & JobReader;
