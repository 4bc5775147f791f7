/**
 * The one way in which the agent sends transactions: one at a time for its key, signed and stored before they are sent. After a crash the
 * stored transaction is sent again, byte for byte, so that nothing happens twice; a new one is signed only when the old one's nonce
 * is used up by another, or with the same nonce and a higher fee.
 */
import {
	type Address,
	type Hex,
	keccak256,
	parseTransaction,
	type TransactionReceipt,
	TransactionReceiptNotFoundError,
} from 'viem';
import { messageOf } from '../errors.ts';
import type { Locks } from '../journal/locks.ts';
import type { StoredTransaction, TransactionPurpose, Transactions } from '../journal/transactions.ts';
import type { Logger } from '../logger.ts';
import { pause } from '../time.ts';
import type { ChainClient, RouterAccount } from './clients.ts';
import { isInsufficientFunds, mustAfford, routeCost } from './funds.ts';
import { hideRequester, showRequester } from './hiding.ts';
import { RevertError, revertOf } from './reverts.ts';

export interface Call {
	purpose: TransactionPurpose;
	jobId: bigint;
	to: Address;
	data: Hex;
	/** Whether the requester in the terms must not be written down: the job is untracked. */
	hidden: boolean;
	/** Called when the signed transaction is stored and before it is sent. */
	onSigned?: (hash: Hex) => Promise<void>;
}

/** The nonce was used by a transaction that this journal does not know: somebody else signs with the same key. */
export class LostTransactionError extends Error {
	override name = 'LostTransactionError';
}

/** A transaction that was sent and is not in a block yet. It stays stored; whoever comes next goes on with it. */
export class PendingTransactionError extends Error {
	override name = 'PendingTransactionError';
}

/** Blocks do not come at fixed times, so waiting is measured in time: after this long the fee is raised. */
const RAISE_AFTER_MS = 20_000;
const GIVE_WAY_AFTER_MS = 120_000;
/** Room for state that changes between estimate and inclusion, and for ADI's extra charge for proving. Percent. */
const GAS_MARGIN = 130n;
/** Pools ask for 10 % more in both fees; 12.5 % stands above every rounding. Thousandths. */
const FEE_RAISE = 1_125n;

export class Lane {
	readonly address: Address;
	readonly #client: ChainClient;
	readonly #account: RouterAccount;
	readonly #transactions: Transactions;
	readonly #locks: Locks;
	readonly #logger: Logger;
	readonly #requesterOf: (jobId: bigint) => Promise<Address | null>;

	/** @param requesterOf who asked for an untracked job, read from the chain; null if the chain has no such job any more */
	constructor(
		client: ChainClient,
		account: RouterAccount,
		transactions: Transactions,
		locks: Locks,
		logger: Logger,
		requesterOf: (jobId: bigint) => Promise<Address | null>,
	) {
		this.address = account.address;
		this.#client = client;
		this.#account = account;
		this.#transactions = transactions;
		this.#locks = locks;
		this.#logger = logger;
		this.#requesterOf = requesterOf;
	}

