import { type Chain, defineChain, type HttpTransport, http } from 'viem';
import { adi, zeroGMainnet, zeroGTestnet } from 'viem/chains';

export { adi, zeroGMainnet };

/** ADI's public test network. It has no multicall contract and no USDC of its own. */
export const adiTestnet = defineChain({
	id: 99999,
	name: 'ADI Testnet',
	nativeCurrency: { name: 'ADI', symbol: 'ADI', decimals: 18 },
	rpcUrls: { default: { http: ['https://rpc.ab.testnet.adifoundation.ai'] } },
	blockExplorers: {
		default: {
			name: 'ADI Testnet Explorer',
			url: 'https://explorer.ab.testnet.adifoundation.ai',
			apiUrl: 'https://explorer-api.ab.testnet.adifoundation.ai/api',
		},
	},
	testnet: true,
});

/** The local stand-in for ADI. Its address is the usual one; a running network says its own. */
export const local = defineChain({
	id: 31337,
	name: 'Necto local',
	nativeCurrency: { name: 'ADI', symbol: 'ADI', decimals: 18 },
	rpcUrls: { default: { http: ['http://127.0.0.1:8545'] } },
	testnet: true,
});

/** 0G's test network, by the name its users know. */
export const zeroGGalileo = defineChain({ ...zeroGTestnet, name: '0G Galileo' });

/** The local stand-in for 0G: Galileo's id, so that the same settings serve both. */
export const localZeroG = defineChain({
	id: zeroGGalileo.id,
	name: '0G local',
	nativeCurrency: { name: '0G', symbol: '0G', decimals: 18 },
	rpcUrls: { default: { http: ['http://127.0.0.1:8546'] } },
	testnet: true,
});

/**
 * The transport to a local node. On a busy machine a request can take longer than viem's default of 10 s, and a transaction whose response
 * timed out may have been mined.
 */
export function localHttp(rpc: string): HttpTransport {
	return http(rpc, { timeout: 60_000 });
}

/** Every chain that Necto's contracts can live on. */
export const settlementChains = [local, adiTestnet, adi] as const;

/**
 * The settlement chain with this id.
 *
 * @throws RangeError for any other chain
 */
export function settlementChain(id: number): Chain {
	const chain = settlementChains.find((chain) => chain.id === id);
	if (chain === undefined) {
		const known = settlementChains.map((chain) => `${chain.id} (${chain.name})`).join(', ');
		throw new RangeError(`Necto does not run on chain ${id}. Choose one of ${known}.`);
	}
	return chain;
}
