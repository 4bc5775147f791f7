/**
 * The tables, all rebuilt from events alone. Amounts are micro-USD (USDC's unit), times unix seconds, both as `bigint`; ids count from 1.
 * GraphQL serves each table by its name here (`job`, `jobs`), SQL over HTTP by the snake-case name in quotes (`job_event`).
 *
 * An untracked job names nobody, in any table: see `src/privacy.ts`.
 */
import { index, onchainTable, primaryKey, relations } from 'ponder';

export const provider = onchainTable(
	'provider',
	(t) => ({
		id: t.integer().primaryKey(),
		owner: t.hex().notNull(),
		name: t.text().notNull(),
		uri: t.text().notNull(),
		listings: t.integer().notNull(),
		jobsRouted: t.integer().notNull(),
		jobsSettled: t.integer().notNull(),
		/** Given up by the provider. */
		jobsFailed: t.integer().notNull(),
		/** Routed here and not started in time. */
		jobsExpired: t.integer().notNull(),
		earned: t.bigint().notNull(),
		createdAt: t.bigint().notNull(),
		updatedAt: t.bigint().notNull(),
	}),
	(table) => ({ ownerIdx: index().on(table.owner) }),
);

export const listing = onchainTable(
	'listing',
	(t) => ({
		id: t.integer().primaryKey(),
		providerId: t.integer().notNull(),
		/** 'own' | 'network' */
		kind: t.text().notNull(),
		gpuModel: t.text().notNull(),
		memoryGiB: t.integer().notNull(),
		/** A word of core's FORM_FACTORS. */
		formFactor: t.text().notNull(),
		total: t.integer().notNull(),
		widest: t.integer().notNull(),
		reserved: t.integer().notNull(),
		offline: t.boolean().notNull(),
		/** A word of core's CONTINENTS. */
		continent: t.text().notNull(),
		/** ISO 3166-1 alpha-2; null if the provider did not say. */
		country: t.text(),
		region: t.text().notNull(),
		/** '' for own hardware. */
		network: t.text().notNull(),
		name: t.text().notNull(),
		/** Per GPU, as are RAM and disk. */
		vcpus: t.integer().notNull(),
		ramGiB: t.integer().notNull(),
		diskGiB: t.integer().notNull(),
		/** 'fixed' | 'dynamic' | 'token' */
		pricingModel: t.text().notNull(),
		rate: t.bigint().notNull(),
		floor: t.bigint().notNull(),
		ceiling: t.bigint().notNull(),
		/** Millionths of a token per GPU-hour. */
		tokenAmount: t.bigint().notNull(),
		/** The token's symbol, '' unless the price is in tokens. */
		token: t.text().notNull(),
		/** 0 is open, as is `availableUntil`. */
		availableFrom: t.bigint().notNull(),
		availableUntil: t.bigint().notNull(),
		/** Grows with each change its provider makes; reservations do not count. */
		version: t.integer().notNull(),
		createdAt: t.bigint().notNull(),
		createdBlock: t.bigint().notNull(),
		updatedAt: t.bigint().notNull(),
		updatedBlock: t.bigint().notNull(),
	}),
	(table) => ({
		providerIdx: index().on(table.providerId),
		gpuModelIdx: index().on(table.gpuModel),
	}),
);

/** A listing's history: what stood after each change. The listing as of a version is its newest row up to it. */
export const listingChange = onchainTable(
	'listing_change',
	(t) => ({
		listingId: t.integer().notNull(),
		version: t.integer().notNull(),
		/** 'added' | 'pricing' | 'capacity' | 'availability' */
		kind: t.text().notNull(),
		pricingModel: t.text().notNull(),
		rate: t.bigint().notNull(),
		floor: t.bigint().notNull(),
		ceiling: t.bigint().notNull(),
		tokenAmount: t.bigint().notNull(),
		token: t.text().notNull(),
		total: t.integer().notNull(),
		offline: t.boolean().notNull(),
		availableFrom: t.bigint().notNull(),
		availableUntil: t.bigint().notNull(),
		at: t.bigint().notNull(),
		block: t.bigint().notNull(),
		txHash: t.hex().notNull(),
	}),
	(table) => ({
		pk: primaryKey({ columns: [table.listingId, table.version] }),
		atIdx: index().on(table.at),
	}),
);

