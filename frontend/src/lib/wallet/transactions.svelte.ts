import { simulateContract, switchChain, writeContract } from '@wagmi/core';
import {
	type Abi,
	type Address,
	type ContractFunctionArgs,
	type ContractFunctionName,
	type EncodeFunctionDataParameters,
	encodeFunctionData,
	type Hash,
	type Hex,
	keccak256,
	type TransactionReceipt,
} from 'viem';
import { estimateContractGas } from 'viem/actions';
import { Problem } from '../problem.ts';
import { explain } from './explain.ts';
import type { Fate } from './follow.ts';
import { dropIntent, keepIntent } from './intents.ts';
import { isOpen, type Kept, keep, keptAt, sameIn } from './kept.ts';
import { withLock, withLockIfFree } from './locks.ts';
import type { Place } from './place.ts';
import { finish, problemOfFate, settle } from './resume.ts';
import { driverLock, type Transaction } from './transaction.svelte.ts';
import { transactions } from './transaction-list.svelte.ts';
import { wallet } from './wallet.svelte.ts';

/**
 * What a job is paid grows with time, so a transaction may write more than its estimate did, by one new storage slot (22,100 gas) in the worst
 * case. Gas that is not used costs nothing.
 */
const GAS_PERCENT = 125n;
const GAS_FOR_NEW_SLOT = 25_000n;

type Writable = 'nonpayable' | 'payable';

export interface ContractCall<abi extends Abi, name extends ContractFunctionName<abi, Writable>> {
	address: Address;
	abi: abi;
	functionName: name;
	args: ContractFunctionArgs<abi, Writable, name>;
}

/** Builds the call when it is needed, for calls that first have to read something, such as a job's terms. Its errors are reported like a revert. */
export type Prepare<abi extends Abi, name extends ContractFunctionName<abi, Writable>> = () => Promise<
	ContractCall<abi, name>
>;

export type Outcome = { ok: true; receipt: TransactionReceipt } | { ok: false; problem: Problem };

/** What a transaction is for, where its call alone does not say it. */
export interface Purpose {
	/** Equal for equal intentions; the call's own bytes by default. */
	readonly content?: string;
	/** Of a transaction that requests a job. */
	readonly requestHash?: Hex;
	/** Also refused while a confirmed transaction of the same content that created a job is still stored: for a few minutes. */
	readonly once?: boolean;
}

/**
 * Sends a transaction to a contract and waits for its receipt, while a toast shows the progress (checking, confirm in the wallet, submitted with the
 * hash, confirmed or failed). It is simulated first, so that a revert is shown as a message before the wallet opens. It is stored in this browser before
 * the wallet is asked, so that it is found after a reload or in another tab; until then the tab keeps what was confirmed, to say after a reload that it was not sent. Never throws: the outcome has the result.
 *
 * @example
 * const outcome = await transact('Withdraw 5.00 USDC', { address: escrow, abi: escrowAbi, functionName: 'withdraw', args: [account, to, amount] });
 * if (!outcome.ok) return;
 */
export async function transact<const abi extends Abi, name extends ContractFunctionName<abi, Writable>>(
	title: string,
	call: ContractCall<abi, name> | Prepare<abi, name>,
	purpose: Purpose = {},
): Promise<Outcome> {
	const transaction = transactions.add(title);
	keepIntent(transaction.id, title);
	try {
		const ready = typeof call === 'function' ? await call() : call;
		const receipt = await send(transaction, ready, purpose);
		transaction.status = 'confirmed';
		return { ok: true, receipt };
	} catch (error) {
		const problem = explain(error);
		transaction.problem = problem;
		transaction.status = problem.code === 'rejected' ? 'rejected' : 'failed';
		return { ok: false, problem };
	} finally {
		dropIntent(transaction.id);
	}
}

