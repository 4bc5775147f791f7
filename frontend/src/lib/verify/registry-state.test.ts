import { providerRegistryAbi } from '@necto/contracts';
import type { RegistryListing } from '@necto/core';
import {
	type Address,
	createPublicClient,
	custom,
	decodeFunctionData,
	encodeAbiParameters,
	encodeEventTopics,
	encodeFunctionResult,
	type Hex,
	numberToHex,
	zeroAddress,
	zeroHash,
} from 'viem';
import { describe, expect, it } from 'vitest';
import { readRegistry } from './registry-state.ts';

const REGISTRY: Address = '0x00000000000000000000000000000000000000ab';
const OWNER: Address = '0x00000000000000000000000000000000000000cc';
const LATER: Address = '0x00000000000000000000000000000000000000dd';
const BUYER: Address = '0x00000000000000000000000000000000000000bb';

const ascii = (text: string, size: number): Hex =>
	`0x${[...text]
		.map((letter) => letter.charCodeAt(0).toString(16))
		.join('')
		.padEnd(2 * size, '0')}`;

const hardware = {
	gpuModel: ascii('h100', 16),
	memoryGiB: 80,
	formFactor: 2,
	total: 16,
	widest: 8,
	continent: 4,
	country: ascii('DE', 2),
	availableFrom: 0,
	availableUntil: 0,
};
const fixed = (rate: bigint) => ({
	model: 0,
	rate,
	floor: 0n,
	ceiling: 0n,
	tokenAmount: 0n,
	token: ascii('', 8),
});
const description = { name: 'Hall 1', region: 'Frankfurt', network: '', vcpus: 8, ramGiB: 64, diskGiB: 0 };

type Name = Extract<(typeof providerRegistryAbi)[number], { type: 'event' }>['name'];

/** An event as the chain logs it; `args` has all of its inputs by name. */
function log(block: bigint, eventName: Name, args: Record<string, unknown>) {
	const item = providerRegistryAbi.find((each) => each.type === 'event' && each.name === eventName);
	if (item === undefined || item.type !== 'event') throw new Error(`no ${eventName}`);
	const data = item.inputs.filter(({ indexed }) => !indexed);
	return {
		address: REGISTRY,
		blockHash: zeroHash,
		blockNumber: numberToHex(block),
		// The inputs are those of an event known only by its name here.
		data: encodeAbiParameters(data, data.map(({ name }) => args[name]) as never),
		logIndex: '0x0',
		removed: false,
		topics: encodeEventTopics({ abi: providerRegistryAbi, eventName, args } as never) as Hex[],
		transactionHash: zeroHash,
		transactionIndex: '0x0',
	};
}

/** A registry's life: what stands at block 20 is what is asked for, the rest came later. */
const LOGS = [
	log(2n, 'ProviderRegistered', { provider: 1, owner: OWNER, name: 'Nordlicht', uri: '' }),
	log(3n, 'ListingAdded', {
		listing: 1,
		provider: 1,
		kind: 0,
		gpuModel: 'h100',
		hardware,
		pricing: fixed(2_000_000n),
		description,
	}),
	log(4n, 'ListingAdded', {
		listing: 2,
		provider: 1,
		kind: 0,
		gpuModel: 'h100',
		hardware,
		pricing: fixed(1_000_000n),
		description: { ...description, name: 'Hall 2' },
	}),
	log(5n, 'PricingChanged', { listing: 1, version: 2, pricing: fixed(1_900_000n) }),
	log(6n, 'TiersChanged', { listing: 1, version: 3, tiers: [{ hour: 0, multiplier: 9_000 }] }),
	log(7n, 'CapacityReserved', { listing: 1, gpuCount: 3, reserved: 3 }),
	log(8n, 'CapacityReleased', { listing: 1, gpuCount: 1, reserved: 2 }),
	log(9n, 'ProviderTransferred', { provider: 1, from: OWNER, to: LATER }),
	log(10n, 'AccessRulesChanged', { listing: 2, version: 3, rules: { attestations: 0, allowListOnly: true } }),
	log(11n, 'CapacityChanged', { listing: 2, version: 4, total: 12, offline: true }),
	log(12n, 'Attested', { subject: LATER, kind: 0, issuer: OWNER, evidenceHash: zeroHash, expiresAt: 9_000 }),
	log(13n, 'Attested', { subject: LATER, kind: 2, issuer: OWNER, evidenceHash: zeroHash, expiresAt: 9_000 }),
	log(14n, 'AttestationRevoked', { subject: LATER, kind: 2, by: OWNER }),
	log(15n, 'ProviderUpdated', { provider: 1, name: 'Südlicht', uri: '' }),
	log(25n, 'BuyerAllowed', { provider: 1, buyer: BUYER, allowed: true }),
	log(26n, 'PricingChanged', { listing: 1, version: 5, pricing: fixed(5n) }),
	log(30n, 'CapacityReserved', { listing: 1, gpuCount: 1, reserved: 3 }),
];

