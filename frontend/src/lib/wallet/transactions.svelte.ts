import { simulateContract, switchChain, writeContract } from '@wagmi/core';
import type { Abi, Address, ContractFunctionArgs, ContractFunctionName, Hash, TransactionReceipt } from 'viem';
import { estimateContractGas, waitForTransactionReceipt } from 'viem/actions';
import { Problem } from '../problem.ts';
import { explain } from './explain.ts';
import { wallet } from './wallet.svelte.ts';

/** What a person sees of a transaction. Only `confirmed` is success; `rejected` is neutral: the owner said no. */
export type TransactionStatus = 'checking' | 'signing' | 'submitted' | 'confirmed' | 'failed' | 'rejected';

/** One transaction from the click to its receipt. */
export class Transaction {
	readonly id: number;
	/** What it does, as an imperative: "Deposit 12.00 USDC". */
	readonly title: string;
	status = $state<TransactionStatus>('checking');
	hash = $state<Hash | null>(null);
	problem = $state.raw<Problem | null>(null);

	constructor(id: number, title: string) {
		this.id = id;
		this.title = title;
	}

	/** Whether nothing more will happen to it. */
	get done(): boolean {
		return this.status === 'confirmed' || this.status === 'failed' || this.status === 'rejected';
	}
}

/** This visit's transactions, the newest last. */
class Transactions {
	list = $state.raw<readonly Transaction[]>([]);
	#listeners = new Set<(transaction: Transaction) => void>();

	add(title: string): Transaction {
		const transaction = new Transaction(this.list.length + 1, title);
		this.list = [...this.list, transaction];
		for (const listener of this.#listeners) listener(transaction);
		return transaction;
	}

	/** Calls for each new transaction (the toasts do). @returns the way to stop */
	onAdd(listener: (transaction: Transaction) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}

export const transactions = new Transactions();

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

/** Makes the call when it is wanted, for calls that need something first, as a job's terms. What it throws is told like a refusal of the contract. */
export type Prepare<abi extends Abi, name extends ContractFunctionName<abi, Writable>> = () => Promise<
	ContractCall<abi, name>
>;

export type Outcome = { ok: true; receipt: TransactionReceipt } | { ok: false; problem: Problem };

/**
 * Sends a transaction to a contract and waits for its receipt, shown to the person all the while (a toast says checking, confirm in
 * the wallet, submitted with the hash, confirmed or failed). It is tried in a simulation first, so that a refusal of the contract is told in
 * words before the wallet opens. Never throws: the outcome says how it went.
 *
 * @example
 * const outcome = await transact('Withdraw 5.00 USDC', { address: escrow, abi: escrowAbi, functionName: 'withdraw', args: [account, to, amount] });
 * if (!outcome.ok) return;
 */
export async function transact<const abi extends Abi, name extends ContractFunctionName<abi, Writable>>(
	title: string,
	call: ContractCall<abi, name> | Prepare<abi, name>,
): Promise<Outcome> {
	const transaction = transactions.add(title);
	try {
		const ready = typeof call === 'function' ? await call() : call;
		const receipt = await send(transaction, ready);
		transaction.status = 'confirmed';
		return { ok: true, receipt };
	} catch (error) {
		const problem = explain(error);
		transaction.problem = problem;
		transaction.status = problem.code === 'rejected' ? 'rejected' : 'failed';
		return { ok: false, problem };
	}
}

async function send<const abi extends Abi, name extends ContractFunctionName<abi, Writable>>(
	transaction: Transaction,
	call: ContractCall<abi, name>,
): Promise<TransactionReceipt> {
	const { config, address: account } = wallet;
	if (account === null) {
		throw new Problem({ code: 'not_connected', message: 'No wallet is connected.', suggestion: 'Connect one first.' });
	}
	const chainId = config.chains[0].id;
	if (wallet.wrongNetwork) await switchChain(config, { chainId });

	// The generic call is one that viem accepts for this abi and name; its own types only resolve for concrete ones.
	const parameters = { ...call, account, chainId } as unknown as Parameters<typeof simulateContract>[1];
	// As of the next block, not the last one: after a quiet hour on a chain that mines on demand, a passed deadline would not show there.
	const tried = { ...parameters, blockTag: 'pending' } as typeof parameters;
	await simulateContract(config, tried);
	const estimate = await estimateContractGas(
		config.getClient({ chainId }),
		tried as unknown as Parameters<typeof estimateContractGas>[1],
	);
	const gas = (estimate * GAS_PERCENT) / 100n + GAS_FOR_NEW_SLOT;

	transaction.status = 'signing';
	const hash = await writeContract(config, { ...parameters, gas } as unknown as Parameters<typeof writeContract>[1]);
	transaction.hash = hash;
	transaction.status = 'submitted';

	let cancelled = false;
	const receipt = await waitForTransactionReceipt(config.getClient({ chainId }), {
		hash,
		timeout: 0,
		onReplaced: ({ reason, transaction: replacement }) => {
			transaction.hash = replacement.hash;
			cancelled = reason !== 'repriced';
		},
	});
	if (cancelled) {
		throw new Problem({
			code: 'rejected',
			message: 'The transaction was replaced by another one in the wallet.',
			suggestion: 'Nothing was changed by it.',
		});
	}
	if (receipt.status === 'reverted') {
		// It passed the simulation and lost a race; a second simulation tells what stands in the way now.
		await simulateContract(config, tried);
		throw new Problem({
			code: 'reverted',
			message: 'The contract refused it when it was its turn.',
			suggestion: 'Something else happened first: try again.',
		});
	}
	return receipt;
}
