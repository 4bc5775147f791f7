import { type Event, ponder } from 'ponder:registry';
import { listing, provider } from 'ponder:schema';
import { decodeCountry, decodeToken } from '@necto/contracts';
import { CONTINENTS, FORM_FACTORS, LISTING_KINDS, PRICING_MODELS, wordOf } from '@necto/core';
import { type Mined, remember } from './listing-history.ts';
import { clamp, clip } from './untrusted.ts';

type Row = typeof listing.$inferSelect;
type Pricing = Event<'ProviderRegistry:PricingChanged'>['args']['pricing'];

ponder.on('ProviderRegistry:ListingAdded', async ({ event, context }) => {
	const { hardware, pricing, description } = event.args;
	const { generation } = await context.db
		.update(provider, { id: event.args.provider })
		.set((row) => ({ listings: row.listings + 1, updatedAt: event.block.timestamp }));
	const row = await context.db.insert(listing).values({
		id: event.args.listing,
		providerId: event.args.provider,
		kind: wordOf(LISTING_KINDS, event.args.kind),
		gpuModel: clip(event.args.gpuModel),
		memoryGiB: hardware.memoryGiB,
		formFactor: wordOf(FORM_FACTORS, hardware.formFactor),
		total: hardware.total,
		widest: hardware.widest,
		reserved: 0,
		offline: false,
		continent: wordOf(CONTINENTS, hardware.continent),
		country: decodeCountry(hardware.country) || null,
		region: clip(description.region),
		network: clip(description.network),
		name: clip(description.name),
		vcpus: description.vcpus,
		ramGiB: clamp(description.ramGiB),
		diskGiB: clamp(description.diskGiB),
		...priceTerms(pricing),
		availableFrom: BigInt(hardware.availableFrom),
		availableUntil: BigInt(hardware.availableUntil),
		tiers: '[]',
		ruleAttestations: 0,
		allowListOnly: false,
		// The contract's first, and one more for each owner that the provider had before.
		version: 1 + generation,
		touchedAt: event.block.timestamp,
		createdAt: event.block.timestamp,
		createdBlock: event.block.number,
		updatedAt: event.block.timestamp,
		updatedBlock: event.block.number,
	});
	await remember(context.db, event, 'added', row);
});

ponder.on('ProviderRegistry:PricingChanged', async ({ event, context }) => {
	const row = await context.db
		.update(listing, { id: event.args.listing })
		.set({ ...priceTerms(event.args.pricing), version: event.args.version, ...touched(event) });
	await remember(context.db, event, 'pricing', row);
});

ponder.on('ProviderRegistry:CapacityChanged', async ({ event, context }) => {
	const { total, offline, version } = event.args;
	const row = await context.db
		.update(listing, { id: event.args.listing })
		.set({ total, offline, version, ...touched(event) });
	await remember(context.db, event, 'capacity', row);
});

ponder.on('ProviderRegistry:AvailabilityChanged', async ({ event, context }) => {
	const row = await context.db.update(listing, { id: event.args.listing }).set({
		availableFrom: BigInt(event.args.availableFrom),
		availableUntil: BigInt(event.args.availableUntil),
		version: event.args.version,
		...touched(event),
	});
	await remember(context.db, event, 'availability', row);
});

ponder.on('ProviderRegistry:TiersChanged', async ({ event, context }) => {
	const tiers = JSON.stringify(event.args.tiers.map(({ hour, multiplier }) => ({ hour, multiplier })));
	const row = await context.db
		.update(listing, { id: event.args.listing })
		.set({ tiers, version: event.args.version, ...touched(event) });
	await remember(context.db, event, 'tiers', row);
});

ponder.on('ProviderRegistry:AccessRulesChanged', async ({ event, context }) => {
	const { version, rules } = event.args;
	const row = await context.db
		.update(listing, { id: event.args.listing })
		.set({ ruleAttestations: rules.attestations, allowListOnly: rules.allowListOnly, version, ...touched(event) });
	await remember(context.db, event, 'access-rules', row);
});

ponder.on('ProviderRegistry:CapacityReserved', async ({ event, context }) => {
	await context.db
		.update(listing, { id: event.args.listing })
		.set({ reserved: event.args.reserved, ...touched(event) });
});

ponder.on('ProviderRegistry:CapacityReleased', async ({ event, context }) => {
	await context.db
		.update(listing, { id: event.args.listing })
		.set({ reserved: event.args.reserved, ...touched(event) });
});

function touched({ block }: Mined): Pick<Row, 'touchedAt' | 'updatedAt' | 'updatedBlock'> {
	return { touchedAt: block.timestamp, updatedAt: block.timestamp, updatedBlock: block.number };
}

function priceTerms(pricing: Pricing) {
	return {
		pricingModel: wordOf(PRICING_MODELS, pricing.model),
		rate: pricing.rate,
		floor: pricing.floor,
		ceiling: pricing.ceiling,
		tokenAmount: pricing.tokenAmount,
		token: decodeToken(pricing.token),
	};
}