async function send<const abi extends Abi, name extends ContractFunctionName<abi, Writable>>(
	transaction: Transaction,
	call: ContractCall<abi, name>,
	purpose: Purpose,
): Promise<TransactionReceipt> {
	const { config, address: account } = wallet;
	if (account === null) {
		throw new Problem({ code: 'not_connected', message: 'No wallet is connected.', suggestion: 'Connect one first.' });
	}
	const chainId = config.chains[0].id;
	if (wallet.wrongNetwork) await switchChain(config, { chainId });
	const place = await transactions.place();

	// The generic call is one that viem accepts for this abi and name; its own types only resolve for concrete ones.
	const parameters = { ...call, account, chainId } as unknown as Parameters<typeof simulateContract>[1];
	const dataHash = keccak256(encodeFunctionData(call as unknown as EncodeFunctionDataParameters));
	const content = purpose.content ?? `${call.address}:${dataHash}`;
	// Held until the transaction is final, so that neither a second click nor another tab sends the same one.
	const receipt = await withLockIfFree(`necto.content.${place.id}.${account}.${content}`, async () => {
		const under = sameIn(keptAt(place.id), content, account);
		if (under !== null && (isOpen(under) || purpose.once === true)) throw underWay(under);
		// As of the next block, not the last one: after a quiet hour on a chain that mines on demand, a passed deadline would not show there.
		const tried = { ...parameters, blockTag: 'pending' } as typeof parameters;
		await simulateContract(config, tried);
		const [estimate, now] = await Promise.all([
			estimateContractGas(config.getClient({ chainId }), tried as unknown as Parameters<typeof estimateContractGas>[1]),
			whereNow(place, account),
		]);
		const gas = (estimate * GAS_PERCENT) / 100n + GAS_FOR_NEW_SLOT;
		const entry: Kept = {
			id: transaction.id,
			place: place.id,
			account,
			wallet: wallet.account?.connector?.id ?? '',
			title: transaction.title.slice(0, 200),
			state: 'signing',
			content,
			requestHash: purpose.requestHash ?? null,
			to: call.address,
			dataHash,
			...now,
			hash: null,
			jobId: null,
			problem: null,
			startedAt: Date.now(),
			endedAt: null,
		};
		const write = { ...parameters, gas } as unknown as Parameters<typeof writeContract>[1];
		// The tab that holds this lock tracks the transaction; when it is closed, another takes over.
		const fate = await withLock(driverLock(entry.id), () => ask(entry, place, () => writeContract(config, write)));
		if (fate.kind === 'mined' && fate.receipt.status === 'success') return fate.receipt;
		// It passed the simulation but the state changed before it was mined: a second simulation returns the current reason.
		if (fate.kind === 'mined') await simulateContract(config, tried);
		throw new Problem(problemOfFate(fate));
	});
	if (receipt === undefined) throw underWay(null);
	return receipt;
}

/** Asks the wallet, and follows what it sent until it is final. Each step is stored before the next one. */
async function ask(entry: Kept, place: Place, write: () => Promise<Hash>): Promise<Fate> {
	keep(entry);
	dropIntent(entry.id);
	let hash: Hash;
	try {
		hash = await write();
	} catch (error) {
		const { code, message, suggestion } = explain(error);
		// Without a response of the RPC it is unknown whether it has the transaction: search the chain.
		if (code === 'rpc_unreachable') return settle(entry, place);
		const state = code === 'rejected' ? 'rejected' : 'failed';
		keep({ ...entry, state, problem: { code, message, suggestion }, endedAt: Date.now() });
		throw error;
	}
	const sent = { ...entry, state: 'submitted', hash } as const;
	keep(sent);
	return finish(sent, place);
}

async function whereNow({ client }: Place, account: Address): Promise<Pick<Kept, 'nonce' | 'fromBlock'>> {
	const [nonce, block] = await Promise.all([
		client.getTransactionCount({ address: account, blockTag: 'pending' }),
		client.getBlockNumber({ cacheTime: 0 }),
	]);
	return { nonce, fromBlock: Number(block) };
}

/** @param entry null when another tab has the lock but has not stored its transaction yet */
function underWay(entry: Kept | null): Problem {
	if (entry !== null && !isOpen(entry)) {
		return new Problem({
			code: 'already_pending',
			message: `The same transaction was confirmed a few minutes ago: ${entry.title}.`,
			suggestion: 'Nothing was sent. Open the job, or choose to request the same job again.',
		});
	}
	return new Problem({
		code: 'already_pending',
		message:
			entry === null
				? 'The same transaction is already being sent from this tab or another tab.'
				: `The same transaction is already pending: ${entry.title}.`,
		suggestion: 'Nothing was sent a second time. Wait until the first one is confirmed or dropped.',
	});
}
