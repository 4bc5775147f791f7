import { allAbis } from '@necto/contracts';
import { BaseError, decodeErrorResult, type Hex, isHex } from 'viem';

/** The contracts refused. `reason` is the custom error's name, `args` are its arguments in words. */
export class RevertError extends Error {
	override name = 'RevertError';
	readonly reason: string;
	readonly args: readonly unknown[];

	constructor(reason: string, args: readonly unknown[], options?: ErrorOptions) {
		super(`${reason}(${args.map(inWords).join(', ')})`, options);
		this.reason = reason;
		this.args = args;
	}
}

/** What a refusal means for a job. */
export type RevertMeaning =
	/** The listing changed since the decision, or no longer fits: decide again. */
	| 'decide-again'
	/** The job is not waiting for a route any more: look at the chain. */
	| 'look-again'
	/** Too late: the job can only be expired. */
	| 'too-late'
	/** Nothing about the job is wrong (routing is paused, the key has no role): try later, and tell the operator. */
	| 'blocked'
	/** The journal's request is not the one on chain, or worse: nobody can route with it. */
	| 'hopeless';

const MEANINGS: Readonly<Record<string, RevertMeaning>> = {
	ListingVersionChanged: 'decide-again',
	CapacityExhausted: 'decide-again',
	PriceMismatch: 'decide-again',
	PriceOutsideBand: 'decide-again',
	PriceAboveMaximum: 'decide-again',
	ListingOffline: 'decide-again',
	UnknownListing: 'decide-again',
	OutsideAvailability: 'decide-again',
	GpuModelMismatch: 'decide-again',
	MemoryTooSmall: 'decide-again',
	FormFactorMismatch: 'decide-again',
	RegionMismatch: 'decide-again',
	PricingExcluded: 'decide-again',
	MachineTooSmall: 'decide-again',
	AttestationMissing: 'decide-again',
	BuyerNotAllowed: 'decide-again',
	WrongStatus: 'look-again',
	UnknownJob: 'look-again',
	TermsMismatch: 'look-again',
	DeadlinePassed: 'too-late',
	IsPaused: 'blocked',
	NotRouter: 'blocked',
	BondTooSmall: 'blocked',
	RequestMismatch: 'hopeless',
	UnknownAttestations: 'hopeless',
	ZeroRecord: 'hopeless',
	InvalidParts: 'hopeless',
	PartsMismatch: 'hopeless',
};

const WORDS: Readonly<Record<string, string>> = {
	ListingVersionChanged: 'Its provider changed the listing.',
	CapacityExhausted: 'Other jobs took its free GPUs.',
	PriceMismatch: 'Its price changed.',
	PriceOutsideBand: 'The price is outside the band that its provider set.',
	PriceAboveMaximum: 'Its price is above what the job pays.',
	ListingOffline: 'Its provider took it offline.',
	UnknownListing: 'The listing does not exist.',
	OutsideAvailability: 'It is not available for as long as the job may run.',
	MachineTooSmall: 'Its largest machine is too small.',
	AttestationMissing: 'An attestation that the job or the listing asks for is missing or ends too early.',
	BuyerNotAllowed: 'It does not serve this buyer.',
	WrongStatus: 'The job is not waiting for a route.',
	UnknownJob: 'The chain does not have this job.',
	TermsMismatch: 'What is agreed for the job changed meanwhile.',
	DeadlinePassed: 'The deadline is over.',
	DeadlineNotReached: 'The deadline is not over yet.',
	IsPaused: 'The platform has paused new requests and routes.',
	NotRouter: "The agent's key does not have the router role: the platform's administrator has to grant it.",
	BondTooSmall: "The router's bond is too small: post a bond with the router's key.",
	RequestMismatch: 'The request is not the one that was made.',
	UnknownAttestations: 'The job asks for attestations that do not exist.',
	InvalidParts: 'The job may not be split into so many parts.',
	PartsMismatch: 'The parts do not add up to the job.',
	NotParty: 'Only the parties may do this yet.',
};

/** A refusal for people. Never its arguments: they can hold the address of an untracked job's buyer. */
export function wordsOf(revert: RevertError): string {
	return WORDS[revert.reason] ?? `The contracts answered ${revert.reason}.`;
}

/** Errors that are not in the table are tried again later: nothing is given up because a name is new. */
export function meaningOf(revert: RevertError): RevertMeaning {
	return MEANINGS[revert.reason] ?? 'blocked';
}

/** Finds the contract's own error in whatever a call threw; null when it was not a revert. */
export function revertOf(error: unknown): RevertError | null {
	if (error instanceof RevertError) return error;
	if (!(error instanceof BaseError)) return null;
	const data = revertData(error);
	if (data !== null && data !== '0x') {
		try {
			const { errorName, args } = decodeErrorResult({ abi: allAbis, data });
			return new RevertError(errorName, args ?? [], { cause: error });
		} catch {
			return new RevertError('UnknownError', [data.slice(0, 10)], { cause: error });
		}
	}
	const reverted = error.walk((inner) => inner instanceof BaseError && inner.name === 'ExecutionRevertedError');
	return reverted === null ? null : new RevertError('NoReason', [], { cause: error });
}

function revertData(error: BaseError): Hex | null {
	let found: Hex | null = null;
	error.walk((inner) => {
		if (typeof inner !== 'object' || inner === null || !('data' in inner)) return false;
		// RPC servers put the data there directly or one level deeper.
		const data: unknown = inner.data;
		const value = typeof data === 'object' && data !== null && 'data' in data ? data.data : data;
		if (!isHex(value)) return false;
		found = value;
		return true;
	});
	return found;
}

function inWords(value: unknown): string {
	if (typeof value === 'object' && value !== null) {
		return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
	}
	return String(value);
}
