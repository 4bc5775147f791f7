import fc from 'fast-check';
import { type Hex, keccak256, stringToBytes } from 'viem';
import { describe, expect, test } from 'vitest';
import {
	CHECK_IDS,
	CHECK_NAMES,
	type ChainFacts,
	type CheckId,
	canonicalText,
	commitmentOf,
	defaultPolicy,
	hashRequest,
	hashTerms,
	listingId,
	microUsd,
	policyHash,
	type TokenPrice,
	textOf,
	unixSeconds,
	type Verification,
	verify,
	zeroGRoot,
} from '../src/index.ts';
import { BUYER, listed, NOW, PROVIDER, price, quote, request, routed, snapshot } from './build.ts';
import { another, changedAt, leaves } from './leaves.ts';
import { anyAdmissions, anyLimits, anyMarket } from './markets.ts';

type Files = ReturnType<typeof routed>;

const failures = ({ checks }: Verification) => checks.filter(({ status }) => status === 'failed').map(({ id }) => id);
const notRun = ({ checks }: Verification) => checks.filter(({ status }) => status === 'not-run').map(({ id }) => id);

/** The market of most tests: every kind of offer and outcome is in it. */
const akt: TokenPrice = {
	symbol: 'AKT',
	usd: '0.81',
	source: 'coingecko alone',
	observedAt: unixSeconds(NOW - 10),
	sources: [{ source: 'coingecko', usd: '0.81', observedAt: unixSeconds(NOW - 10) }],
	maxSpreadBps: 500,
};

const market = snapshot(
	[
		listed(1, 2_000_000n),
		listed(2, 1_900_000n),
		listed(3, 9_000_000n),
		listed(4, 4_000_000n, { terms: { restricted: true, tiers: [{ hour: 0, multiplier: 9_000 }] } }),
		listed(5, 1_000_000n, { terms: { restricted: true } }),
		listed(6, 1_000_000n),
		quote({ id: 'a', price: price({ amount: '1.50' }) }),
		quote({ id: 'b', price: price({ amount: '0' }) }),
		quote({ id: 'c', price: price({ model: 'token', amount: '2', currency: 'AKT' }) }),
	],
	{ tokenPrices: [akt] },
);
const wanted = request({ weights: { uptime: 100, latency: 100, rating: 100, risk: 100 } });
const honest = routed({ request: wanted, snapshot: market, admitted: [listingId(4)], passedOver: [listingId(6)] });

/** A dishonest agent publishes another record and commits to it: root, hash and commitment on chain are then those of the forgery. */
function committed(files: Files, record: unknown): Files {
	const recordBytes = stringToBytes(canonicalText(record));
	return {
		...files,
		recordBytes,
		chain: withRouting(files.chain, { recordRoot: zeroGRoot(recordBytes), recordHash: keccak256(recordBytes) }),
	};
}

function withRouting(chain: ChainFacts, change: Partial<ChainFacts['routing']>): ChainFacts {
	const routing = { ...chain.routing, ...change };
	const requestHash = hashRequest(chain.request);
	const commitment = commitmentOf({ jobId: chain.jobId, requestHash, provider: routing.provider, routing });
	const terms = { ...chain.terms, commitment };
	return { ...chain, routing, terms, termsHash: hashTerms(terms) };
}

