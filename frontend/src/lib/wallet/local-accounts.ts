import { local } from '@necto/contracts';
import { type HDAccount, mnemonicToAccount } from 'viem/accounts';

/**
 * The demo people of the local chain. Loaded only when one of them is used. The phrase is the public test phrase of every
 * development chain: it is no secret and must never hold money, hence the check of the chain at each use.
 */
const MNEMONIC = 'test test test test test test test test test test test junk';

export type LocalRole = 'buyer' | 'teammate' | 'providerA' | 'providerB' | 'providerC';

/** Their places in the phrase; the local network's set-up uses the same. */
const INDEX: Record<LocalRole, number> = { buyer: 3, teammate: 4, providerA: 5, providerB: 6, providerC: 7 };

/** @throws RangeError on any chain but the local one */
export function localAccount(role: LocalRole, chainId: number): HDAccount {
	if (chainId !== local.id) {
		throw new RangeError(`Demo accounts exist on the local chain only, not on chain ${chainId}.`);
	}
	return mnemonicToAccount(MNEMONIC, { addressIndex: INDEX[role] });
}