export const job = onchainTable(
	'job',
	(t) => ({
		id: t.bigint().primaryKey(),
		/** 'requested' | 'routed' | 'running' | 'settled' | 'cancelled' | 'expired' | 'failed' */
		status: t.text().notNull(),
		tracked: t.boolean().notNull(),
		/** Null for an untracked job. */
		requester: t.hex(),
		/** 0: paid by the requester. */
		team: t.integer().notNull(),
		gpuModel: t.text().notNull(),
		minMemoryGiB: t.integer().notNull(),
		/** Bits over core's FORM_FACTORS; 0 is any. */
		formFactors: t.integer().notNull(),
		gpuCount: t.integer().notNull(),
		duration: t.integer().notNull(),
		maxPricePerGpuHour: t.bigint().notNull(),
		/** Bits over core's CONTINENTS. */
		continents: t.integer().notNull(),
		/** 'DE,FR', or '' */
		countries: t.text().notNull(),
		/** Bits over core's PRICING_MODELS. */
		excludedPricing: t.integer().notNull(),
		uptimeWeight: t.integer().notNull(),
		latencyWeight: t.integer().notNull(),
		ratingWeight: t.integer().notNull(),
		riskWeight: t.integer().notNull(),
		routeDeadline: t.bigint().notNull(),
		startWindow: t.integer().notNull(),
		specHash: t.hex().notNull(),
		policyHash: t.hex().notNull(),
		/** The struct that `route` wants brought along, as JSON: numbers of more than 48 bits are decimal strings. */
		requestJson: t.text().notNull(),
		locked: t.bigint().notNull(),
		listingId: t.integer(),
		provider: t.hex(),
		pricePerGpuHour: t.bigint(),
		startDeadline: t.bigint(),
		requestedAt: t.bigint().notNull(),
		routedAt: t.bigint(),
		startedAt: t.bigint(),
		endsAt: t.bigint(),
		endedAt: t.bigint(),
		paid: t.bigint(),
		refunded: t.bigint(),
		/** Seconds paid for. */
		elapsed: t.integer(),
		requestedBlock: t.bigint().notNull(),
		updatedAt: t.bigint().notNull(),
		updatedBlock: t.bigint().notNull(),
	}),
	(table) => ({
		statusIdx: index().on(table.status),
		requesterIdx: index().on(table.requester),
		providerIdx: index().on(table.provider),
		listingIdx: index().on(table.listingId),
		teamIdx: index().on(table.team),
		requestedAtIdx: index().on(table.requestedAt),
		updatedBlockIdx: index().on(table.updatedBlock),
	}),
);

/** A routing as committed on chain. */
export const routing = onchainTable(
	'routing',
	(t) => ({
		jobId: t.bigint().notNull(),
		block: t.bigint().notNull(),
		logIndex: t.integer().notNull(),
		listingId: t.integer().notNull(),
		listingVersion: t.integer().notNull(),
		provider: t.hex().notNull(),
		pricePerGpuHour: t.bigint().notNull(),
		startDeadline: t.bigint().notNull(),
		candidatesRoot: t.hex().notNull(),
		recordRoot: t.hex().notNull(),
		recordHash: t.hex().notNull(),
		commitment: t.hex().notNull(),
		at: t.bigint().notNull(),
		txHash: t.hex().notNull(),
	}),
	(table) => ({
		pk: primaryKey({ columns: [table.jobId, table.block, table.logIndex] }),
		listingIdx: index().on(table.listingId),
		recordRootIdx: index().on(table.recordRoot),
	}),
);

export const jobEvent = onchainTable(
	'job_event',
	(t) => ({
		jobId: t.bigint().notNull(),
		block: t.bigint().notNull(),
		logIndex: t.integer().notNull(),
		/** 'requested' | 'routed' | 'started' | 'settled' | 'cancelled' | 'expired' | 'failed' */
		kind: t.text().notNull(),
		at: t.bigint().notNull(),
		/** Null where it would lead to an untracked job's requester, as is `by`, the transaction's sender. */
		txHash: t.hex(),
		by: t.hex(),
		/** The event's own values as a JSON object. */
		data: t.text().notNull(),
	}),
	(table) => ({
		pk: primaryKey({ columns: [table.jobId, table.block, table.logIndex] }),
		atIdx: index().on(table.at),
	}),
);

