import { type Address, type Hex, stringToHex } from 'viem';
import { describe, expect, it } from 'vitest';
import type { RegistryLog, RegistryReader } from '../../src/chain/reader.ts';
import { type RegistryListing, readRegistry } from '../../src/index.ts';

const OWNER: Address = '0x00000000000000000000000000000000000000cc';
const LATER: Address = '0x00000000000000000000000000000000000000dd';
const BUYER: Address = '0x00000000000000000000000000000000000000bb';

const ascii = (text: string, size: number): Hex => stringToHex(text, { size });

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

/** An event as a reader gives it. */
function log<Name extends RegistryLog['eventName']>(
	blockNumber: bigint,
	eventName: Name,
	args: RegistryLog<Name>['args'],
): RegistryLog {
	// TypeScript does not see that a name and its own arguments are one member of the union.
	return { blockNumber, eventName, args } as RegistryLog;
}

/** A registry's life: what stands at block 20 is what is asked for, the rest came later. */
const LOGS = [
	log(2n, 'ProviderRegistered', { provider: 1, owner: OWNER, name: 'Nordlicht' }),
	log(3n, 'ListingAdded', {
		listing: 1,
		provider: 1,
		kind: 0,
		hardware,
		pricing: fixed(2_000_000n),
		description,
	}),
	log(4n, 'ListingAdded', {
		listing: 2,
		provider: 1,
		kind: 0,
		hardware,
		pricing: fixed(1_000_000n),
		description: { ...description, name: 'Hall 2' },
	}),
	log(5n, 'PricingChanged', { listing: 1, version: 2, pricing: fixed(1_900_000n) }),
	log(6n, 'TiersChanged', { listing: 1, version: 3, tiers: [{ hour: 0, multiplier: 9_000 }] }),
	log(7n, 'CapacityReserved', { listing: 1, gpuCount: 3, reserved: 3 }),
	log(8n, 'CapacityReleased', { listing: 1, gpuCount: 1, reserved: 2 }),
	log(9n, 'ProviderTransferred', { provider: 1, to: LATER }),
	log(10n, 'AccessRulesChanged', { listing: 2, version: 3, rules: { attestations: 0, allowListOnly: true } }),
	log(11n, 'CapacityChanged', { listing: 2, version: 4, total: 12, offline: true }),
	log(12n, 'Attested', { subject: LATER, kind: 0, expiresAt: 9_000 }),
	log(13n, 'Attested', { subject: LATER, kind: 2, expiresAt: 9_000 }),
	log(14n, 'AttestationRevoked', { subject: LATER, kind: 2 }),
	log(15n, 'ProviderUpdated', { provider: 1, name: 'Südlicht' }),
	log(25n, 'BuyerAllowed', { provider: 1, buyer: BUYER, allowed: true }),
	log(26n, 'PricingChanged', { listing: 1, version: 5, pricing: fixed(5n) }),
	log(30n, 'CapacityReserved', { listing: 1, gpuCount: 1, reserved: 3 }),
];

const stored = {
	...{ provider: 1, kind: 0, continent: 4, offline: false, gpuModel: hardware.gpuModel, memoryGiB: 80 },
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

interface Node {
	/** Whether it keeps old state. */
	state?: boolean;
	logs?: readonly RegistryLog[];
	/** Most blocks of one question. */
	range?: bigint;
	blocks?: boolean;
}

/** A node that answers as the contract does. Block n is of the time 10 n. */
function nodeOf({ state = true, logs = LOGS, range = 1_000_000n, blocks = true }: Node): RegistryReader {
	const kept = <Answer>(answer: Answer): Promise<Answer> =>
		state ? Promise.resolve(answer) : Promise.reject(new Error('missing trie node'));
	const logsIn = async (from: bigint, to: bigint): Promise<readonly RegistryLog[]> => {
		if (to - from + 1n > range) throw new Error('range too wide');
		return logs.filter(({ blockNumber }) => blockNumber >= from && blockNumber <= to);
	};
	return {
		async timestamp(block) {
			if (!blocks) throw new Error('block not found');
			return Number(block) * 10;
		},
		listingCount: () => kept(2),
		async listing(id) {
			const listing = LISTINGS[id - 1];
			if (listing === undefined) throw new Error('UnknownListing');
			return kept(listing);
		},
		tiers: () => kept([{ hour: 0, multiplier: 9_000 }]),
		accessRules: () => kept({ attestations: 0, allowListOnly: true }),
		provider: () => kept({ owner: LATER, completed: 7, failed: 2, disputed: 1 }),
		attestation: (subject, kind) => kept(subject === LATER && kind === 0 ? 9_000 : null),
		isBuyerAllowed: (_provider, _buyer, block) => kept(block >= 25n),
		registryLogs: logsIn,
		async describingLogs(from, to) {
			const names = ['ListingAdded', 'ProviderRegistered', 'ProviderUpdated'];
			const found = await logsIn(from, to);
			return found.filter((each): each is RegistryLog<'ListingAdded' | 'ProviderRegistered' | 'ProviderUpdated'> =>
				names.includes(each.eventName),
			);
		},
	};
}

function read(node: Node = {}, requester: Address | null = BUYER) {
	return readRegistry({ reader: nodeOf(node), startBlock: 1n, block: 20n, beforeRoute: 29n, requester });
}

async function listingsOf(facts: ReturnType<typeof read>): Promise<readonly RegistryListing[]> {
	const { registryState } = await facts;
	if ('missing' in registryState) throw new Error(registryState.missing);
	return registryState.listings;
}

describe('VER-03 the registry at the snapshot’s block', () => {
	it('is read from the state of that block, with names and places from the events', async () => {
		const { registryState, standing } = await read();
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
		expect((await read({ state: false })).standing).toEqual((await read()).standing);
		expect((await read({ state: false }, null)).standing).toBeNull();
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
			const { registryState } = await read({ state: false, logs: LOGS.toSpliced(index, 1) });
			expect(registryState).toMatchObject({ missing: expect.stringMatching(named) });
		}
		// With the state, a lagging node that serves fewer listings' logs than there are is noticed too.
		const { registryState } = await read({ logs: LOGS.slice(0, 2) });
		expect(registryState).toMatchObject({ missing: expect.stringContaining('the logs of 1 listings; there are 2') });
		const lagging = await read({ state: false, logs: LOGS.slice(0, -1) });
		expect(lagging.registryState).toMatchObject({ missing: expect.stringContaining('the logs of block 30') });
	});

	it('says why when the node does not know the block or serves nothing of it', async () => {
		const { registryState, standing } = await read({ blocks: false });
		expect(registryState).toMatchObject({ missing: expect.stringContaining('Block 20 cannot be read') });
		expect(standing).toEqual(registryState);
		const nothing = await read({ state: false, range: 0n });
		expect(nothing.registryState).toMatchObject({ missing: expect.stringContaining('range too wide') });
	});
});
