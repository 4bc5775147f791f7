import { ponder } from 'ponder:registry';
import { listing, provider } from 'ponder:schema';
import { hardwareFromChain, LISTING_KINDS, pricingFromChain, wordOf } from '@necto/core';
import { type Mined, remember } from './listing-history.ts';
import { clamp, clip } from './untrusted.ts';

type Row = typeof listing.$inferSelect;

ponder.on('ProviderRegistry:ListingAdded', async ({ event, context }) => {
	const { pricing, description } = event.args;
	const hardware = hardwareFromChain(event.args.hardware);
	const { generation } = await context.db
		.update(provider, { id: event.args.provider })
		.set((row) => ({ listings: row.listings + 1, updatedAt: event.block.timestamp }));
	const row = await context.db.insert(listing).values({
		id: event.args.listing,
		providerId: event.args.provider,
		kind: wordOf(LISTING_KINDS, event.args.kind),
		...hardware,
		gpuModel: clip(event.args.gpuModel),
		reserved: 0,
		offline: false,
		region: clip(description.region),
		network: clip(description.network),
		name: clip(description.name),
		vcpus: description.vcpus,
		ramGiB: clamp(description.ramGiB),
		diskGiB: clamp(description.diskGiB),
		...pricingFromChain(pricing),
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
		.set({ ...pricingFromChain(event.args.pricing), version: event.args.version, ...touched(event) });
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