	/**
	 * Sends a call and waits for its receipt.
	 *
	 * @throws RevertError when the contracts refuse, before sending or in the block
	 * @throws NoFundsError when the key cannot pay for it
	 * @throws LostTransactionError | PendingTransactionError see there
	 */
	async send(call: Call, signal: AbortSignal): Promise<TransactionReceipt> {
		return this.#alone(signal, async (inner) => {
			await this.#settleOpen(inner);
			const gas = await this.#estimate(call);
			const limit = (gas * GAS_MARGIN) / 100n;
			const [nonce, fees, balance] = await Promise.all([
				this.#client.getTransactionCount({ address: this.address, blockTag: 'latest' }),
				this.#client.estimateFeesPerGas(),
				this.#client.getBalance({ address: this.address }),
			]);
			inner.throwIfAborted();
			// Before it is signed: no node would take it, and a stored transaction holds up all that come after.
			this.#mustAfford(balance, limit * fees.maxFeePerGas);
			const stored = await this.#sign(call, nonce, limit, fees);
			await call.onSigned?.(stored.hash);
			const receipt = await this.#follow(stored, inner);
			if (receipt.status === 'reverted') throw await this.#whyReverted(call, receipt);
			return receipt;
		});
	}

	/** @throws NoFundsError when the key cannot pay for a route now */
	async assertCanPayRoute(): Promise<void> {
		const [balance, cost] = await Promise.all([
			this.#client.getBalance({ address: this.address }),
			routeCost(this.#client),
		]);
		this.#mustAfford(balance, cost);
	}

	#mustAfford(balance: bigint, cost: bigint): void {
		mustAfford(balance, cost, this.address, this.#client.chain.nativeCurrency.symbol);
	}

	/** Why the contracts would refuse a call in the next block; null when they would take it. */
	async refusal(call: Pick<Call, 'to' | 'data'>): Promise<RevertError | null> {
		try {
			await this.#estimate(call);
			return null;
		} catch (error) {
			if (error instanceof RevertError) return error;
			throw error;
		}
	}

	/** Brings every transaction that an earlier run left open to its end. */
	async recover(signal: AbortSignal): Promise<void> {
		await this.#alone(signal, (inner) => this.#settleOpen(inner));
	}

	async #alone<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
		const lock = await this.#locks.acquire(`lane:${this.#transactions.deployment}:${this.address}`, signal);
		try {
			return await work(AbortSignal.any([signal, lock.signal]));
		} finally {
			await lock.release();
		}
	}

	async #settleOpen(signal: AbortSignal): Promise<void> {
		for (const open of await this.#transactions.open(this.address)) {
			try {
				const whole = await this.#whole(open);
				if (whole === null) await this.#transactions.settle(open, null, 'lost');
				else await this.#follow(whole, signal);
			} catch (error) {
				if (!(error instanceof LostTransactionError)) throw error;
				this.#logger.warn(
					{ job: open.jobId, hash: open.hash },
					'A stored transaction was overtaken by another one of the same key',
				);
			}
		}
	}

	/** A stored transaction as it was signed; null when the chain that it was for has turned, so that it cannot be had any more. */
	async #whole(open: StoredTransaction): Promise<StoredTransaction | null> {
		if (!open.hidden) return open;
		const requester = await this.#requesterOf(open.jobId);
		if (requester === null) return null;
		const raw = showRequester(open.raw, requester);
		const data = parseTransaction(raw).data ?? '0x';
		return keccak256(raw) === open.hash ? { ...open, raw, call: { ...open.call, data } } : null;
	}

	async #estimate(call: Pick<Call, 'to' | 'data'>): Promise<bigint> {
		try {
			// As of the next block: a chain without traffic makes none, and its last one may be from before a deadline that has passed since.
			return await this.#client.estimateGas({
				account: this.address,
				to: call.to,
				data: call.data,
				blockTag: 'pending',
			});
		} catch (error) {
			// Some nodes look at the balance before they try the call.
			if (isInsufficientFunds(error)) await this.assertCanPayRoute();
			throw revertOf(error) ?? error;
		}
	}

	async #sign(
		call: Omit<Call, 'onSigned'>,
		nonce: number,
		gas: bigint,
		fees: { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint },
	): Promise<StoredTransaction> {
		const raw = await this.#account.signTransaction({
			type: 'eip1559',
			chainId: this.#client.chain.id,
			to: call.to,
			data: call.data,
			nonce,
			gas,
			maxFeePerGas: fees.maxFeePerGas,
			maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
		});
		const stored: StoredTransaction = {
			sender: this.address,
			purpose: call.purpose,
			jobId: call.jobId,
			nonce,
			hash: keccak256(raw),
			raw,
			hidden: call.hidden,
			copies: [],
			call: { to: call.to, data: call.data, gas, ...fees },
		};
		await this.#transactions.store(call.hidden ? { ...stored, raw: hideRequester(raw) } : stored);
		return stored;
	}

	/** Sends a stored transaction, again if need be, until it or a dearer copy of it is in a block. */
	async #follow(first: StoredTransaction, signal: AbortSignal): Promise<TransactionReceipt> {
		let newest = first;
		const hashes = new Set([first.hash, ...first.copies]);
		const begun = Date.now();
		let raisedAt = begun;
		await this.#broadcast(first, hashes);
		for (let wait = 5; ; wait = Math.min(wait * 2, 1_000)) {
			for (const hash of hashes) {
				const receipt = await this.#receipt(hash);
				if (receipt === null) continue;
				await this.#transactions.settle(first, hash, receipt.status === 'success' ? 'mined' : 'reverted');
				return receipt;
			}
			const used = await this.#client.getTransactionCount({ address: this.address, blockTag: 'latest' });
			if (used > first.nonce && (await this.#noneMined(hashes))) {
				await this.#transactions.settle(first, null, 'lost');
				throw new LostTransactionError(`Nonce ${first.nonce} of ${this.address} was used by an unknown transaction.`);
			}
			if (Date.now() - begun > GIVE_WAY_AFTER_MS) {
				throw new PendingTransactionError(
					`Transaction ${newest.hash} is not in a block after ${GIVE_WAY_AFTER_MS / 1000} seconds.`,
				);
			}
			if (Date.now() - raisedAt > RAISE_AFTER_MS) {
				raisedAt = Date.now();
				newest = await this.#raise(newest);
				hashes.add(newest.hash);
				await this.#broadcast(newest, hashes);
			}
			await pause(wait, signal);
			signal.throwIfAborted();
		}
	}

	async #noneMined(hashes: Set<Hex>): Promise<boolean> {
		// The count can be ahead of the receipts for a moment: look once more before calling a transaction lost.
		await pause(500);
		for (const hash of hashes) if ((await this.#receipt(hash)) !== null) return false;
		return true;
	}

	async #raise(old: StoredTransaction): Promise<StoredTransaction> {
		const raised = {
			maxFeePerGas: (old.call.maxFeePerGas * FEE_RAISE) / 1_000n + 1n,
			maxPriorityFeePerGas: (old.call.maxPriorityFeePerGas * FEE_RAISE) / 1_000n + 1n,
		};
		this.#logger.info({ job: old.jobId, nonce: old.nonce }, 'A transaction is slow; its fee is raised');
		return this.#sign(
			{ purpose: old.purpose, jobId: old.jobId, hidden: old.hidden, ...old.call },
			old.nonce,
			old.call.gas,
			raised,
		);
	}

	/**
	 * @param hashes of the transaction and its copies
	 * @throws NoFundsError when the key cannot pay for it and the network has none of its copies
	 */
	async #broadcast(transaction: StoredTransaction, hashes: ReadonlySet<Hex>): Promise<void> {
		try {
			await this.#client.sendRawTransaction({ serializedTransaction: transaction.raw });
		} catch (error) {
			if (isInsufficientFunds(error) && !(await this.#anyKnown(hashes))) {
				const { gas, maxFeePerGas } = transaction.call;
				this.#mustAfford(await this.#client.getBalance({ address: this.address }), gas * maxFeePerGas);
			}
			// Most refusals here mean that the network has it already; if not, the loop around this finds out.
			this.#logger.debug(
				{ hash: transaction.hash, reason: messageOf(error) },
				'The chain did not take the transaction again',
			);
		}
	}

	async #anyKnown(hashes: ReadonlySet<Hex>): Promise<boolean> {
		const found = await Promise.all(
			[...hashes].map((hash) =>
				this.#client.getTransaction({ hash }).then(
					() => true,
					() => false,
				),
			),
		);
		return found.includes(true);
	}

	async #receipt(hash: Hex): Promise<TransactionReceipt | null> {
		try {
			return await this.#client.getTransactionReceipt({ hash });
		} catch (error) {
			if (error instanceof TransactionReceiptNotFoundError) return null;
			throw error;
		}
	}

	async #whyReverted(call: Call, receipt: TransactionReceipt): Promise<RevertError> {
		try {
			await this.#client.call({
				account: this.address,
				to: call.to,
				data: call.data,
				blockNumber: receipt.blockNumber,
			});
		} catch (error) {
			const revert = revertOf(error);
			if (revert !== null) return revert;
		}
		return new RevertError('NoReason', []);
	}
}
