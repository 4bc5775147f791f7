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
	WrongStatus: 'look-again',
	UnknownJob: 'look-again',
	DeadlinePassed: 'too-late',
	IsPaused: 'blocked',
	NotRouter: 'blocked',
	RequestMismatch: 'hopeless',
	ZeroRecord: 'hopeless',
};

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