describe('VER-03 an honest decision', () => {
	test('passes every check, each named once and in order', () => {
		const result = verify(honest);
		expect(failures(result)).toEqual([]);
		expect(result.ok).toBe(true);
		expect(result.checks.map(({ id }) => id)).toEqual([...CHECK_IDS]);
		for (const { id, name, expected, found } of result.checks) {
			expect(name).toBe(CHECK_NAMES[id]);
			expect(expected).not.toBe('');
			// These two compare with a range.
			if (id !== 'snapshot-block' && id !== 'snapshot-time') expect(found).toBe(expected);
		}
	});

	test('passes for any market and limits that lead to a route', () => {
		fc.assert(
			fc.property(anyMarket, anyLimits, anyAdmissions, ([quotes], limits, admitted) => {
				const restricted = quotes.flatMap(({ listing }) => (listing?.restricted === true ? [listing.id] : []));
				const open = admitted.filter((id) => restricted.includes(id));
				const files = routed({ request: request(limits), snapshot: snapshot(quotes), admitted: open });
				const routedAtAll = files.chain.routing.listing !== 0;
				expect(failures(verify(files))).toEqual(routedAtAll ? [] : ['chain-choice']);
			}),
			{ numRuns: 40 },
		);
	});

	test('PROV-09 passes for a restricted listing that admits the buyer, as the record says', () => {
		const market = snapshot([listed(1, 2_000_000n), listed(2, 1_000_000n, { terms: { restricted: true } })]);
		const files = routed({ snapshot: market, admitted: [listingId(2)] });
		expect(files.chain.routing.listing).toBe(2);
		expect(verify(files).ok).toBe(true);
	});

	test('RES-04 passes for the listings that did not take the job, in the order and as often as the chain tells them', () => {
		const files = routed({ passedOver: [listingId(2)] });
		expect(files.chain.routing.listing).toBe(1);
		expect(verify(files).ok).toBe(true);
		const market = snapshot([listed(1, 2_000_000n), listed(2, 1n), listed(3, 1n)]);
		const two = routed({ snapshot: market, passedOver: [listingId(3), listingId(2)] });
		expect(verify({ ...two, chain: { ...two.chain, refusals: [3, 2, 3] } }).ok).toBe(true);
	});

	test('passes with a policy of the buyer’s own', () => {
		const policy = { ...defaultPolicy, excludedNetworks: ['lambda'] };
		expect(verify(routed({ request: request({ policyHash: policyHash(policy) }), policy })).ok).toBe(true);
	});

	test('passes whatever the case of the addresses and hashes from the chain', () => {
		const { chain } = honest;
		const upper = (text: string) => `0x${text.slice(2).toUpperCase()}` as Hex;
		const routing = {
			...chain.routing,
			candidatesRoot: upper(chain.routing.candidatesRoot),
			recordRoot: upper(chain.routing.recordRoot),
		};
		expect(verify({ ...honest, chain: { ...chain, routing, registry: upper(chain.registry) } }).ok).toBe(true);
	});
});

describe('VER-03 a changed file', () => {
	test('any single byte changed in the record is noticed by its root or its hash', () => {
		fc.assert(
			fc.property(fc.nat(honest.recordBytes.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
				const recordBytes = honest.recordBytes.slice();
				recordBytes[index] = (recordBytes[index] ?? 0) ^ change;
				const failed = failures(verify({ ...honest, recordBytes }));
				expect(failed).toEqual(expect.arrayContaining(['record-root', 'record-hash']));
			}),
			{ numRuns: 60 },
		);
	});

	test('a record that is longer by zeros keeps its root and fails its hash', () => {
		const recordBytes = new Uint8Array(honest.recordBytes.length + 1);
		recordBytes.set(honest.recordBytes);
		expect(failures(verify({ ...honest, recordBytes }))).toEqual(expect.arrayContaining(['record-hash']));
	});

	test('any single byte changed in the snapshot is noticed', () => {
		fc.assert(
			fc.property(fc.nat(honest.snapshotBytes.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
				const snapshotBytes = honest.snapshotBytes.slice();
				snapshotBytes[index] = (snapshotBytes[index] ?? 0) ^ change;
				const failed = failures(verify({ ...honest, snapshotBytes }));
				expect(failed).toEqual(expect.arrayContaining(['snapshot-root', 'snapshot-hash']));
			}),
			{ numRuns: 60 },
		);
	});

	test('a record written in another order of keys is not canonical', () => {
		const entries = Object.entries(JSON.parse(textOf(honest.recordBytes))).toReversed();
		const recordBytes = stringToBytes(JSON.stringify(Object.fromEntries(entries)));
		const chain = withRouting(honest.chain, { recordRoot: zeroGRoot(recordBytes), recordHash: keccak256(recordBytes) });
		expect(failures(verify({ ...honest, recordBytes, chain }))).toEqual(['record-canonical']);
	});
});