/** Money's movements. There are no balances here: the chain has them, and a balance would give an untracked lock away by subtraction. */
export const escrowEntry = onchainTable(
	'escrow_entry',
	(t) => ({
		block: t.bigint().notNull(),
		logIndex: t.integer().notNull(),
		/** 1 for a refund, which may stand beside a payment of the same event; otherwise 0. */
		leg: t.integer().notNull(),
		/** 'deposit' | 'withdrawal' | 'lock' | 'payment' | 'refund' */
		kind: t.text().notNull(),
		/** '0x…' for a person, 'team:3' for a team, null for the payer of an untracked job. */
		account: t.text(),
		jobId: t.bigint(),
		amount: t.bigint().notNull(),
		at: t.bigint().notNull(),
		/** Null where it would lead to an untracked job's requester. */
		txHash: t.hex(),
	}),
	(table) => ({
		pk: primaryKey({ columns: [table.block, table.logIndex, table.leg] }),
		accountIdx: index().on(table.account),
		jobIdx: index().on(table.jobId),
	}),
);

export const team = onchainTable('team', (t) => ({
	id: t.integer().primaryKey(),
	name: t.text().notNull(),
	members: t.integer().notNull(),
	createdAt: t.bigint().notNull(),
}));

export const member = onchainTable(
	'member',
	(t) => ({
		team: t.integer().notNull(),
		address: t.hex().notNull(),
		/** 'viewer' | 'user' | 'admin' */
		role: t.text().notNull(),
		since: t.bigint().notNull(),
	}),
	(table) => ({
		pk: primaryKey({ columns: [table.team, table.address] }),
		addressIdx: index().on(table.address),
	}),
);

/** One row, 'platform', once the platform was first paused. */
export const platform = onchainTable('platform', (t) => ({
	id: t.text().primaryKey(),
	paused: t.boolean().notNull(),
	updatedAt: t.bigint().notNull(),
}));

/** What happened on a day (UTC). */
export const dailyTotal = onchainTable('daily_total', (t) => ({
	/** Days since 1970-01-01. */
	day: t.integer().primaryKey(),
	requested: t.integer().notNull(),
	routed: t.integer().notNull(),
	started: t.integer().notNull(),
	settled: t.integer().notNull(),
	cancelled: t.integer().notNull(),
	expired: t.integer().notNull(),
	failed: t.integer().notNull(),
	locked: t.bigint().notNull(),
	paid: t.bigint().notNull(),
	refunded: t.bigint().notNull(),
	/** Seconds paid for, times GPUs. */
	gpuSeconds: t.bigint().notNull(),
}));

export const providerRelations = relations(provider, ({ many }) => ({ listingRows: many(listing) }));

export const listingRelations = relations(listing, ({ one, many }) => ({
	provider: one(provider, { fields: [listing.providerId], references: [provider.id] }),
	changes: many(listingChange),
	jobs: many(job),
}));

export const listingChangeRelations = relations(listingChange, ({ one }) => ({
	listing: one(listing, { fields: [listingChange.listingId], references: [listing.id] }),
}));

export const jobRelations = relations(job, ({ one, many }) => ({
	listing: one(listing, { fields: [job.listingId], references: [listing.id] }),
	routings: many(routing),
	events: many(jobEvent),
	escrowEntries: many(escrowEntry),
}));

export const routingRelations = relations(routing, ({ one }) => ({
	job: one(job, { fields: [routing.jobId], references: [job.id] }),
	listing: one(listing, { fields: [routing.listingId], references: [listing.id] }),
}));

export const jobEventRelations = relations(jobEvent, ({ one }) => ({
	job: one(job, { fields: [jobEvent.jobId], references: [job.id] }),
}));

export const escrowEntryRelations = relations(escrowEntry, ({ one }) => ({
	job: one(job, { fields: [escrowEntry.jobId], references: [job.id] }),
}));

export const teamRelations = relations(team, ({ many }) => ({ memberRows: many(member) }));

export const memberRelations = relations(member, ({ one }) => ({
	teamRow: one(team, { fields: [member.team], references: [team.id] }),
}));
