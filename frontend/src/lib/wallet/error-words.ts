/** The contracts' errors that a person can meet: what is wrong and what to do. Arguments are those of the error, in its order. */
import { jobStatus, nameOf } from '@necto/contracts';
import { formatMoney, formatTime } from '../format.ts';

export type Words = { message: string; suggestion: string };
type Args = readonly unknown[];

const money = (value: unknown) => formatMoney(typeof value === 'bigint' ? value : 0n, 'exact');
const time = (value: unknown) => formatTime(Number(value));

const WORDS: Readonly<Record<string, (args: Args) => Words>> = {
	// Two errors have this name; both end in what there is and what is needed.
	InsufficientBalance: (args) => ({
		message: `The Escrow holds ${money(args.at(-2))} for this account and ${money(args.at(-1))} is needed.`,
		suggestion: 'Deposit what is missing and try again.',
	}),
	ERC20InsufficientBalance: ([, balance, needed]) => ({
		message: `The wallet holds ${money(balance)} USDC and ${money(needed)} is needed.`,
		suggestion: 'Get more USDC, or choose a smaller amount.',
	}),
	ERC20InsufficientAllowance: ([, allowance, needed]) => ({
		message: `The Escrow’s allowance from this wallet is ${money(allowance)}, but ${money(needed)} is needed.`,
		suggestion: 'Approve the amount first.',
	}),
	WrongStatus: ([job, current]) => ({
		message: `Job ${job} is ${statusName(current)}: this can no longer be done, or not yet.`,
		suggestion: 'Look at the job: something else happened first.',
	}),
	NotRequester: ([job]) => ({
		message: `Only the buyer of job ${job} may do this.`,
		suggestion: "Connect the wallet that asked for it or, of a team's job, one that is a User of the team now.",
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
	// The account in the error need not be the sender: an extension counts in the budget of the job's requester.
	TeamRoleRequired: ([team, person]) => ({
		message: `The role of ${person} in team ${team} does not allow this.`,
		suggestion: 'Ask an admin of the team to change it.',
	}),
	DeadlinePassed: ([job, deadline]) => ({
		message: `The deadline of job ${job} was ${time(deadline)}.`,
		suggestion: 'Look at the job: it says what can be done now.',
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
	ListingOffline: ([listing]) => ({
		message: `Listing ${listing} is offline: it takes no new jobs, and none may run longer there.`,
		suggestion: 'Its provider can bring it online again; a buyer can request a new job instead.',
	}),
	IsPaused: () => ({
		message: 'New requests are paused on this installation.',
		suggestion: 'Running jobs and withdrawals are not: try again later.',
	}),
	InvalidRouteDeadline: ([, earliest, latest]) => ({
		message: `The deadline for finding a provider must lie between ${time(earliest)} and ${time(latest)}.`,
		suggestion: 'Choose another one.',
	}),
	InvalidDuration: ([duration, shortest, longest]) => ({
		message: `A job of ${duration} seconds is outside of what is allowed: ${shortest} to ${longest} seconds in all.`,
		suggestion: 'Choose another duration.',
	}),
	InvalidStartWindow: ([, shortest, longest]) => ({
		message: `The time to start must be between ${shortest} and ${longest} seconds.`,
		suggestion: 'Choose another one.',
	}),
	InvalidAvailability: () => ({
		message: 'The end of the availability lies before its start, or in the past.',
		suggestion: 'Choose a later end.',
	}),
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
	RealMoneyChain: () => ({
		message: 'Test USDC cannot be minted on this chain.',
		suggestion: 'Send USDC to your wallet instead.',
	}),
	MintTooLarge: ([, maximum]) => ({
		message: `At most ${money(maximum)} of test USDC can be minted at once.`,
		suggestion: 'Enter a smaller amount.',
	}),
	TermsMismatch: ([job]) => ({
		message: `What was agreed for job ${job} has changed since this page read it.`,
		suggestion: 'Wait until the page shows the new state, then try again.',
	}),
	UnknownJob: ([job]) => ({
		message: `There is no job ${job} on this chain.`,
		suggestion: 'The installation may have been deployed anew: reload the page.',
	}),
	RequestMismatch: ([job]) => ({
		message: `This is not what was asked for in job ${job}.`,
		suggestion: 'Reload the page and try again.',
	}),
	ZeroGpuModel: () => ({ message: 'No GPU model is chosen.', suggestion: 'Choose one.' }),
	ZeroGpuCount: () => ({ message: 'No GPUs are asked for.', suggestion: 'Ask for one at least.' }),
	ZeroMaxPrice: () => ({ message: 'The ceiling is zero.', suggestion: 'Say what one GPU may cost for one hour.' }),
	WeightTooLarge: () => ({ message: 'A weight is above 100 %.', suggestion: 'Choose 100 % or less.' }),
	AmountTooLarge: () => ({
		message: 'The total (price × GPUs × duration) exceeds the largest amount that can be locked.',
		suggestion: 'Lower the price, the GPU count or the duration.',
	}),
	InvalidParts: ([, most]) => ({
		message: `The job may be split into 2 to ${most} parts.`,
		suggestion: 'Choose another number of parts.',
	}),
	PartsMismatch: ([sum, count]) => ({
		message: `The parts have ${sum} GPUs together and the job asks for ${count}.`,
		suggestion: 'Reload the page and try again.',
	}),
	RulingTooHigh: ([paid, due]) => ({
		message: `${money(paid)} is more than the ${money(due)} that were due.`,
		suggestion: 'Rule on at most what was due.',
	}),
	InvalidFee: ([, highest]) => ({
		message: `A fee is at most ${Number(highest) / 100} %, and needs somebody who gets it.`,
		suggestion: 'Choose a lower one, or name the treasury.',
	}),
	TeamBudgetExceeded: ([team, limit, spent, wanted]) => ({
		message: `Team ${team} may lock ${money(limit)} in this period, has locked ${money(spent)}, and this needs ${money(wanted)}.`,
		suggestion: 'Ask an admin of the team for a higher budget, or wait for the next period.',
	}),
	MemberBudgetExceeded: ([team, member, limit, spent, wanted]) => ({
		message: `${member} may lock ${money(limit)} of team ${team}'s money in this period, has locked ${money(spent)}, and this needs ${money(wanted)}.`,
		suggestion: 'Ask an admin of the team for a higher budget of this member, or wait for the next period.',
	}),
	UnknownTeam: ([team]) => ({ message: `There is no team ${team}.`, suggestion: 'Reload the page.' }),
	EmptyTeamName: () => ({ message: 'The team has no name.', suggestion: 'Enter one.' }),
	ZeroMember: () => ({ message: 'No member is named.', suggestion: "Enter the member's address." }),
	LastAdmin: ([team]) => ({
		message: `This is the last admin of team ${team}: without one nobody could ever move its money.`,
		suggestion: 'Make somebody else admin first.',
	}),
	InvalidPeriod: ([, shortest, longest]) => ({
		message: `A budget's period lasts ${Number(shortest) / 3_600} to ${Number(longest) / 3_600} hours.`,
		suggestion: 'Choose another one.',
	}),
	InvalidSession: () => ({
		message: 'This session key cannot be granted.',
		suggestion: 'It needs another address than your own, amounts above zero and an end in the future.',
	}),
	NoSession: ([, key]) => ({
		message: `The session key ${key} is not valid for this: it was revoked, has expired, or may not spend this payer’s funds.`,
		suggestion: 'Ask its owner for a new grant.',
	}),
	SessionTotalExceeded: ([, , total, spent, wanted]) => ({
		message: `The session key may lock ${money(total)} in all, has locked ${money(spent)}, and this needs ${money(wanted)}.`,
		suggestion: 'Its owner can raise its cap.',
	}),
	SessionPeriodExceeded: ([, , perPeriod, spent, wanted]) => ({
		message: `The session key may lock ${money(perPeriod)} in each period, has locked ${money(spent)}, and this needs ${money(wanted)}.`,
		suggestion: 'Wait for the next period, or let its owner grant it more.',
	}),
	InvalidSignature: ([signer]) => ({
		message: `The signature is not one of ${signer}.`,
		suggestion: 'Sign again with the right wallet.',
	}),
	SignatureExpired: ([deadline]) => ({
		message: `The signature was good until ${time(deadline)}.`,
		suggestion: 'Sign again.',
	}),
	InvalidAccountNonce: () => ({
		message: 'The signature was used already, or made useless by its signer.',
		suggestion: 'Sign again.',
	}),
	ERC2612ExpiredSignature: ([deadline]) => ({
		message: `The permission to take USDC was good until ${time(deadline)}.`,
		suggestion: 'Try again and sign sooner.',
	}),
	ERC2612InvalidSigner: () => ({
		message: 'The permission to take USDC was not signed by its owner.',
		suggestion: 'Try again; if it stays, approve and deposit first.',
	}),
	NotPayer: () => ({
		message: 'Only the wallet that pays may move its money in like this.',
		suggestion: 'Connect that wallet.',
	}),
	UnexpectedTransfer: ([expected, received]) => ({
		message: `The token moved ${money(received)} and not ${money(expected)}.`,
		suggestion: 'Nothing was taken. Tell whoever runs this installation.',
	}),
	ZeroReceiver: () => ({ message: 'There is nobody to pay to.', suggestion: 'Enter an address.' }),
	ZeroAccount: () => ({ message: 'There is no account to pay into.', suggestion: 'Enter an address.' }),
	InvalidAccount: () => ({
		message: 'This is the account of neither a person nor a team.',
		suggestion: 'Enter an address, or the number of a team.',
	}),
	BondTooSmall: ([, standing, required]) => ({
		message: `The router's bond is ${money(standing)} and ${money(required)} is needed to route.`,
		suggestion: 'Whoever runs the agent has to post a bond.',
	}),
	BondNotFree: ([, leavesAt]) => ({
		message: `The bond can be taken from ${time(leavesAt)}.`,
		suggestion: 'Wait until then.',
	}),
	NotProviderDelegate: ([provider]) => ({
		message: `This wallet neither owns provider ${provider} nor acts for it.`,
		suggestion: "Connect the owner's wallet, or let the owner make this one a delegate.",
	}),
	UnknownProvider: ([provider]) => ({ message: `There is no provider ${provider}.`, suggestion: 'Reload the page.' }),
	UnknownListing: ([listing]) => ({ message: `There is no listing ${listing}.`, suggestion: 'Reload the page.' }),
	ZeroDelegate: () => ({ message: 'No delegate is named.', suggestion: 'Enter an address.' }),
	ZeroBuyer: () => ({ message: 'No buyer is named.', suggestion: 'Enter an address.' }),
	ZeroSubject: () => ({ message: 'Nobody is named.', suggestion: 'Enter an address.' }),
	NotOffered: ([provider]) => ({
		message: `Provider ${provider} is not offered to this wallet.`,
		suggestion: 'Its owner has to offer it first.',
	}),
	InvalidExpiry: ([expiresAt]) => ({
		message: `${time(expiresAt)} is over.`,
		suggestion: 'Choose a time in the future.',
	}),
	UnknownAttestation: ([subject]) => ({
		message: `This was never attested of ${subject}.`,
		suggestion: 'There is nothing to take back.',
	}),
	UnknownAttestations: () => ({
		message: 'An attestation is asked for that nobody can give.',
		suggestion: 'Choose among those that are named.',
	}),
	InvalidTiers: () => ({
		message: 'These price tiers do not fit.',
		suggestion: 'One to ten, hours rising, multipliers above zero, on a listing of your own with one exact price.',
	}),
	InvalidCountry: () => ({ message: 'This is no country.', suggestion: 'Two capital letters such as DE, or nothing.' }),
	InvalidGpuModel: () => ({
		message: 'This is no GPU model of the catalogue.',
		suggestion: 'Choose one from the list.',
	}),
	AttestationMissing: ([subject, , until]) => ({
		message: `Of ${subject} something is not attested that is asked for here, until ${time(until)}.`,
		suggestion: 'Get it attested by a verifier, or ask for less.',
	}),
	BuyerNotAllowed: ([listing]) => ({
		message: `Listing ${listing} serves only buyers that its provider chose.`,
		suggestion: 'Ask the provider to put you on its list.',
	}),
	// Only an extension meets this here: the price of a new job is the agent's business.
	PriceOutsideBand: ([price, floor, ceiling]) => ({
		message: `The job pays ${money(price)} per GPU-hour, and its listing now takes ${money(floor)} to ${money(ceiling)}.`,
		suggestion: 'It cannot be extended at its old price: request a new job for the time after its end.',
	}),
	PriceRisen: ([price, current]) => ({
		message: `The job pays ${money(price)} per GPU-hour and the next one would have to pay ${money(current)}.`,
		suggestion: 'It cannot be extended at its old price: request a new job for the time after its end.',
	}),
	OutsideAvailability: ([from, until]) => ({
		message: `The listing is available ${Number(from) === 0 ? '' : `from ${time(from)} `}${Number(until) === 0 ? 'without end' : `until ${time(until)}`}.`,
		suggestion: 'Choose a shorter time.',
	}),
	ListingVersionChanged: ([listing]) => ({
		message: `Listing ${listing} was changed in the meantime.`,
		suggestion: 'Look at it anew and try again.',
	}),
	AccessControlUnauthorizedAccount: ([account]) => ({
		message: `${account} does not have the role that this needs.`,
		suggestion: 'Connect the wallet that has it.',
	}),
	NotRouter: () => ({ message: 'Only a routing agent may do this.', suggestion: 'Wait for the agent.' }),
	AlreadyUpheld: ([job]) => ({
		message: `The routing of job ${job} was proved wrong already.`,
		suggestion: 'There is nothing left to challenge.',
	}),
	ListingTouched: ([listing]) => ({
		message: `Listing ${listing} changed since the job was requested.`,
		suggestion: 'Only a listing that stood as it is now can be named.',
	}),
	OwnerChanged: ([provider]) => ({
		message: `Provider ${provider} got another owner since the job was requested.`,
		suggestion: 'What is attested of the owner now says nothing of then; name a listing of another provider.',
	}),
	WindowClosed: ([job, closedAt]) => ({
		message: `The routing of job ${job} could be challenged until ${time(closedAt)}.`,
		suggestion: 'It stands.',
	}),
};

function statusName(status: unknown): string {
	try {
		return nameOf(jobStatus, Number(status));
	} catch {
		return `in status ${status}`;
	}
}

/** The message for an error; null for errors that these pages cannot cause. */
export function wordsOfError(name: string, args: Args): Words | null {
	return WORDS[name]?.(args) ?? null;
}
