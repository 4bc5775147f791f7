import type { Event, EventNames } from 'ponder:registry';
import { encodeBytes16, encodeCountries, encodeCountry, encodeToken } from '@necto/contracts';
import { type Address, type Hex, keccak256, toHex } from 'viem';
import '../../src/bonds.ts';
import '../../src/challenges.ts';
import '../../src/disputes.ts';
import '../../src/escrow.ts';
import '../../src/jobs.ts';
import '../../src/listings.ts';
import '../../src/platform.ts';
import '../../src/providers.ts';
import '../../src/sessions.ts';
import '../../src/teams.ts';
import { MemoryStore } from './memory-store.ts';
import { handlers } from './registry.ts';

type Args<Name extends EventNames> = Event<Name> extends { args: infer A } ? A : never;
export type Request = Args<'JobRegistry:JobRequested'>['request'];

const person = (name: string): Address => `0x${keccak256(toHex(name)).slice(26)}`;

export const buyer = person('buyer');
export const stranger = person('stranger');
export const owner = person('owner');
export const router = person('router');
export const teammate = person('teammate');

export const zeroHash: Hex = `0x${'0'.repeat(64)}`;
export const zeroAddress: Address = `0x${'0'.repeat(40)}`;

/** 2026-01-01, 00:00 UTC. */
export const START = 1_767_225_600n;

/** A chain of made-up events, and the tables that come of them. Each event is in a block of its own, ten seconds after the last. */
export class World {
	readonly db = new MemoryStore();
	block = 100n;
	timestamp = START;
	logIndex = 3;
	/** Which of the block's transactions the next events are of. */
	transactionIndex = 0;

	/** Lets an event happen; `by` sends its transaction. */
	async emit<Name extends EventNames>(name: Name, args: Args<Name>, by: Address = stranger): Promise<Hex> {
		this.block += 1n;
		this.timestamp += 10n;
		this.logIndex = 3;
		this.transactionIndex = 0;
		return this.replay(name, args, by);
	}

	/** Another event of the last one's transaction. */
	async also<Name extends EventNames>(name: Name, args: Args<Name>, by: Address = stranger): Promise<Hex> {
		this.logIndex += 1;
		return this.replay(name, args, by);
	}

	/** The same event in the same place of the chain as the last one. */
	async replay<Name extends EventNames>(name: Name, args: Args<Name>, by: Address = stranger): Promise<Hex> {
		const handler = handlers.get(name);
		if (handler === undefined) throw new Error(`Nobody handles ${name}.`);
		const hash = this.hash();
		await handler({
			event: {
				args,
				block: { number: this.block, timestamp: this.timestamp },
				log: { logIndex: this.logIndex },
				transaction: { hash, from: by },
			},
			context: { db: this.db },
		});
		return hash;
	}

	/** The hash of the last event's transaction. */
	hash(): Hex {
		return keccak256(toHex(`transaction ${this.transactionIndex} in ${this.block}`));
	}

	async addProvider(provider = 1): Promise<void> {
		await this.emit('ProviderRegistry:ProviderRegistered', {
			provider,
			owner,
			name: 'Nordlicht',
			uri: 'https://n.example',
		});
	}

	async addListing(listing = 1, provider = 1): Promise<void> {
		await this.emit('ProviderRegistry:ListingAdded', listingArgs(listing, provider), owner);
	}

	/** A provider, a listing and a job that is routed to it. */
	async route(job: bigint, request: Partial<Request> = {}): Promise<void> {
		await this.request(job, request);
		await this.emit('ProviderRegistry:CapacityReserved', { listing: 1, gpuCount: 8, reserved: 8 }, router);
		await this.emit('JobRegistry:JobRouted', routedArgs(job), router);
	}

	async request(job: bigint, change: Partial<Request> = {}): Promise<Hex> {
		return this.emit('JobRegistry:JobRequested', requestedArgs(job, change), buyer);
	}

	/** A job that was routed to listing 1 runs from now on. */
	async start(job: bigint): Promise<void> {
		const startedAt = Number(this.timestamp);
		await this.emit('JobRegistry:JobStarted', { job, provider: owner, startedAt, endsAt: startedAt + 3_600 }, owner);
	}
}

export function requestedArgs(
	job: bigint,
	change: Partial<Request> = {},
	locked = 16_000_000n,
): Args<'JobRegistry:JobRequested'> {
	const request = jobRequest(change);
	const requester = request.tracked ? buyer : zeroAddress;
	return { job, requester, team: request.team, gpuModel: 'h100', locked, request };
}

export function listingArgs(listing: number, provider: number): Args<'ProviderRegistry:ListingAdded'> {
	return {
		listing,
		provider,
		kind: 0,
		gpuModel: 'h100',
		hardware: {
			gpuModel: encodeBytes16('h100'),
			memoryGiB: 80,
			formFactor: 2,
			total: 16,
			widest: 8,
			continent: 4,
			country: encodeCountry('DE'),
			availableFrom: 0,
			availableUntil: 2_000_000_000,
		},
		pricing: { model: 0, rate: 2_000_000n, floor: 0n, ceiling: 0n, tokenAmount: 0n, token: encodeToken('') },
		description: { name: 'H100 SXM', region: 'Frankfurt', network: '', vcpus: 16, ramGiB: 256, diskGiB: 1_000 },
	};
}

export function jobRequest(change: Partial<Request> = {}): Request {
	return {
		gpuModel: encodeBytes16('h100'),
		minMemoryGiB: 80,
		formFactors: 0b100,
		gpuCount: 8,
		maxParts: 0,
		duration: 3_600,
		maxPricePerGpuHour: 2_000_000n,
		continents: 0b10000,
		countries: encodeCountries(['DE', 'FR']),
		excludedPricing: 0b100,
		attestations: 0b1,
		uptimeWeight: 1,
		latencyWeight: 2,
		ratingWeight: 3,
		riskWeight: 4,
		routeDeadline: Number(START) + 3_600,
		startWindow: 900,
		specHash: zeroHash,
		policyHash: zeroHash,
		team: 0,
		tracked: true,
		...change,
	};
}

export function routedArgs(job: bigint): Args<'JobRegistry:JobRouted'> {
	return {
		job,
		listing: 1,
		provider: owner,
		listingVersion: 1,
		pricePerGpuHour: 1_900_000n,
		fee: 100,
		router,
		startDeadline: Number(START) + 1_800,
		candidatesRoot: keccak256('0x01'),
		recordRoot: keccak256('0x02'),
		recordHash: keccak256('0x03'),
		commitment: keccak256('0x04'),
	};
}
