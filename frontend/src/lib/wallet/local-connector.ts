import { local } from '@necto/contracts';
import { createConnector } from '@wagmi/core';
import { type Address, createPublicClient, createWalletClient, http } from 'viem';
import type { Runtime } from '../runtime.ts';
import type { LocalRole } from './local-accounts.ts';

export const LOCAL_CONNECTOR_ID = 'necto-local';
const STORAGE_KEY = 'necto.local-account';

const roles: readonly string[] = ['buyer', 'teammate', 'providerA', 'providerB', 'providerC'] satisfies LocalRole[];

function isRole(value: string | null): value is LocalRole {
	return value !== null && roles.includes(value);
}

/** The demo account chosen in this browser, if any. */
export function chosenLocalRole(): LocalRole | null {
	const stored = localStorage.getItem(STORAGE_KEY);
	return isRole(stored) ? stored : null;
}

export function chooseLocalRole(role: LocalRole): void {
	localStorage.setItem(STORAGE_KEY, role);
}

/**
 * A wagmi connector for the demo accounts, so that a newcomer needs no wallet. It signs in the page with keys that everybody
 * knows, therefore it exists on the local chain only and asks the RPC itself which chain that is.
 *
 * @throws RangeError for any other chain
 */
export function localConnector(runtime: Runtime) {
	if (runtime.chainId !== local.id) {
		throw new RangeError(`Demo accounts exist on the local chain only, not on chain ${runtime.chainId}.`);
	}
	const chain = { ...local, rpcUrls: { default: { http: [runtime.rpcUrl] } } } as const;
	const transport = http(runtime.rpcUrl);
	const rpc = createPublicClient({ chain, transport });

	async function account() {
		const role = chosenLocalRole();
		if (role === null) throw new Error('No demo account is chosen.');
		const { localAccount } = await import('./local-accounts.ts');
		return localAccount(role, await rpc.getChainId());
	}

	return createConnector((config) => ({
		id: LOCAL_CONNECTOR_ID,
		name: 'Local demo account',
		type: 'local-account',
		async connect<withCapabilities extends boolean = false>() {
			const { address } = await account();
			return {
				// wagmi's type asks for either shape by a type argument that no caller here sets; capabilities are not offered.
				accounts: [address] as unknown as withCapabilities extends true
					? readonly { address: Address; capabilities: Record<string, unknown> }[]
					: readonly Address[],
				chainId: local.id,
			};
		},
		async disconnect() {
			localStorage.removeItem(STORAGE_KEY);
		},
		async getAccounts() {
			return [(await account()).address];
		},
		getChainId: async () => local.id,
		async getClient() {
			return createWalletClient({ account: await account(), chain, transport });
		},
		getProvider: async () => ({ request: rpc.request }),
		isAuthorized: async () => chosenLocalRole() !== null,
		onAccountsChanged(accounts) {
			// Each is an address that this connector gave itself.
			config.emitter.emit('change', { accounts: accounts as Address[] });
		},
		onChainChanged() {},
		onDisconnect() {
			config.emitter.emit('disconnect');
		},
	}));
}
