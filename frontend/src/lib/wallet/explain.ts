import { allAbis } from '@necto/contracts';
import {
	BaseError,
	ContractFunctionRevertedError,
	ContractFunctionZeroDataError,
	decodeErrorResult,
	type Hex,
	HttpRequestError,
	InsufficientFundsError,
	UserRejectedRequestError,
} from 'viem';
import { Problem } from '../problem.ts';
import { type Words, wordsOfError } from './error-words.ts';

/** Whether a wallet was asked and its owner said no. Neutral: nothing failed. */
export function isRejection(error: unknown): boolean {
	return error instanceof BaseError && error.walk((cause) => cause instanceof UserRejectedRequestError) !== null;
}

/** What a failed read, simulation or transaction means, in words: the contracts' own errors decoded, whoever reverted inside. */
export function explain(error: unknown): Problem {
	if (error instanceof Problem) return error;
	if (isRejection(error)) {
		return new Problem(
			{ code: 'rejected', message: 'You declined in the wallet.', suggestion: 'Nothing was sent.' },
			error,
		);
	}
	if (!(error instanceof BaseError)) {
		return new Problem(
			{ code: 'unexpected', message: error instanceof Error ? error.message : String(error), suggestion: 'Try again.' },
			error,
		);
	}
	const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
	if (revert instanceof ContractFunctionRevertedError) {
		const decoded = decodeRevert(revert.raw);
		if (decoded !== null) return new Problem({ code: decoded.name, ...decoded.words }, error);
		return new Problem(
			{ code: 'reverted', message: revert.reason ?? 'The contract refused this.', suggestion: '' },
			error,
		);
	}
	if (error.walk((cause) => cause instanceof InsufficientFundsError) !== null) {
		return new Problem(
			{
				code: 'no_gas',
				message: "This account has too little of the chain's native coin to pay for the transaction.",
				suggestion: 'Send some to it, then try again.',
			},
			error,
		);
	}
	if (error.walk((cause) => cause instanceof ContractFunctionZeroDataError) !== null) {
		return new Problem(
			{
				code: 'no_contract',
				message: 'There is no contract at the expected address.',
				suggestion: 'The wallet may be on another network, or the installation was deployed anew: reload the page.',
			},
			error,
		);
	}
	if (error.walk((cause) => cause instanceof HttpRequestError) !== null) {
		return new Problem(
			{
				code: 'rpc_unreachable',
				message: "The chain's RPC does not answer.",
				suggestion: 'Check your connection and try again; nothing is lost.',
			},
			error,
		);
	}
	return new Problem({ code: 'unexpected', message: error.shortMessage, suggestion: 'Try again.' }, error);
}

function decodeRevert(data: Hex | undefined): { name: string; words: Words } | null {
	if (data === undefined) return null;
	try {
		const { errorName, args } = decodeErrorResult({ abi: allAbis, data });
		const values: readonly unknown[] = args ?? [];
		const words = wordsOfError(errorName, values) ?? {
			message: `The contract refused: ${errorName}(${values.map((value) => describe(value)).join(', ')}).`,
			suggestion: 'Check what you entered.',
		};
		return { name: errorName, words };
	} catch {
		return null;
	}
}

function describe(value: unknown): string {
	return typeof value === 'object'
		? JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each))
		: String(value);
}
