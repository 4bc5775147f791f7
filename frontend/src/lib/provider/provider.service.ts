/** What a provider does on chain. Each function is one transaction; nothing is done before its receipt. */
import { providerRegistryAbi } from '@necto/contracts';
import { ATTESTATION_KINDS, type AttestationKind, type Tier, toBits } from '@necto/core';
import type { Address } from 'viem';
import { shorten } from '#lib/format.ts';
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

/** Multiplies the rate by the hour of the week, for jobs routed from now on; none takes the tiers away. */
export function setTiers(runtime: Runtime, listing: number, tiers: readonly Tier[]): Promise<Outcome> {
	return transact(`Change the hours of listing ${listing}`, {
		...registry(runtime),
		functionName: 'setTiers',
		args: [listing, tiers],
	});
}

/** Changes when jobs may run; unix seconds, 0 is open. */
export function setAvailability(runtime: Runtime, listing: number, from: number, until: number): Promise<Outcome> {
	return transact(`Change the availability of listing ${listing}`, {
		...registry(runtime),
		functionName: 'setAvailability',
		args: [listing, from, until],
	});
}

/** Changes whom a listing serves from now on. */
export function setAccessRules(
	runtime: Runtime,
	listing: number,
	attestations: readonly AttestationKind[],
	allowListOnly: boolean,
): Promise<Outcome> {
	return transact(`Change whom listing ${listing} serves`, {
		...registry(runtime),
		functionName: 'setAccessRules',
		args: [listing, { attestations: toBits(ATTESTATION_KINDS, attestations), allowListOnly }],
	});
}

/** Lets somebody act for a provider, or no more. */
export function setDelegate(runtime: Runtime, provider: number, delegate: Address, allowed: boolean): Promise<Outcome> {
	return transact(`${allowed ? 'Add' : 'Remove'} delegate ${shorten(delegate)}`, {
		...registry(runtime),
		functionName: 'setDelegate',
		args: [provider, delegate, allowed],
	});
}

/** Puts a buyer on a provider's list, or takes it off. */
export function setBuyerAllowed(
	runtime: Runtime,
	provider: number,
	buyer: Address,
	allowed: boolean,
): Promise<Outcome> {
	return transact(`${allowed ? 'Allow' : 'No more allow'} buyer ${shorten(buyer)}`, {
		...registry(runtime),
		functionName: 'setBuyerAllowed',
		args: [provider, buyer, allowed],
	});
}
