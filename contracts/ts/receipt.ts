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

/** A local chain on a busy machine can take minutes. */
const TIMEOUT_MS = 180_000;

/**
 * Waits until a transaction is in a block of a local chain, whose blocks come only with transactions.
 *
 * viem's `waitForTransactionReceipt` requests the receipt once per new block, and ignores a block that is mined while it searches for a
 * replacement of the transaction. If no block follows, it times out although the transaction was mined.
 *
 * @param pollMs interval between requests
 * @throws WaitForTransactionReceiptTimeoutError after three minutes without a receipt; any other error of the node at once
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
