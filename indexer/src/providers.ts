import { ponder } from 'ponder:registry';
import { provider } from 'ponder:schema';
import { clip, LONGEST_URI } from './untrusted.ts';

ponder.on('ProviderRegistry:ProviderRegistered', async ({ event, context }) => {
	await context.db.insert(provider).values({
		id: event.args.provider,
		owner: event.args.owner,
		name: clip(event.args.name),
		uri: clip(event.args.uri, LONGEST_URI),
		listings: 0,
		jobsRouted: 0,
		jobsSettled: 0,
		jobsFailed: 0,
		jobsExpired: 0,
		earned: 0n,
		createdAt: event.block.timestamp,
		updatedAt: event.block.timestamp,
	});
});

ponder.on('ProviderRegistry:ProviderUpdated', async ({ event, context }) => {
	await context.db.update(provider, { id: event.args.provider }).set({
		name: clip(event.args.name),
		uri: clip(event.args.uri, LONGEST_URI),
		updatedAt: event.block.timestamp,
	});
});

ponder.on('ProviderRegistry:ProviderTransferred', async ({ event, context }) => {
	await context.db
		.update(provider, { id: event.args.provider })
		.set({ owner: event.args.to, updatedAt: event.block.timestamp });
});
