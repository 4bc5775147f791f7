/** The ProviderRegistry at a block, rebuilt from its events: every change that it makes is one. */
import type { BuyerStanding, RegistryListing } from '../registry/listing.ts';
import { ATTESTATION_KINDS, type AttestationKind, LISTING_KINDS, wordOf } from '../tables.ts';
import { hardwareFromChain, pricingFromChain } from './decode.ts';
import type { RegistryLog } from './reader.ts';

interface KnownProvider {
	owner: string;
	name: string;
	/** Owners that it had before this one: each moved the version of all its listings. */
	generation: number;
}

type KnownListing = Omit<RegistryListing, 'provider' | 'attestations'>;

/** Thrown when logs are missing: an RPC that lags or forgets must not make an honest snapshot look forged. */
export class IncompleteLogsError extends Error {
	override name = 'IncompleteLogsError';
}

/** Takes the registry's logs in the order of the chain; may be looked at after any of them. */
export class RegistryReplay {
	readonly #providers = new Map<number, KnownProvider>();
	readonly #listings = new Map<number, KnownListing>();
	readonly #attested = new Map<string, Map<AttestationKind, number>>();
	/** Buyers in lower case on the lists of providers. */
	readonly #allowed = new Map<string, Set<number>>();

	/** All listings, without the counters of jobs, which are in no event. */
	get listings(): RegistryListing[] {
		return [...this.#listings.values()].map((listing) => {
			const { owner, name } = this.#provider(listing.providerId);
			return { ...listing, provider: { owner, name, jobs: null }, attestations: this.#attestationsOf(owner) };
		});
	}

	/** What the registry holds about a buyer. */
	standingOf(buyer: string): BuyerStanding {
		return {
			attestations: this.#attestationsOf(buyer),
			lists: [...(this.#allowed.get(buyer.toLowerCase()) ?? [])],
		};
	}

	/** @throws IncompleteLogsError when logs before this one are missing */
	apply(log: RegistryLog): void {
		switch (log.eventName) {
			case 'ProviderRegistered': {
				const { provider, owner, name } = log.args;
				if (provider !== this.#providers.size + 1) throw missing(`provider ${this.#providers.size + 1}`);
				this.#providers.set(provider, { owner, name, generation: 0 });
				break;
			}
			case 'ProviderUpdated':
				this.#provider(log.args.provider).name = log.args.name;
				break;
			case 'ProviderTransferred': {
				const provider = this.#provider(log.args.provider);
				provider.owner = log.args.to;
				provider.generation++;
				for (const listing of this.#listings.values()) {
					if (listing.providerId === log.args.provider) listing.version++;
				}
				break;
			}
			case 'ListingAdded':
				this.#add(log.args);
				break;
			case 'PricingChanged':
				Object.assign(this.#changed(log.args), pricingFromChain(log.args.pricing));
				break;
			case 'CapacityChanged': {
				const { total, offline } = log.args;
				Object.assign(this.#changed(log.args), { total, offline });
				break;
			}
			case 'AvailabilityChanged': {
				const { availableFrom, availableUntil } = log.args;
				Object.assign(this.#changed(log.args), { availableFrom, availableUntil });
				break;
			}
			case 'TiersChanged':
				this.#changed(log.args).tiers = log.args.tiers;
				break;
			case 'AccessRulesChanged': {
				const { attestations, allowListOnly } = log.args.rules;
				Object.assign(this.#changed(log.args), { ruleAttestations: attestations, allowListOnly });
				break;
			}
			case 'CapacityReserved':
				this.#reserve(log.args, log.args.gpuCount);
				break;
			case 'CapacityReleased':
				this.#reserve(log.args, -log.args.gpuCount);
				break;
			case 'Attested': {
				const { subject, kind, expiresAt } = log.args;
				const held = this.#attested.get(subject.toLowerCase()) ?? new Map<AttestationKind, number>();
				this.#attested.set(subject.toLowerCase(), held.set(wordOf(ATTESTATION_KINDS, kind), expiresAt));
				break;
			}
			case 'AttestationRevoked':
				this.#attested.get(log.args.subject.toLowerCase())?.delete(wordOf(ATTESTATION_KINDS, log.args.kind));
				break;
			case 'BuyerAllowed': {
				const { provider, buyer, allowed } = log.args;
				const lists = this.#allowed.get(buyer.toLowerCase()) ?? new Set<number>();
				if (allowed) lists.add(provider);
				else lists.delete(provider);
				this.#allowed.set(buyer.toLowerCase(), lists);
				break;
			}
			case 'ProviderOffered':
			case 'DelegateSet':
				break;
		}
	}

	#add({ listing: id, provider, kind, hardware, pricing, description }: RegistryLog<'ListingAdded'>['args']): void {
		if (id !== this.#listings.size + 1) throw missing(`listing ${this.#listings.size + 1}`);
		this.#listings.set(id, {
			id,
			providerId: provider,
			kind: wordOf(LISTING_KINDS, kind),
			...hardwareFromChain(hardware),
			reserved: 0,
			offline: false,
			...description,
			...pricingFromChain(pricing),
			version: 1 + this.#provider(provider).generation,
			tiers: [],
			ruleAttestations: 0,
			allowListOnly: false,
		});
	}

	#provider(id: number): KnownProvider {
		const provider = this.#providers.get(id);
		if (provider === undefined) throw missing(`provider ${id}`);
		return provider;
	}

	#listing(id: number): KnownListing {
		const listing = this.#listings.get(id);
		if (listing === undefined) throw missing(`listing ${id}`);
		return listing;
	}

	/** The listing with its new version, which is one more than the last; a change that takes the tiers away is two events of one version. */
	#changed({ listing: id, version }: { listing: number; version: number }): KnownListing {
		const listing = this.#listing(id);
		if (version !== listing.version && version !== listing.version + 1) {
			throw missing(`version ${listing.version + 1} of listing ${id}`);
		}
		listing.version = version;
		return listing;
	}

	#reserve({ listing: id, reserved }: { listing: number; reserved: number }, change: number): void {
		const listing = this.#listing(id);
		if (reserved !== listing.reserved + change) throw missing(`a reservation of listing ${id}`);
		listing.reserved = reserved;
	}

	#attestationsOf(subject: string): { kind: AttestationKind; expiresAt: number }[] {
		const held = this.#attested.get(subject.toLowerCase()) ?? new Map<AttestationKind, number>();
		return [...held].map(([kind, expiresAt]) => ({ kind, expiresAt }));
	}
}

function missing(what: string): IncompleteLogsError {
	return new IncompleteLogsError(`The RPC does not serve all logs of the registry: that of ${what} is missing.`);
}
