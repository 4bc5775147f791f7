import { ponder } from 'ponder:registry';
import { allowedBuyer, attestation, delegate, listing, provider } from 'ponder:schema';
import { ATTESTATION_KINDS, wordOf } from '@necto/core';
import { eq } from 'ponder';
import { zeroAddress } from 'viem';
import { remember } from './listing-history.ts';
import { clip, LONGEST_URI } from './untrusted.ts';

ponder.on('ProviderRegistry:ProviderRegistered', async ({ event, context }) => {
	await context.db.insert(provider).values({
		id: event.args.provider,
		owner: event.args.owner,
		offeredTo: null,
		generation: 0,
		name: clip(event.args.name),
		uri: clip(event.args.uri, LONGEST_URI),
		listings: 0,
		jobsRouted: 0,
		jobsSettled: 0,
		jobsCompleted: 0,
		jobsFailed: 0,
		jobsDisputed: 0,
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

ponder.on('ProviderRegistry:ProviderOffered', async ({ event, context }) => {
	const { to } = event.args;
	await context.db
		.update(provider, { id: event.args.provider })
		.set({ offeredTo: to === zeroAddress ? null : to, updatedAt: event.block.timestamp });
});

ponder.on('ProviderRegistry:ProviderTransferred', async ({ event, context }) => {
	await context.db.update(provider, { id: event.args.provider }).set(({ generation }) => ({
		owner: event.args.to,
		offeredTo: null,
		generation: generation + 1,
		updatedAt: event.block.timestamp,
	}));
	// Whoever decided on one of its listings decided on another owner. Nothing else of them changed: `touchedAt` stays.
	const listings = await context.db.sql.select().from(listing).where(eq(listing.providerId, event.args.provider));
	for (const { id } of listings) {
		const row = await context.db.update(listing, { id }).set(({ version }) => ({
			version: version + 1,
			updatedAt: event.block.timestamp,
			updatedBlock: event.block.number,
		}));
		await remember(context.db, event, 'owner', row);
	}
	// What its delegates may do ends with the owner who let them.
	await context.db.sql.delete(delegate).where(eq(delegate.providerId, event.args.provider));
});

ponder.on('ProviderRegistry:DelegateSet', async ({ event, context }) => {
	const key = { providerId: event.args.provider, delegate: event.args.delegate };
	const was = await context.db.find(delegate, key);
	if (was === null && event.args.allowed) await context.db.insert(delegate).values(key);
	if (was !== null && !event.args.allowed) await context.db.delete(delegate, key);
});

ponder.on('ProviderRegistry:BuyerAllowed', async ({ event, context }) => {
	const key = { providerId: event.args.provider, buyer: event.args.buyer };
	const was = await context.db.find(allowedBuyer, key);
	if (was === null && event.args.allowed) await context.db.insert(allowedBuyer).values(key);
	if (was !== null && !event.args.allowed) await context.db.delete(allowedBuyer, key);
});

ponder.on('ProviderRegistry:Attested', async ({ event, context }) => {
	const { subject, issuer, evidenceHash } = event.args;
	const statement = {
		issuer,
		evidenceHash,
		issuedAt: event.block.timestamp,
		expiresAt: BigInt(event.args.expiresAt),
	};
	await context.db
		.insert(attestation)
		.values({ subject, kind: wordOf(ATTESTATION_KINDS, event.args.kind), ...statement })
		.onConflictDoUpdate(statement);
});

ponder.on('ProviderRegistry:AttestationRevoked', async ({ event, context }) => {
	const { subject, kind } = event.args;
	await context.db.delete(attestation, { subject, kind: wordOf(ATTESTATION_KINDS, kind) });
});
