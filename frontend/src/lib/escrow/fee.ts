import { jobRegistryAbi } from '@necto/contracts';
import type { PublicClient } from 'viem';
import type { Runtime } from '#lib/runtime.ts';

/** The platform's share of what jobs routed now will pay, in basis points. It is inside the price: the provider gets the rest. */
export async function readFee(client: PublicClient, { jobRegistry }: Runtime['deployment']): Promise<number> {
	const [fee] = await client.readContract({ address: jobRegistry, abi: jobRegistryAbi, functionName: 'currentFee' });
	return fee;
}
