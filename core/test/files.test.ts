import { keccak256, stringToBytes } from 'viem';
import { describe, expect, test } from 'vitest';
import {
	canonicalText,
	defaultPolicy,
	isPolicyOf,
	policyHash,
	recordFromBytes,
	recordToBytes,
	snapshotFromBytes,
	snapshotToBytes,
	sourceId,
	textOf,
	unixSeconds,
	ZERO_HASH,
	zeroGRoot,
} from '../src/index.ts';
import candidatesFile from '../vectors/candidates.json' with { type: 'json' };
import commitmentFile from '../vectors/commitment.json' with { type: 'json' };
import rankingFile from '../vectors/ranking.json' with { type: 'json' };
import tiersFile from '../vectors/tiers.json' with { type: 'json' };
import zerog from '../vectors/zerog-root.json' with { type: 'json' };
import { listed, NOW, price, quote, request, routed, snapshot } from './build.ts';
import { patternBytes, vectorFiles, vectorText } from './vectors.ts';

describe('canonical JSON', () => {
	test('is RFC 8785: its own example', () => {
		const value: unknown = JSON.parse(
			'{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
		);
		expect(canonicalText(value)).toBe(
			'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
		);
	});

	test('refuses what JSON cannot hold', () => {
		for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, '\ud800', 1n]) {
			expect(() => canonicalText(value)).toThrow();
		}
	});

	test('bytes that are no UTF-8, or begin with a mark, are refused', () => {
		expect(textOf(stringToBytes('é€😀'))).toBe('é€😀');
		expect(() => textOf(Uint8Array.of(0xc3, 0x28))).toThrow('not UTF-8');
		expect(() => textOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d))).toThrow('not UTF-8');
	});
});

describe('a snapshot’s file', () => {
	const prices = ['AKT', 'NOS'].map((symbol) => ({ symbol, usd: '1', source: 's', observedAt: NOW }));
	const sources = ['akash', 'vast'].map((id) => ({
		id: sourceId(id),
		state: 'fresh' as const,
		fetchedAt: NOW,
		quotes: 1,
		bodyHash: ZERO_HASH,
		note: null,
	}));
	const market = snapshot([listed(1, 2_000_000n), quote({ id: 'a' })], { tokenPrices: prices, sources });

	test('COMP-02 is the same whatever order attestations are read in, and names a kind once', () => {
		const held = (['soc2', 'kyc', 'gdpr'] as const).map((kind) => ({ kind, expiresAt: NOW }));
		const bytes = (attestations: typeof held) =>
			snapshotToBytes(snapshot([listed(1, 1n, { terms: { attestations } })]));
		expect(bytes(held)).toEqual(bytes(held.toReversed()));
		expect(() => bytes([...held, ...held.slice(0, 1)])).toThrow('must not name a kind twice');
	});

	test('reads back as it was', () => {
		const read = snapshotFromBytes(snapshotToBytes(market));
		expect(read).toEqual({ ...market, quotes: market.quotes.toSorted((a, b) => (a.key < b.key ? -1 : 1)) });
		expect(snapshotToBytes(read)).toEqual(snapshotToBytes(market));
	});

	test('is the same file however it was collected', () => {
		const reversed = {
			...market,
			quotes: market.quotes.toReversed(),
			tokenPrices: prices.toReversed(),
			sources: sources.toReversed(),
		};
		expect(snapshotToBytes(reversed)).toEqual(snapshotToBytes(market));
	});

	test('cannot say two things of one offer or token', () => {
		expect(() => snapshotToBytes(snapshot([listed(1, 1n), listed(1, 2n)]))).toThrow('must not hold a key twice');
		expect(() => snapshotToBytes({ ...market, tokenPrices: [...prices, ...prices] })).toThrow('one price for a token');
	});

	test.each([
		['a control character', { raw: 'Frankfurt\u0000' }],
		['half a character', { raw: 'Frankfurt\ud83d' }],
		['a text without end', { raw: 'x'.repeat(201) }],
	])('cannot hold %s', (_what, change) => {
		const bad = quote({ region: { continent: 'europe', country: 'DE', ...change } });
		expect(() => snapshotToBytes(snapshot([bad]))).toThrow();
		expect(() => snapshotToBytes(snapshot([quote({ price: price({ amount: change.raw }) })]))).toThrow();
	});

	test('cannot hold fields that nobody reads', () => {
		const json = JSON.parse(textOf(snapshotToBytes(market)));
		for (const extra of [
			{ ...json, requester: '0x' },
			{ ...json, quotes: [{ ...json.quotes[0], note: 'x' }] },
		]) {
			expect(() => snapshotFromBytes(stringToBytes(JSON.stringify(extra)))).toThrow('Unrecognized key');
		}
	});
});

