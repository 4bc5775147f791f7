import { allAbis, jobStatus, nameOf } from '@necto/contracts';
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
import { formatMoney, formatTime } from '../format.ts';
import { Problem } from '../problem.ts';

type Words = { message: string; suggestion?: string };
type Args = readonly unknown[];

const money = (value: unknown) => formatMoney(typeof value === 'bigint' ? value : 0n, 'exact');
const time = (value: unknown) => formatTime(Number(value));

/** The contracts' errors that a person can meet, in words. The others show their name and values. */
const WORDS: Readonly<Record<string, (args: Args) => Words>> = {
	InsufficientBalance: ([, available, required]) => ({
		message: `The Escrow holds ${money(available)} for this account and ${money(required)} is needed.`,
		suggestion: 'Deposit what is missing and try again.',
	}),
	ERC20InsufficientBalance: ([, balance, needed]) => ({
		message: `The wallet holds ${money(balance)} USDC and ${money(needed)} is needed.`,
		suggestion: 'Get more USDC, or choose a smaller amount.',
	}),
	ERC20InsufficientAllowance: ([, allowance, needed]) => ({
		message: `The Escrow may take ${money(allowance)} from this wallet and ${money(needed)} is needed.`,
		suggestion: 'Approve the amount first.',
	}),
	WrongStatus: ([job, current]) => ({
		message: `Job ${job} is ${statusName(current)}: this can no longer be done, or not yet.`,
		suggestion: 'Look at the job: something else happened first.',
	}),
	NotRequester: ([job]) => ({
		message: `Only the buyer of job ${job} may do this.`,
		suggestion: 'Connect the wallet that asked for it.',
	}),
	NotProvider: ([job]) => ({
		message: `Only the provider of job ${job} may do this.`,
		suggestion: 'Connect the wallet of the provider.',
	}),
	NotParty: ([job]) => ({
		message: `Only the buyer, their team or the provider of job ${job} may do this now.`,
		suggestion: 'Connect one of their wallets, or wait for the deadline.',
	}),
	NotProviderOwner: ([provider]) => ({
		message: `Provider ${provider} belongs to another wallet.`,
		suggestion: "Connect the owner's wallet.",
	}),
	TeamRoleRequired: ([team]) => ({
		message: `This wallet's role in team ${team} does not allow this.`,
		suggestion: 'Ask an admin of the team.',
	}),
	DeadlinePassed: ([job, deadline]) => ({
		message: `The deadline of job ${job} was ${time(deadline)}.`,
		suggestion: 'It can be expired, which gives the money back.',
	}),
	DeadlineNotReached: ([job, deadline]) => ({
		message: `For job ${job} this can be done from ${time(deadline)}.`,
		suggestion: 'Wait until then.',
	}),
	CapacityExhausted: ([listing, wanted, free]) => ({
		message: `Listing ${listing} has ${free} GPUs free and ${wanted} are wanted.`,
		suggestion: 'Somebody else was faster.',
	}),
	CapacityBelowReserved: ([total, reserved]) => ({
		message: `${reserved} GPUs of this listing are in use, so ${total} are too few.`,
		suggestion: 'Choose at least that many, or take the listing offline for new jobs.',
	}),
	ListingOffline: ([listing]) => ({ message: `Listing ${listing} is offline.`, suggestion: 'Bring it online first.' }),
	IsPaused: () => ({
		message: 'New requests are paused on this installation.',
		suggestion: 'Running jobs and withdrawals are not: try again later.',
	}),
	InvalidRouteDeadline: ([, earliest, latest]) => ({
		message: `The deadline for finding a provider must lie between ${time(earliest)} and ${time(latest)}.`,
		suggestion: 'Choose another one.',
	}),
	InvalidDuration: ([, longest]) => ({ message: `A job may last at most ${Number(longest) / 3_600} hours.` }),
	InvalidStartWindow: ([, shortest, longest]) => ({
		message: `The time to start must be between ${shortest} and ${longest} seconds.`,
	}),
	InvalidAvailability: () => ({ message: 'The end of the availability lies before its start, or in the past.' }),
	InvalidPricing: () => ({
		message: 'These prices do not fit together.',
		suggestion: 'A rate is above zero, and a floor is not above its ceiling.',
	}),
	InvalidCapacity: ([total, widest]) => ({
		message: `A machine of ${widest} GPUs does not fit into ${total}.`,
		suggestion: 'The widest machine has between 1 and all of the GPUs.',
	}),
	UntrackedTeamJob: () => ({
		message: "A team's job is always tracked: its budget is everybody's.",
		suggestion: 'Choose tracked, or pay for the job yourself.',
	}),
	ZeroAmount: () => ({ message: 'The amount is zero.', suggestion: 'Enter an amount above zero.' }),
	EmptyName: () => ({ message: 'A name is missing.', suggestion: 'Enter one.' }),
	MissingNetwork: () => ({ message: 'A network listing must name its network.', suggestion: 'Enter it, e.g. akash.' }),
	UnexpectedNetwork: () => ({
		message: 'A listing of own hardware names no network.',
		suggestion: 'Leave the network empty, or list it as a network listing.',
	}),
	RealMoneyChain: () => ({ message: 'There is no test money on this chain.' }),
};

function statusName(status: unknown): string {
	try {
		return nameOf(jobStatus, Number(status));
	} catch {
		return `in status ${status}`;
	}
}

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
				message: "This account has not enough of the chain's own coin to pay for the transaction.",
				suggestion: 'Send it some, then try again.',
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
		const values: Args = args ?? [];
		const words = WORDS[errorName]?.(values) ?? {
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