/** The check that has to notice a change of each part of a record. */
const NOTICED_BY: Record<string, CheckId> = {
	format: 'record-shape',
	engine: 'engine',
	job: 'job',
	'job.requester': 'identity',
	request: 'request',
	requestHash: 'request',
	policy: 'policy',
	'snapshot.root': 'snapshot-root',
	'snapshot.hash': 'snapshot-hash',
	'snapshot.bytes': 'snapshot-hash',
	takenAt: 'snapshot-shape',
	outcome: 'choice',
	admitted: 'choice',
	passedOver: 'passed-over',
	offers: 'normalisation',
	exclusions: 'exclusions',
	ranking: 'ranking',
	chosen: 'choice',
	cheapestCompareOnly: 'choice',
	candidatesRoot: 'candidates-root',
	summary: 'choice',
};

describe('VER-03 a forged record, committed on chain by a dishonest agent', () => {
	const record: unknown = JSON.parse(textOf(honest.recordBytes));
	const all = leaves(record);

	test('has every part of a record among the leaves that are forged', () => {
		const parts = new Set(all.map(({ path }) => path[0]));
		expect([...parts].toSorted()).toEqual(
			[...new Set(Object.keys(NOTICED_BY).map((part) => part.split('.')[0]))].toSorted(),
		);
	});

	test.each(all.map((leaf) => [leaf.path.join('.'), leaf] as const))('is noticed: %s', (_name, { path, value }) => {
		const result = verify(committed(honest, changedAt(record, path, another(value))));
		const failed = failures(result);
		const check = NOTICED_BY[path.slice(0, 2).join('.')] ?? NOTICED_BY[`${path[0]}`];
		expect(result.ok).toBe(false);
		// A value that is not even well formed is noticed earlier.
		expect(failed.includes('record-shape') || (check !== undefined && failed.includes(check)), failed.join()).toBe(
			true,
		);
		expect(failed).not.toContain('record-root');
		expect(failed).not.toContain('record-hash');
	});

	test('with an item left out, or one twice, is noticed', () => {
		for (const part of ['offers', 'exclusions', 'ranking'] as const) {
			const list = (record as Record<typeof part, unknown[]>)[part];
			for (const forged of [list.slice(1), [...list, ...list.slice(0, 1)], list.toReversed()]) {
				const failed = failures(verify(committed(honest, { ...(record as object), [part]: forged })));
				expect(failed).toContain(NOTICED_BY[part]);
			}
		}
	});

	test('that prefers a dearer listing, on chain too, is noticed by the choice', () => {
		const dearer = {
			key: 'necto:1',
			listing: 1,
			listingVersion: 1,
			pricePerGpuHour: '2000000',
			provider: PROVIDER,
			score: '2028200',
		};
		const forged = committed(honest, { ...(record as object), chosen: dearer });
		const chain = withRouting(forged.chain, { listing: 1, pricePerGpuHour: 2_000_000n });
		expect(failures(verify({ ...forged, chain }))).toEqual(['choice']);
	});

	test('RES-04 that passes over a cheaper listing which never had the job, or takes one that refused it, is noticed', () => {
		const market = snapshot([listed(1, 2_000_000n), listed(2, 1_000_000n)]);
		const preferring = routed({ snapshot: market, passedOver: [listingId(2)] });
		expect(preferring.chain.routing.listing).toBe(1);
		const never = verify({ ...preferring, chain: { ...preferring.chain, refusals: [] } });
		expect(failures(never)).toEqual(['passed-over']);
		expect(never.checks.find(({ id }) => id === 'passed-over')).toMatchObject({
			expected: 'no listing',
			found: 'listing 2',
		});
		const forgetful = routed({ snapshot: market });
		const refused = { ...forgetful.chain, refusals: [2] };
		expect(failures(verify({ ...forgetful, chain: refused }))).toEqual(['passed-over']);
	});

	test('with a field that nobody reads is noticed', () => {
		expect(failures(verify(committed(honest, { ...(record as object), extra: 1 })))).toContain('record-shape');
	});

	test('made by other rules is not taken for ours', () => {
		const forged = committed(honest, { ...(record as object), engine: { name: '@necto/core', version: '0.9.0' } });
		expect(failures(verify(forged))).toEqual(['engine']);
	});
});

