import {
	type Chain,
	type Client,
	type Hash,
	type TransactionReceipt,
	TransactionReceiptNotFoundError,
	type Transport,
	WaitForTransactionReceiptTimeoutError,
} from 'viem';
import { getTransactionReceipt } from 'viem/actions';

/** How long a transaction may take on a local chain whose machine is busy. */
const TIMEOUT_MS = 180_000;

/**
 * Waits until a transaction is in a block of a local chain, whose blocks come only with transactions.
 *
 * viem's `waitForTransactionReceipt` looks for the receipt when there is a new block, and skips a block that comes while it looks for a
 * replacement of the transaction. Where no block follows, it then waits until its time is up although the transaction is on the chain.
 *
 * @param pollMs time between two looks
 * @throws WaitForTransactionReceiptTimeoutError when there is none after three minutes
 */
export async function waitForReceipt(
	client: Client<Transport, Chain | undefined>,
	hash: Hash,
	pollMs = 20,
): Promise<TransactionReceipt> {
	const deadline = performance.now() + TIMEOUT_MS;
	for (;;) {
		try {
			return await getTransactionReceipt(client, { hash });
		} catch (error) {
			if (!(error instanceof TransactionReceiptNotFoundError)) throw error;
		}
		if (performance.now() > deadline) throw new WaitForTransactionReceiptTimeoutError({ hash });
		await new Promise((resolve) => setTimeout(resolve, pollMs));
	}
}
