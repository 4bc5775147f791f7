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
		/** To whom it is offered, until they accept. */
		offeredTo: t.hex(),
		/** Owners that it had before this one: each moved the version of all its listings. */
		generation: t.integer().notNull(),
		name: t.text().notNull(),
		uri: t.text().notNull(),
		listings: t.integer().notNull(),
		jobsRouted: t.integer().notNull(),
		jobsSettled: t.integer().notNull(),
		/** The contract's own counters, as are the next two: run, and paid for. */
		jobsCompleted: t.integer().notNull(),
		/** Declined, not started in time, given up, or ruled against. */
		jobsFailed: t.integer().notNull(),
		/** Stopped by the buyer, who said that what was paid for did not come. */
		jobsDisputed: t.integer().notNull(),
		/** Of the failed: not started in time. */
		jobsExpired: t.integer().notNull(),
		/** What the provider got, without fees. */
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
		/** Multipliers by hour of the week as JSON, `[{"hour":0,"multiplier":8000}]`; '[]' without. */
		tiers: t.text().notNull(),
		/** What its buyers need to have attested: bits over core's ATTESTATION_KINDS. */
		ruleAttestations: t.integer().notNull(),
		/** Whether it serves only the provider's allowed buyers. */
		allowListOnly: t.boolean().notNull(),
		/** Grows with each change its provider makes; reservations do not count. */
		version: t.integer().notNull(),
		/** The last change of anything that the contract keeps of it, reservations included. */
		touchedAt: t.bigint().notNull(),
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

/**
 * A listing's history: what stood after each change. The listing as of a version is its newest row up to it. A change of price terms that takes the
 * tiers away is two rows of one version.
 */
export const listingChange = onchainTable(
	'listing_change',
	(t) => ({
		listingId: t.integer().notNull(),
		version: t.integer().notNull(),
		/** 'added' | 'pricing' | 'tiers' | 'capacity' | 'availability' | 'access-rules' | 'owner' */
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
		tiers: t.text().notNull(),
		ruleAttestations: t.integer().notNull(),
		allowListOnly: t.boolean().notNull(),
		at: t.bigint().notNull(),
		block: t.bigint().notNull(),
		txHash: t.hex().notNull(),
	}),
	(table) => ({
		pk: primaryKey({ columns: [table.listingId, table.version, table.kind] }),
		atIdx: index().on(table.at),
	}),
);

/** What verifiers state of people and companies. A row stays when it expires, and goes when it is revoked. */
export const attestation = onchainTable(
	'attestation',
	(t) => ({
		/** A provider's owner or a buyer. */
		subject: t.hex().notNull(),
		/** A word of core's ATTESTATION_KINDS. */
		kind: t.text().notNull(),
		issuer: t.hex().notNull(),
		evidenceHash: t.hex().notNull(),
		issuedAt: t.bigint().notNull(),
		/** The last second in which it stands. */
		expiresAt: t.bigint().notNull(),
	}),
	(table) => ({ pk: primaryKey({ columns: [table.subject, table.kind] }) }),
);

/** Whom a provider put on its list, for the listings that serve only those. */
export const allowedBuyer = onchainTable(
	'allowed_buyer',
	(t) => ({ providerId: t.integer().notNull(), buyer: t.hex().notNull() }),
	(table) => ({
		pk: primaryKey({ columns: [table.providerId, table.buyer] }),
		buyerIdx: index().on(table.buyer),
	}),
);

/** Who acts for a provider. */
export const delegate = onchainTable(
	'delegate',
	(t) => ({ providerId: t.integer().notNull(), delegate: t.hex().notNull() }),
	(table) => ({
		pk: primaryKey({ columns: [table.providerId, table.delegate] }),
		delegateIdx: index().on(table.delegate),
	}),
);

/**
 * A job: what was asked, and what is agreed now. With `requester` (of an untracked job: from the chain), `team`, `requestedAt`, `routeDeadline`, `gpuCount`,
 * `duration`, `locked`, `requestHash` and, while it has a place, `provider`, `listingId`, `pricePerGpuHour`, `fee`, `router`, `routedAt` and `commitment` it
 * gives the terms that every call wants brought along.
 */
