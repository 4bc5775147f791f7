import { hashTerms } from '@necto/core';
import type { Address, Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { type ChainReader, isRequesterBy, readTerms, type TermsRow, termsOf } from './terms.ts';

const BUYER: Address = '0x00000000000000000000000000000000000000bb';
const OTHER: Address = '0x00000000000000000000000000000000000000ff';
const ESCROW: Address = '0x00000000000000000000000000000000000000e5';
const hash = (digit: string): Hex => `0x${digit.repeat(64)}`;

const requested: TermsRow = {
	id: 4n,
	parent: null,
	tracked: true,
	requester: BUYER,
	team: 0,
	requestedAt: 100,
	routeDeadline: 1_000,
	gpuCount: 8,
	duration: 3_600,
	locked: 16_000_000n,
	requestHash: hash('a'),
	provider: null,
	listingId: null,
	pricePerGpuHour: null,
	fee: null,
	router: null,
	routedAt: null,
	commitment: null,
};
const routed: TermsRow = {
	...requested,
	provider: '0x00000000000000000000000000000000000000cc',
	listingId: 7,
	pricePerGpuHour: 1_900_000n,
	fee: 100,
	router: '0x00000000000000000000000000000000000000dd',
	routedAt: 110,
	commitment: hash('d'),
};

const address: Address = '0x0000000000000000000000000000000000000001';
const deployment = {
	chainId: 31337,
	startBlock: 0,
	accessControl: address,
	providerRegistry: address,
	jobRegistry: address,
	escrow: ESCROW,
	challenge: address,
	usdc: address,
};

/** A chain that stores the hash of these terms and whose Escrow names the payer of each lock; it notes for which jobs it was asked. */
function chain(stored: TermsRow, requester: Address, locks: Record<string, Address> = {}) {
	const asked: bigint[] = [];
	const client = {
		readContract: () => Promise.resolve({ termsHash: hashTerms(termsOf(stored, requester)), status: 1, time: 0 }),
		getContractEvents: ({ args }: { args: { job: bigint } }) => {
			asked.push(args.job);
			const payer = locks[String(args.job)];
			return Promise.resolve(payer === undefined ? [] : [{ address: ESCROW, args: { payer: BigInt(payer) } }]);
		},
		// Only these two are used, and with these arguments.
	} as unknown as ChainReader;
	return { client, asked };
}

const never = () => Promise.reject(new Error('not expected'));

describe("SET-02 a job's terms", () => {
	it('are zero where nothing is agreed yet', () => {
		expect(termsOf(requested, BUYER)).toMatchObject({
			requester: BUYER,
			provider: `0x${'00'.repeat(20)}`,
			listing: 0,
			pricePerGpuHour: 0n,
			fee: 0,
			routedAt: 0,
			commitment: hash('0'),
		});
	});

	it('are those of the row when the chain keeps their hash', async () => {
		const { client, asked } = chain(routed, BUYER);
		expect(await readTerms(client, deployment, routed, OTHER, never)).toEqual(termsOf(routed, BUYER));
		expect(asked).toEqual([]);
	});

	it('wait for the indexer when the chain is ahead', async () => {
		const { client } = chain(routed, BUYER);
		const terms = await readTerms(client, deployment, requested, null, () => Promise.resolve(routed));
		expect(terms.listing).toBe(7);
	});

	it('are refused in words when row and chain never meet', async () => {
		const { client } = chain({ ...routed, locked: 1n }, BUYER);
		await expect(readTerms(client, deployment, routed, null, () => Promise.resolve(routed))).rejects.toMatchObject({
			code: 'terms_behind',
		});
	});
});

describe('AGT-06 the terms of an untracked job', () => {
	const untracked: TermsRow = { ...routed, tracked: false, requester: null };

	it('are known to their buyer without a question to anybody', async () => {
		const { client, asked } = chain(untracked, BUYER);
		expect((await readTerms(client, deployment, untracked, BUYER, never)).requester).toBe(BUYER);
		expect(asked).toEqual([]);
	});

	it("take the requester from the lock for anybody else, of a part from its whole's", async () => {
		const whole = chain(untracked, BUYER, { '4': BUYER });
		expect((await readTerms(whole.client, deployment, untracked, OTHER, never)).requester).toBe(BUYER);
		const part: TermsRow = { ...untracked, id: 9n, parent: 4n };
		const split = chain(part, BUYER, { '4': BUYER });
		expect((await readTerms(split.client, deployment, part, null, never)).requester).toBe(BUYER);
		expect(split.asked).toEqual([4n]);
	});

	it('recognise their buyer and nobody else', () => {
		const stored = hashTerms(termsOf(untracked, BUYER));
		expect(isRequesterBy(untracked, BUYER, stored)).toBe(true);
		expect(isRequesterBy(untracked, OTHER, stored)).toBe(false);
	});
});
