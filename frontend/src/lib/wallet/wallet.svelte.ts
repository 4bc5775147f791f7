import {
	type Config,
	type Connector,
	connect,
	disconnect,
	type GetAccountReturnType,
	getAccount,
	getConnectors,
	reconnect,
	switchChain,
	watchAccount,
	watchConnectors,
} from '@wagmi/core';
import { createSubscriber } from 'svelte/reactivity';
import type { Address } from 'viem';
import { Problem } from '../problem.ts';
import type { Runtime } from '../runtime.ts';
import { createWalletConfig } from './config.ts';
import type { LocalRole } from './local-accounts.ts';
import { chooseLocalRole, chosenLocalRole, LOCAL_CONNECTOR_ID } from './local-connector.ts';
import { localRoles } from './local-roles.ts';

/** The connected wallet, as reactive state. Before {@link Wallet.start} (on the server, at first paint) no wallet is connected. */
class Wallet {
	#config = $state.raw<Config | null>(null);
	#chainId = $state<number | null>(null);

	#subscribe = createSubscriber((update) => {
		const config = this.#config;
		if (config === null) return;
		const stops = [watchAccount(config, { onChange: update }), watchConnectors(config, { onChange: update })];
		return () => {
			for (const stop of stops) stop();
		};
	});

	/** Called once by the root layout, in the browser. Brings back the last connection. */
	start(runtime: Runtime): void {
		if (this.#config !== null) return;
		this.#chainId = runtime.chainId;
		this.#config = createWalletConfig(runtime);
		void reconnect(this.#config);
	}

	/** The shared wagmi configuration, for reads and writes by `@wagmi/core`. @throws Problem before {@link Wallet.start} */
	get config(): Config {
		if (this.#config === null) {
			throw new Problem({
				code: 'not_ready',
				message: 'The page is not connected to the chain yet.',
				suggestion: 'Wait a moment and try again, or reload the page.',
			});
		}
		return this.#config;
	}

	/** Whether {@link Wallet.config} can be used. */
	get started(): boolean {
		return this.#config !== null;
	}

	get account(): GetAccountReturnType | null {
		if (this.#config === null) return null;
		this.#subscribe();
		return getAccount(this.#config);
	}

	/** The connected address, or null. */
	get address(): Address | null {
		const account = this.account;
		return account?.status === 'connected' ? account.address : null;
	}

	get status(): 'disconnected' | 'connecting' | 'connected' {
		const status = this.account?.status ?? 'disconnected';
		return status === 'reconnecting' ? 'connecting' : status;
	}

	/** Connected to another chain than this installation's. */
	get wrongNetwork(): boolean {
		const account = this.account;
		return account?.status === 'connected' && account.chainId !== this.#chainId;
	}

	/** The chosen demo account when that is what is connected. */
	get localRole(): LocalRole | null {
		return this.account?.connector?.id === LOCAL_CONNECTOR_ID ? chosenLocalRole() : null;
	}

	/** A name for the connected account: the demo account's, or the wallet's. */
	get name(): string | null {
		const role = this.localRole;
		if (role !== null) return localRoles.find((each) => each.role === role)?.name ?? null;
		return this.account?.connector?.name ?? null;
	}

	/** The wallets that this browser has, without the demo accounts. */
	get wallets(): readonly Connector[] {
		if (this.#config === null) return [];
		this.#subscribe();
		return getConnectors(this.#config).filter((connector) => connector.id !== LOCAL_CONNECTOR_ID);
	}

	/** Becomes one of the demo people, from whatever was connected before. Local chain only. */
	async becomeLocal(role: LocalRole): Promise<void> {
		const connector = getConnectors(this.config).find((each) => each.id === LOCAL_CONNECTOR_ID);
		if (connector === undefined) {
			throw new Problem({ code: 'no_demo_accounts', message: 'Demo accounts exist on the local chain only.' });
		}
		chooseLocalRole(role);
		if (this.account?.connector?.id === LOCAL_CONNECTOR_ID)
			connector.onAccountsChanged([...(await connector.getAccounts())]);
		else await connect(this.config, { connector });
	}

	/** Asks the wallet to come to this installation's chain. */
	async switchNetwork(): Promise<void> {
		if (this.#chainId !== null) await switchChain(this.config, { chainId: this.#chainId });
	}

	async disconnect(): Promise<void> {
		await disconnect(this.config);
	}
}

export const wallet = new Wallet();
