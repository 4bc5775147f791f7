/** What a provider does on chain. Each function is one transaction; nothing is done before its receipt. */
import { providerRegistryAbi } from '@necto/contracts';
import type { Runtime } from '#lib/runtime.ts';
import { type Outcome, transact } from '#lib/wallet/transactions.svelte.ts';
import type { ListingStructs } from './listing-form.ts';
import type { PricingStruct } from './pricing-form.ts';
import type { ListingRow } from './rows.ts';

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

/** Changes how many GPUs a listing has. Never below what jobs use. */
export function setTotal(runtime: Runtime, listing: ListingRow, total: number): Promise<Outcome> {
	return transact(`Set listing ${listing.id} to ${total} GPUs`, {
		...registry(runtime),
		functionName: 'setCapacity',
		args: [listing.id, total, listing.offline],
	});
}

/** Changes whether new jobs may come; running ones stay. */
export function setOffline(runtime: Runtime, listing: ListingRow, offline: boolean): Promise<Outcome> {
	return transact(offline ? `Take listing ${listing.id} offline` : `Bring listing ${listing.id} online`, {
		...registry(runtime),
		functionName: 'setCapacity',
		args: [listing.id, listing.total, offline],
	});
}
