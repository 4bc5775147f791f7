/** What a provider does on chain. Each function is one transaction; nothing is done before its receipt. */
import { providerRegistryAbi } from '@necto/contracts';
import type { Runtime } from '#lib/runtime.ts';
import { type Outcome, transact } from '#lib/wallet/transactions.svelte.ts';
import type { ListingStructs } from './listing-form.ts';
import type { PricingStruct } from './pricing-form.ts';

const registry = (runtime: Runtime) =>
	({ address: runtime.deployment.providerRegistry, abi: providerRegistryAbi }) as const;

/** Makes the connected account a provider. */
export function registerProvider(runtime: Runtime, name: string, uri: string): Promise<Outcome> {
	return transact(`Register ${name}`, { ...registry(runtime), functionName: 'registerProvider', args: [name, uri] });
}

/** Lists hardware of a provider that the connected account owns. */
export function addListing(runtime: Runtime, provider: number, listing: ListingStructs): Promise<Outcome> {
	const { kind, hardware, pricing, description } = listing;
	return transact(`List ${description.name}`, {
		...registry(runtime),
		functionName: 'addListing',
		args: [provider, kind, hardware, pricing, description],
	});
}

/** Changes the price terms for jobs routed from now on. */
export function setPricing(runtime: Runtime, listing: number, pricing: PricingStruct): Promise<Outcome> {
	return transact(`Change the price of listing ${listing}`, {
		...registry(runtime),
		functionName: 'setPricing',
		args: [listing, pricing],
	});
}

/** Changes how many GPUs there are and whether new jobs may come. */
export function setCapacity(runtime: Runtime, listing: number, total: number, offline: boolean): Promise<Outcome> {
	return transact(offline ? `Take listing ${listing} offline` : `Set listing ${listing} to ${total} GPUs`, {
		...registry(runtime),
		functionName: 'setCapacity',
		args: [listing, total, offline],
	});
}