const stored = {
	...{ provider: 1, touchedAt: 0, kind: 0, continent: 4, offline: false, gpuModel: hardware.gpuModel, memoryGiB: 80 },
	...{ widest: 8, formFactor: 2, country: hardware.country, availableFrom: 0, availableUntil: 0 },
};
const LISTINGS = [
	{ ...stored, ...fixed(1_900_000n), version: 4, total: 16, reserved: 2, tiered: true, restricted: false },
	{
		...stored,
		...fixed(1_000_000n),
		version: 4,
		total: 12,
		reserved: 0,
		offline: true,
		tiered: false,
		restricted: true,
	},
];

/** What the contract answers at a block. */
function answer(data: Hex, block: bigint): unknown {
	const { functionName, args } = decodeFunctionData({ abi: providerRegistryAbi, data });
	const [first, second] = args ?? [];
	switch (functionName) {
		case 'listingCount':
			return 2;
		case 'getListing':
			return LISTINGS[Number(first) - 1];
		case 'getTiers':
			return [{ hour: 0, multiplier: 9_000 }];
		case 'getAccessRules':
			return { attestations: 0, allowListOnly: true };
		case 'getProvider':
			return { owner: LATER, generation: 1, completed: 7, failed: 2, disputed: 1 };
		case 'getAttestation': {
			const isHeld = String(first).toLowerCase() === LATER.toLowerCase() && second === 0;
			const held = { issuer: OWNER, issuedAt: 1, expiresAt: 9_000, evidenceHash: zeroHash };
			return isHeld ? held : { issuer: zeroAddress, issuedAt: 0, expiresAt: 0, evidenceHash: zeroHash };
		}
		case 'isBuyerAllowed':
			return block >= 25n;
		default:
			throw new Error(`not expected: ${functionName}`);
	}
}

interface Node {
	/** Whether it keeps old state. */
	state?: boolean;
	logs?: readonly ReturnType<typeof log>[];
	/** Most blocks of one question. */
	range?: bigint;
	blocks?: boolean;
}

/** Block n is of the time 10 n. */
function read(
	{ state = true, logs = LOGS, range = 1_000_000n, blocks = true }: Node = {},
	requester: Address | null = BUYER,
) {
	const ranges: bigint[] = [];
	const client = createPublicClient({
		transport: custom(
			{
				async request({ method, params }) {
					switch (method) {
						case 'eth_getBlockByNumber':
							if (!blocks) return null;
							return { number: params[0], timestamp: numberToHex(BigInt(params[0]) * 10n), transactions: [] };
						case 'eth_call': {
							if (!state) throw new Error('missing trie node');
							const { functionName } = decodeFunctionData({ abi: providerRegistryAbi, data: params[0].data });
							const result = answer(params[0].data, BigInt(params[1]));
							return encodeFunctionResult({ abi: providerRegistryAbi, functionName, result } as never);
						}
						case 'eth_getLogs': {
							const [{ fromBlock, toBlock, topics = [] }] = params;
							const [from, to] = [BigInt(fromBlock), BigInt(toBlock)];
							ranges.push(to - from + 1n);
							if (to - from + 1n > range) throw new Error('range too wide');
							const [names] = topics;
							return logs.filter(
								({ blockNumber, topics: own }) =>
									BigInt(blockNumber) >= from &&
									BigInt(blockNumber) <= to &&
									(names == null || [names].flat().includes(own[0])),
							);
						}
						default:
							throw new Error(`not expected: ${method}`);
					}
				},
			},
			{ retryCount: 0 },
		),
	});
	const facts = readRegistry({
		client,
		providerRegistry: REGISTRY,
		startBlock: 1n,
		block: 20n,
		beforeRoute: 29n,
		requester,
	});
	return { facts, ranges };
}

