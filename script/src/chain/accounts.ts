import type { Hex } from 'viem';
import { toHex } from 'viem';
import { type HDAccount, mnemonicToAccount } from 'viem/accounts';

/** Everybody knows these words: the accounts that every local test chain starts with. Never send anything of value to them. */
const MNEMONIC = 'test test test test test test test test test test test junk';

const names = [
	'deployer',
	'router',
	'storage',
	'buyer',
	'teammate',
	'providerA',
	'providerB',
	'providerC',
	'stranger',
	'newcomer',
] as const;

export type AccountName = (typeof names)[number];

function accountAt(index: number): HDAccount {
	return mnemonicToAccount(MNEMONIC, { addressIndex: index });
}

/** Who is who on the local chains, in the order of the mnemonic. */
export const accounts = Object.fromEntries(names.map((name, index) => [name, accountAt(index)])) as Record<
	AccountName,
	HDAccount
>;

/** An account's private key. Only for the well-known accounts of local chains. */
export function keyOf(name: AccountName): Hex {
	const key = accounts[name].getHdKey().privateKey;
	if (key === null) throw new Error(`The account ${name} has no key.`);
	return toHex(key);
}

/** Addresses and keys of all local accounts, as `ready.json` names them. */
export function localAccounts(): Record<AccountName, { address: Hex; privateKey: Hex }> {
	return Object.fromEntries(
		names.map((name) => [name, { address: accounts[name].address, privateKey: keyOf(name) }]),
	) as Record<AccountName, { address: Hex; privateKey: Hex }>;
}
