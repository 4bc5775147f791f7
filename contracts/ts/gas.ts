import type { Account, Address, Chain, Client, Hex, Transport } from 'viem';
import { estimateGas } from 'viem/actions';

/** On top of an estimate, in percent: what a call costs moves a little with the state that other transactions leave. */
const MARGIN_PERCENT = 20n;

/**
 * Gas for a call that lands in the next block or later.
 *
 * Wallets and libraries estimate at the last block. `complete` in the second in which a job started pays nobody and so skips the storage
 * writes that every later second needs: estimated there, it runs out of gas in the block in which it lands.
 *
 * @param client asks the node; anvil and geth know the tag `pending`
 * @returns the estimate as of the pending block, with a margin
 * @throws what viem throws for a call that reverts
 */
export async function gasInNextBlock(
	client: Client<Transport, Chain>,
	call: { account: Account | Address; to: Address; data: Hex },
): Promise<bigint> {
	const estimate = await estimateGas(client, { ...call, blockTag: 'pending' });
	return (estimate * (100n + MARGIN_PERCENT)) / 100n;
}