async function listingsOf({ facts }: ReturnType<typeof read>): Promise<readonly RegistryListing[]> {
	const { registryState } = await facts;
	if ('missing' in registryState) throw new Error(registryState.missing);
	return registryState.listings;
}

describe('VER-03 the registry at the snapshot’s block', () => {
	it('is read from the state of that block, with names and places from the events', async () => {
		const { registryState, standing } = await read().facts;
		expect(registryState).toMatchObject({ block: { number: 20n, timestamp: 200 }, nextTimestamp: 210 });
		const [one, two] = await listingsOf(read());
		expect(one).toEqual({
			...{
				id: 1,
				providerId: 1,
				kind: 'own',
				gpuModel: 'h100',
				memoryGiB: 80,
				formFactor: 'sxm',
				total: 16,
				widest: 8,
			},
			...{ reserved: 2, offline: false, continent: 'europe', country: 'DE', ...description },
			...{ pricingModel: 'fixed', rate: 1_900_000n, floor: 0n, ceiling: 0n, tokenAmount: 0n, token: '' },
			...{ availableFrom: 0, availableUntil: 0, version: 4, tiers: [{ hour: 0, multiplier: 9_000 }] },
			...{ ruleAttestations: 0, allowListOnly: false },
			provider: { owner: LATER, name: 'Südlicht', jobs: { completed: 7, failed: 2, disputed: 1 } },
			attestations: [{ kind: 'kyc', expiresAt: 9_000 }],
		});
		expect(two).toMatchObject({ id: 2, name: 'Hall 2', version: 4, offline: true, total: 12, allowListOnly: true });
		expect(standing).toEqual({
			atSnapshot: { attestations: [], lists: [] },
			beforeRoute: { attestations: [], lists: [1] },
		});
	});

	it('is the same by events alone where a node keeps no old state, but for the counters of jobs', async () => {
		const byState = await listingsOf(read());
		const byEvents = await listingsOf(read({ state: false }));
		expect(byEvents).toEqual(byState.map((one) => ({ ...one, provider: { ...one.provider, jobs: null } })));
		expect((await read({ state: false }).facts).standing).toEqual((await read().facts).standing);
		expect((await read({ state: false }, null).facts).standing).toBeNull();
	});

	it('is not made of logs with gaps: what is missing is named', async () => {
		const gaps: [number, RegExp][] = [
			[0, /provider 1/],
			[1, /listing 1/],
			[3, /version 2 of listing 1/],
			[5, /a reservation of listing 1/],
			[7, /version 3 of listing 2|version/],
		];
		for (const [index, named] of gaps) {
			const { registryState } = await read({ state: false, logs: LOGS.toSpliced(index, 1) }).facts;
			expect(registryState).toMatchObject({ missing: expect.stringMatching(named) });
		}
		// With the state, a lagging node that serves fewer listings' logs than there are is noticed too.
		const { registryState } = await read({ logs: LOGS.slice(0, 2) }).facts;
		expect(registryState).toMatchObject({ missing: expect.stringContaining('the logs of 1 listings; there are 2') });
		const lagging = await read({ state: false, logs: LOGS.slice(0, -1) }).facts;
		expect(lagging.registryState).toMatchObject({ missing: expect.stringContaining('the logs of block 30') });
	});

	it('says why when the node does not know the block or serves nothing of it', async () => {
		const { registryState, standing } = await read({ blocks: false }).facts;
		expect(registryState).toMatchObject({ missing: expect.stringContaining('Block 20 cannot be read') });
		expect(standing).toEqual(registryState);
		const nothing = await read({ state: false, range: 0n }).facts;
		expect(nothing.registryState).toMatchObject({ missing: expect.stringContaining('range too wide') });
	});
});