export const job = onchainTable(
	'job',
	(t) => ({
		id: t.bigint().primaryKey(),
		/** 'requested' | 'routed' | 'running' | 'disputed' | 'settled' | 'cancelled' | 'expired' | 'failed' | 'split' */
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
		/** Most jobs that it may be split into; 0 and 1 forbid it. */
		maxParts: t.integer().notNull(),
		/** Seconds, with what it was extended by. */
		duration: t.integer().notNull(),
		maxPricePerGpuHour: t.bigint().notNull(),
		/** Bits over core's CONTINENTS. */
		continents: t.integer().notNull(),
		/** 'DE,FR', or '' */
		countries: t.text().notNull(),
		/** Bits over core's PRICING_MODELS. */
		excludedPricing: t.integer().notNull(),
		/** What its provider needs to have attested: bits over core's ATTESTATION_KINDS. */
		attestations: t.integer().notNull(),
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
		/** keccak256 of that struct, ABI-encoded. */
		requestHash: t.hex().notNull(),
		/** With what its extensions locked. */
		locked: t.bigint().notNull(),
		/** The job that it is a part of. */
		parent: t.bigint(),
		/** How often it lost its place. */
		reopened: t.integer().notNull(),
		/** Null while it has no place, as are the following up to `routedAt`. */
		listingId: t.integer(),
		provider: t.hex(),
		pricePerGpuHour: t.bigint(),
		/** Basis points of what is paid. */
		fee: t.integer(),
		router: t.hex(),
		commitment: t.hex(),
		startDeadline: t.bigint(),
		routedAt: t.bigint(),
		/** Of a part: when the whole was requested. */
		requestedAt: t.bigint().notNull(),
		startedAt: t.bigint(),
		endsAt: t.bigint(),
		disputedAt: t.bigint(),
		/** What the provider would have been paid when the buyer stopped the meter. */
		due: t.bigint(),
		endedAt: t.bigint(),
		/** What the buyer paid, fee included. */
		paid: t.bigint(),
		/** What of it went to the treasury. */
		feePaid: t.bigint(),
		refunded: t.bigint(),
		/** Seconds paid for. */
		elapsed: t.integer(),
		requestedBlock: t.bigint().notNull(),
		/** Where its lock's entry is; a part has none. */
		requestedLogIndex: t.integer().notNull(),
		updatedAt: t.bigint().notNull(),
		updatedBlock: t.bigint().notNull(),
	}),
	(table) => ({
		statusIdx: index().on(table.status),
		requesterIdx: index().on(table.requester),
		providerIdx: index().on(table.provider),
		listingIdx: index().on(table.listingId),
		teamIdx: index().on(table.team),
		parentIdx: index().on(table.parent),
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
		fee: t.integer().notNull(),
		router: t.hex().notNull(),
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
		/**
		 * 'requested' | 'routed' | 'reopened' | 'split' | 'started' | 'extended' | 'disputed' | 'evidence' | 'ruled' | 'settled' | 'cancelled' | 'expired' |
		 * 'failed' | 'challenge-upheld' | 'challenge-rejected'
		 */
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
		/** 1 for a refund and 2 for a fee, which may stand beside a payment of the same event; otherwise 0. */
		leg: t.integer().notNull(),
		/** 'deposit' | 'withdrawal' | 'lock' | 'payment' | 'fee' | 'refund' */
		kind: t.text().notNull(),
		/** '0x…' for a person, 'team:3' for a team, null for the payer of an untracked job: of its lock and refund, and of a deposit made for it. */
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
	/** What it may lock in a period; 2^64 - 1 is no limit. */
	limit: t.bigint().notNull(),
	/** Seconds. */
	period: t.integer().notNull(),
	/** The start of the period that `spent` is of: later ones follow from it, and in those nothing is spent yet. */
	periodStart: t.bigint().notNull(),
	spent: t.bigint().notNull(),
	createdAt: t.bigint().notNull(),
}));

export const member = onchainTable(
	'member',
	(t) => ({
		team: t.integer().notNull(),
		address: t.hex().notNull(),
		/** 'viewer' | 'user' | 'admin' */
		role: t.text().notNull(),
		/** What it may lock in a period of the team; 2^64 - 1 is no limit. */
		limit: t.bigint().notNull(),
		spent: t.bigint().notNull(),
		/** The start of the team's period that `spent` is of: in any other, nothing is spent. */
		periodStart: t.bigint().notNull(),
		since: t.bigint().notNull(),
	}),
	(table) => ({
		pk: primaryKey({ columns: [table.team, table.address] }),
		addressIdx: index().on(table.address),
	}),
);

/** What those who left a team had spent: it counts again when they come back, and goes down when their jobs give money back. */
export const formerMember = onchainTable(
	'former_member',
	(t) => ({
		team: t.integer().notNull(),
		address: t.hex().notNull(),
		spent: t.bigint().notNull(),
		periodStart: t.bigint().notNull(),
	}),
	(table) => ({ pk: primaryKey({ columns: [table.team, table.address] }) }),
);

/** Session keys, which request and cancel in their owner's name. */
export const session = onchainTable(
	'session',
	(t) => ({
		owner: t.hex().notNull(),
		key: t.hex().notNull(),
		/** What it may lock in all. */
		total: t.bigint().notNull(),
		/** What it locked for tracked jobs: what it did for an untracked one would lead from the job to its owner. */
		spent: t.bigint().notNull(),
		/** What it may lock in each period. */
		perPeriod: t.bigint().notNull(),
		/** As `spent`, in the period that began at `periodStart`. */
		periodSpent: t.bigint().notNull(),
		periodStart: t.bigint().notNull(),
		/** Seconds; 0 is one period for all of its life. */
		period: t.integer().notNull(),
		grantedAt: t.bigint().notNull(),
		/** The first second in which it is worth nothing. */
		expiresAt: t.bigint().notNull(),
		/** Whose money it spends; 0 is the owner's own. */
		team: t.integer().notNull(),
		revoked: t.boolean().notNull(),
	}),
	(table) => ({
		pk: primaryKey({ columns: [table.owner, table.key] }),
		keyIdx: index().on(table.key),
	}),
);

/** What routers answer for their decisions with. */
export const bond = onchainTable('bond', (t) => ({
	router: t.hex().primaryKey(),
	amount: t.bigint().notNull(),
	/** What of it can be taken out from `leavesAt` on. */
	leaving: t.bigint().notNull(),
	leavesAt: t.bigint().notNull(),
}));

/** One row, 'platform', once the platform was first paused or a fee set. */
export const platform = onchainTable('platform', (t) => ({
	id: t.text().primaryKey(),
	paused: t.boolean().notNull(),
	/** Basis points of what is paid; those of a job are what they were when it was routed. */
	fee: t.integer().notNull(),
	treasury: t.hex(),
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

export const providerRelations = relations(provider, ({ many }) => ({
	listingRows: many(listing),
	delegateRows: many(delegate),
	allowedBuyers: many(allowedBuyer),
}));

export const delegateRelations = relations(delegate, ({ one }) => ({
	provider: one(provider, { fields: [delegate.providerId], references: [provider.id] }),
}));

export const allowedBuyerRelations = relations(allowedBuyer, ({ one }) => ({
	provider: one(provider, { fields: [allowedBuyer.providerId], references: [provider.id] }),
}));

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