describe('VER-03 a chain that says something else', () => {
	const { chain } = honest;

	test.each<[string, Partial<ChainFacts['routing']>, CheckId[]]>([
		['another listing', { listing: 9 }, ['chain-choice', 'commitment']],
		['another version', { listingVersion: 9 }, ['chain-choice', 'commitment']],
		['another price', { pricePerGpuHour: 1_900_001n }, ['chain-choice', 'commitment']],
		['another provider', { provider: BUYER }, ['chain-choice', 'commitment']],
		['another candidates’ root', { candidatesRoot: `0x${'11'.repeat(32)}` }, ['candidates-root', 'commitment']],
		['another record', { recordRoot: `0x${'11'.repeat(32)}` }, ['record-root', 'commitment']],
		['other bytes', { recordHash: `0x${'11'.repeat(32)}` }, ['record-hash', 'commitment']],
	])('%s', (_what, change, expected) => {
		expect(failures(verify({ ...honest, chain: { ...chain, routing: { ...chain.routing, ...change } } }))).toEqual(
			expected,
		);
	});

	test('other terms than it stored: a longer job, another fee, another requester', () => {
		for (const change of [{ duration: 7200 }, { fee: 101 }, { requester: PROVIDER }]) {
			const terms = { ...chain.terms, ...change };
			expect(failures(verify({ ...honest, chain: { ...chain, terms } }))).toEqual(['terms']);
		}
		const terms = { ...chain.terms, commitment: `0x${'11'.repeat(32)}` } as const;
		expect(failures(verify({ ...honest, chain: { ...chain, terms } }))).toEqual(['terms', 'commitment']);
	});

	test('another job, chain or registry', () => {
		expect(failures(verify({ ...honest, chain: { ...chain, jobId: 8n } }))).toEqual(['job', 'commitment']);
		expect(failures(verify({ ...honest, chain: { ...chain, chainId: 1 } }))).toEqual(['job', 'snapshot-shape']);
		expect(failures(verify({ ...honest, chain: { ...chain, registry: BUYER } }))).toEqual(['job']);
	});

	test('other limits than the record decided on', () => {
		const stricter = { ...chain.request, maxPricePerGpuHour: microUsd(1_950_000n) };
		expect(failures(verify({ ...honest, chain: { ...chain, request: stricter } }))).toEqual(
			expect.arrayContaining(['request', 'exclusions', 'ranking', 'commitment']),
		);
	});

	test('a policy that the record did not use', () => {
		const named = policyHash({ ...defaultPolicy, tokenPriceMaxAge: 1 });
		const result = verify(routed({ request: request({ policyHash: named }) }));
		expect(failures(result)).toEqual(['policy']);
	});
});

