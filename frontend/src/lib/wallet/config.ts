import { settlementChain } from '@necto/contracts';
import { type Config, type CreateConnectorFn, createConfig, createStorage, http } from '@wagmi/core';
import type { Chain } from 'viem';
import type { Runtime } from '../runtime.ts';
import { localConnector } from './local-connector.ts';

const LOCAL_POLL_MS = 100;
const POLL_MS = 1_000;

/**
 * The one wagmi configuration; Svelte and the RainbowKit island share it. Wallets announce themselves (EIP-6963), so nothing is
 * loaded from anywhere for them.
 */
export function createWalletConfig(runtime: Runtime): Config {
	const chain: Chain = {
		...settlementChain(runtime.chainId),
		rpcUrls: { default: { http: [runtime.rpcUrl] } },
	};
	// Typed: an untyped empty list would make connect() infer `never`.
	const connectors: CreateConnectorFn[] = runtime.local ? [localConnector(runtime)] : [];
	return createConfig({
		chains: [chain],
		connectors,
		multiInjectedProviderDiscovery: true,
		ssr: false,
		storage: createStorage({ key: 'necto.wallet', storage: localStorage }),
		transports: { [chain.id]: http(runtime.rpcUrl) },
		pollingInterval: runtime.local ? LOCAL_POLL_MS : POLL_MS,
	});
}