describe('a record’s file', () => {
	test('VER-01 reads back as it was, and is canonical', () => {
		const { recordBytes } = routed();
		const record = recordFromBytes(recordBytes);
		expect(recordToBytes(record)).toEqual(recordBytes);
		expect(textOf(recordBytes)).toBe(canonicalText(JSON.parse(textOf(recordBytes))));
	});

	test('AGT-06 a tracked job’s names the requester, an untracked one’s has no place for it', () => {
		const keys = (tracked: boolean) =>
			Object.keys(JSON.parse(textOf(routed({ request: request({ tracked }) }).recordBytes)).job).toSorted();
		expect(keys(true)).toEqual(['chainId', 'id', 'registry', 'requester']);
		expect(keys(false)).toEqual(['chainId', 'id', 'registry']);
	});
});

describe('a policy', () => {
	test('is named by its content: networks are a set', () => {
		const one = { ...defaultPolicy, excludedNetworks: ['akash', 'vast'] };
		expect(policyHash({ ...one, excludedNetworks: ['vast', 'akash', 'vast'] })).toBe(policyHash(one));
		expect(policyHash({ ...one, tokenPriceMaxAge: 901 })).not.toBe(policyHash(one));
	});

	test('UI-03 zero names the default', () => {
		expect(isPolicyOf(defaultPolicy, ZERO_HASH)).toBe(true);
		expect(isPolicyOf(defaultPolicy, policyHash(defaultPolicy))).toBe(true);
		expect(isPolicyOf({ ...defaultPolicy, liveOfferMaxAge: 1 }, ZERO_HASH)).toBe(false);
	});

	test('the default is what jobs on chain with a zero hash rely on', () => {
		expect(policyHash(defaultPolicy)).toBe(
			keccak256(
				stringToBytes(
					'{"excludedNetworks":[],"format":"necto.policy/1","liveOfferMaxAge":3600,"snapshotOffers":"compare","tokenPriceMaxAge":900}',
				),
			),
		);
	});
});

describe('the 0G root', () => {
	// Figures of 0G's own SDKs (0.3.3 and 1.2.8), content byte[i] = i % 251.
	test.each([
		[1, '0xd397b3b043d87fcd6fad1291ff0bfd16401c274896d8c63a923727f077b8e0b5'],
		[256, '0xe2a94a8afb5941b26a9be1be979c403e33559570b52961b48b3f7d36237fecc8'],
		[257, '0x24b74d6cdc150cad90a1ba71ff747a7e0d377f676fc78dbcc9218d22dafa503b'],
		[4097, '0xb6c1b3198755cdcf3e030b73b31801aaea2ea41be49229e5e0b5eaa0be775ed8'],
		[262_145, '0x1458412a6ece9f4f9dc83ade0c68037378ef3e10fe484cea5d451cc10c9212d0'],
		[1_300_001, '0x9b27d758987151d297ff1cfa12f6acde23e18243edd75bca1907612ae1d52dfd'],
	])('VER-02 of %i bytes is the one 0G computes', (size, root) => {
		expect(zeroGRoot(patternBytes(size))).toBe(root);
	});

	test('of text', () => {
		expect(zeroGRoot(stringToBytes('{"hello":"necto"}'))).toBe(
			'0xbed5f555d99559d7f97542d58584839eaf700e43823bc9514050d629c78ee4dc',
		);
	});

	test('does not bind the length, which is why the hash of the bytes stands beside it', () => {
		expect(zeroGRoot(Uint8Array.of(1, 2, 3, 0))).toBe(zeroGRoot(Uint8Array.of(1, 2, 3)));
	});

	test('of nothing does not exist', () => {
		expect(() => zeroGRoot(new Uint8Array())).toThrow('empty file');
	});

	test('reads a view of a larger buffer, not the buffer', () => {
		const all = patternBytes(2_000);
		expect(zeroGRoot(all.subarray(500, 1_500))).toBe(zeroGRoot(all.slice(500, 1_500)));
	});
});

test('the vector files are current', () => {
	const files = {
		'candidates.json': candidatesFile,
		'commitment.json': commitmentFile,
		'ranking.json': rankingFile,
		'tiers.json': tiersFile,
		'zerog-root.json': zerog,
	};
	for (const [name, content] of Object.entries(vectorFiles())) {
		expect(files, `run node core/vectors/make.ts: ${name}`).toHaveProperty([name], JSON.parse(vectorText(content)));
	}
	expect(Object.keys(vectorFiles()).toSorted()).toEqual(Object.keys(files).toSorted());
});

test('times beyond what the chain can hold are refused', () => {
	expect(() => unixSeconds(2 ** 40)).toThrow();
});