describe('AGT-06 identity', () => {
	const untracked = routed({ request: request({ tracked: false }) });

	test('an untracked record and snapshot name nobody', () => {
		expect(verify(untracked).ok).toBe(true);
		expect(textOf(untracked.recordBytes)).not.toContain(BUYER.slice(2));
	});

	test('an untracked record that names the requester fails', () => {
		const record = JSON.parse(textOf(untracked.recordBytes));
		const forged = committed(untracked, { ...record, job: { ...record.job, requester: BUYER } });
		expect(failures(verify(forged))).toEqual(['identity']);
	});

	test('PROV-09 an untracked record that says which listings admit the requester fails', () => {
		const record = JSON.parse(textOf(untracked.recordBytes));
		expect(failures(verify(committed(untracked, { ...record, admitted: [2] })))).toEqual([
			'identity',
			'admitted',
			'choice',
		]);
	});

	test('an address hidden in a text is found, in any case', () => {
		const gpu = { ...quote().gpu, rawName: `H100 for ${BUYER.toUpperCase()}` };
		const hidden = snapshot([listed(1, 2_000_000n), quote({ gpu })]);
		expect(failures(verify(routed({ request: request({ tracked: false }), snapshot: hidden })))).toEqual(['identity']);
	});

	test('a buyer who is also a provider may stand there as one', () => {
		const own = snapshot([listed(1, 2_000_000n, { terms: { provider: BUYER } })]);
		expect(verify(routed({ request: request({ tracked: false }), snapshot: own })).ok).toBe(true);
	});

	test('a tracked record that names somebody else, or nobody, fails', () => {
		const record = JSON.parse(textOf(honest.recordBytes));
		const { requester: _, ...nobody } = record.job;
		for (const job of [{ ...record.job, requester: PROVIDER }, nobody]) {
			expect(failures(verify(committed(honest, { ...record, job })))).toEqual(['identity']);
		}
	});
});

describe('missing and broken files', () => {
	test('without the snapshot its checks and their dependants are not run, and nothing is verified', () => {
		const result = verify({ ...routed({ request: request({ tracked: false }) }), snapshotBytes: null });
		expect(failures(result)).toEqual([]);
		expect(notRun(result)).toEqual([
			'identity',
			'snapshot-root',
			'snapshot-hash',
			'snapshot-shape',
			'snapshot-block',
			'snapshot-time',
			'listings-complete',
			'listings-equal',
			'admitted',
			'sources',
			'foreign-offers',
			'offer-times',
			'token-prices',
			'normalisation',
			'exclusions',
			'ranking',
			'candidates-root',
			'choice',
		]);
		expect(result.ok).toBe(false);
	});

	test('an unreadable record leaves the chain’s own checks standing', () => {
		const result = verify({ ...honest, recordBytes: stringToBytes('{') });
		expect(failures(result)).toEqual(['record-root', 'record-hash', 'record-shape']);
		expect(result.checks.find(({ id }) => id === 'commitment')?.status).toBe('passed');
	});

	test('no bytes make it throw', () => {
		const pieces = ['{', '}', '[', ']', '"', ':', ',', 'null', '1e999', '"__proto__"', '\\ud800', '-', '0'];
		const text = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => stringToBytes(parts.join('')));
		const bytes = fc.oneof(
			fc.uint8Array({ maxLength: 600 }),
			text,
			fc.json().map((json) => stringToBytes(json)),
		);
		fc.assert(
			fc.property(bytes, fc.option(bytes), (recordBytes, snapshotBytes) => {
				const result = verify({ recordBytes, snapshotBytes, chain: honest.chain });
				expect(result.ok).toBe(false);
				expect(result.checks).toHaveLength(CHECK_IDS.length);
			}),
			{ numRuns: 300 },
		);
	});

	test('no well-formed record with wild values makes it throw', () => {
		const record: unknown = JSON.parse(textOf(honest.recordBytes));
		const all = leaves(record);
		fc.assert(
			fc.property(fc.nat(all.length - 1), fc.jsonValue(), (index, value) => {
				const leaf = all[index];
				if (leaf === undefined) return;
				const result = verify(committed(honest, changedAt(record, leaf.path, value)));
				expect(result.checks).toHaveLength(CHECK_IDS.length);
			}),
			{ numRuns: 100 },
		);
	});

	test('deep nesting does not exhaust the stack', () => {
		const deep = stringToBytes(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
		expect(verify({ recordBytes: deep, snapshotBytes: deep, chain: honest.chain }).ok).toBe(false);
	});
});
