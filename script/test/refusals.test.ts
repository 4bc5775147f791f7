/**
 * Every way in which the contracts refuse a request, beside the check of core that says so before a wallet is asked. The errors are read from the request
 * paths of the sources: a new one that no check prevents fails here.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
	accessControlAbi,
	allAbis,
	type Deployment,
	encodeBytes16,
	escrowAbi,
	jobRegistryAbi,
	local,
	localHttp,
	mockUsdcAbi,
	teamRole,
	waitForReceipt,
} from '@necto/contracts';
import {
	type ChainRequest,
	checkPayment,
	checkRequest,
	gpuModelKey,
	type JobRequest,
	microUsd,
	type PaymentFacts,
	requestSchema,
	requestToChain,
	type SessionFacts,
	teamId,
	unixSeconds,
} from '@necto/core';
import {
	type Address,
	BaseError,
	ContractFunctionRevertedError,
	createPublicClient,
	createWalletClient,
	decodeErrorResult,
	type PublicClient,
	zeroHash,
} from 'viem';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPayer } from '../../frontend/src/lib/jobs/payer.ts';
import { type AccountName, accounts } from '../src/chain/accounts.ts';
import { startChain } from '../src/chain/anvil.ts';
import { prepareContracts } from '../src/chain/deploy.ts';
import { root } from '../src/paths.ts';
import { anyPort } from '../src/ports.ts';
import { Roster } from '../src/roster.ts';
import { Shutdown } from '../src/shutdown.ts';
import { afterFile, scratch } from './scratch.ts';

/** What prevents each error of a request path: a code of core's checks, or the reason why nobody can meet it. */
const PREVENTED: Readonly<Record<string, { code: string } | { never: string }>> = {
	IsPaused: { code: 'paused' },
	ZeroGpuModel: { code: 'unknown_gpu_model' },
	ZeroGpuCount: { code: 'gpu_count_out_of_range' },
	ZeroMaxPrice: { code: 'zero_max_price' },
	InvalidDuration: { code: 'duration_out_of_range' },
	InvalidStartWindow: { code: 'start_window_out_of_range' },
	InvalidRouteDeadline: { code: 'route_deadline_out_of_range' },
	WeightTooLarge: { code: 'weight_out_of_range' },
	UntrackedTeamJob: { code: 'untracked_team_job' },
	AmountTooLarge: { code: 'amount_too_large' },
	InsufficientBalance: { code: 'insufficient_balance' },
	ERC20InsufficientBalance: { code: 'insufficient_wallet' },
	ERC20InsufficientAllowance: { code: 'insufficient_allowance' },
	ZeroAmount: { code: 'zero_deposit' },
	UnknownTeam: { code: 'unknown_team' },
	TeamRoleRequired: { code: 'not_a_team_user' },
	MemberBudgetExceeded: { code: 'member_budget_exceeded' },
	TeamBudgetExceeded: { code: 'team_budget_exceeded' },
	NoSession: { code: 'no_session' },
	SessionTotalExceeded: { code: 'session_total_exceeded' },
	SessionPeriodExceeded: { code: 'session_period_exceeded' },
	UnexpectedTransfer: { never: 'USDC moves what it is told; a token that does not is found by the simulation' },
	InvalidSignature: { never: 'nothing of Necto sends requests that somebody else signed' },
	SignatureExpired: { never: 'nothing of Necto sends requests that somebody else signed' },
	NotJobRegistry: { never: 'the JobRegistry itself calls' },
};

/** The functions that a request runs through, by file. */
const PATH: Readonly<Record<string, readonly string[]>> = {
	'jobs/Requests.sol': [
		'request',
		'depositAndRequest',
		'requestFor',
		'requestBySignature',
		'lockFor',
		'_request',
		'_lock',
		'_checkRequest',
		'_checkWeight',
	],
	'jobs/JobBase.sol': ['_checkSignature', '_useCheckedNonce', '_store'],
	'libraries/Metering.sol': ['ceilingOfParts', '_narrow'],
	'access/Sessions.sol': ['spendByKey', '_isLive', '_periodIndex'],
	'access/Teams.sol': ['spend', '_spend', '_refuse', '_current', '_spentIn', '_setSpent', '_fits', '_checkJobRegistry'],
	'Escrow.sol': ['fundFrom', 'lock', '_checkJobRegistry', '_fund', '_pull', '_receive', '_credit', '_lock', '_held'],
};

const putAway = afterFile();
const shutdown = new Shutdown();
let client: PublicClient;
let deployment: Deployment;
let rpc: string;

const asked: JobRequest = requestSchema.parse({
	gpuModel: 'h100',
	minMemoryGiB: 0,
	formFactors: [],
	gpuCount: 1,
	maxParts: 0,
	duration: 3600,
	maxPricePerGpuHour: '5000000',
	continents: [],
	countries: [],
	excludedPricing: [],
	attestations: [],
	weights: { uptime: 0, latency: 0, rating: 0, risk: 0 },
	routeDeadline: Math.floor(Date.now() / 1000) + 3600,
	startWindow: 1800,
	specHash: zeroHash,
	policyHash: zeroHash,
	team: 0,
	tracked: true,
});

async function send(name: AccountName, call: { address: Address; functionName: string; args: readonly unknown[] }) {
	const wallet = createWalletClient({ chain: local, transport: localHttp(rpc), account: accounts[name] });
	// The names and arguments below are those of the contracts; a wrong one makes the call fail.
	const hash = await wallet.writeContract({ ...call, abi: allAbis } as Parameters<typeof wallet.writeContract>[0]);
	expect((await waitForReceipt(client, hash)).status).toBe('success');
}

const NO_LIMIT = 2n ** 64n - 1n;
/** Teams: 1 has money; in 2 the teammate may spend 4 USD; 3 may spend 4 USD; 4 has no money. */
const TEAMS = { plain: teamId(1), member: teamId(2), team: teamId(3), poor: teamId(4), none: teamId(99) };

beforeAll(async () => {
	const data = await scratch(putAway);
	putAway(() => shutdown.stop());
	const chain = await startChain(
		{ name: 'refusals', title: 'chain', chain: local, port: await anyPort() },
		{ data, roster: new Roster(data) },
		(running) => shutdown.add(0, running),
	);
	rpc = chain.rpc;
	client = createPublicClient({ chain: local, transport: localHttp(rpc), pollingInterval: 50 });
	({ deployment } = await prepareContracts(chain, data));
	const { usdc, escrow, accessControl } = deployment;
	const { buyer, teammate, stranger } = accounts;
	await send('buyer', { address: usdc, functionName: 'mint', args: [buyer.address, 200_000_000n] });
	await send('buyer', { address: usdc, functionName: 'approve', args: [escrow, 400_000_000n] });
	await send('buyer', { address: escrow, functionName: 'deposit', args: [10_000_000n] });
	await send('stranger', { address: usdc, functionName: 'mint', args: [stranger.address, 3_000_000n] });
	for (const [team, limit, member, viewer] of [
		[1, NO_LIMIT, NO_LIMIT, teamRole.viewer],
		[2, NO_LIMIT, 4_000_000n, teamRole.viewer],
		[3, 4_000_000n, NO_LIMIT, teamRole.viewer],
		[4, NO_LIMIT, NO_LIMIT, teamRole.viewer],
	] as const) {
		const args = [team, teammate.address, teamRole.user, member] as const;
		await send('buyer', { address: accessControl, functionName: 'createTeam', args: [`Team ${team}`] });
		await send('buyer', { address: accessControl, functionName: 'setTeamBudget', args: [team, limit, 86_400] });
		await send('buyer', { address: accessControl, functionName: 'setMemberWithBudget', args });
		await send('buyer', {
			address: accessControl,
			functionName: 'setMember',
			args: [team, accounts.newcomer.address, viewer],
		});
		if (team === 4) continue;
		const account = await client.readContract({
			address: escrow,
			abi: escrowAbi,
			functionName: 'accountOfTeam',
			args: [team],
		});
		await send('buyer', { address: escrow, functionName: 'depositTo', args: [account, 10_000_000n] });
	}
	const expiresAt = Number((await client.getBlock()).timestamp) + 86_400;
	const grant = (key: AccountName, total: bigint, perPeriod: bigint) =>
		send('buyer', {
			address: accessControl,
			functionName: 'grantSession',
			args: [accounts[key].address, { total, perPeriod, period: 3_600, expiresAt, team: 0 }],
		});
	await grant('providerA', 4_000_000n, 100_000_000n);
	await grant('providerB', 100_000_000n, 4_000_000n);
	await grant('providerC', 100_000_000n, 100_000_000n);
});

type Way = { by: 'request' } | { by: 'deposit'; amount: bigint } | { by: 'key'; key: AccountName };

interface Case {
	who: AccountName;
	request?: Partial<JobRequest>;
	way?: Way;
}

async function factsOf({ who, request, way = { by: 'request' } }: Case): Promise<PaymentFacts> {
	const { escrow, usdc, accessControl } = deployment;
	const person = accounts[who].address;
	const team = request?.team ?? 0;
	const payer = await readPayer(client, deployment, person, team);
	const account = await client.readContract({
		address: escrow,
		abi: escrowAbi,
		...(team === 0
			? ({ functionName: 'accountOf', args: [person] } as const)
			: ({ functionName: 'accountOfTeam', args: [team] } as const)),
	});
	const token = { address: usdc, abi: mockUsdcAbi } as const;
	const [{ available }, wallet, allowance] = await Promise.all([
		client.readContract({ address: escrow, abi: escrowAbi, functionName: 'balanceOf', args: [account] }),
		client.readContract({ ...token, functionName: 'balanceOf', args: [person] }),
		client.readContract({ ...token, functionName: 'allowance', args: [person, escrow] }),
	]);
	const session: SessionFacts | undefined =
		way.by === 'key'
			? await client.readContract({
					address: accessControl,
					abi: accessControlAbi,
					functionName: 'sessionOf',
					args: [person, accounts[way.key].address],
				})
			: undefined;
	return {
		paused: payer.paused,
		available,
		deposit: way.by === 'deposit' ? { amount: way.amount, wallet, allowance } : null,
		team: payer.facts,
		...(session === undefined ? {} : { session }),
	};
}

/** What core says of it: codes of all findings. */
async function foundBy(case_: Case): Promise<string[]> {
	const request = { ...asked, ...case_.request };
	const now = unixSeconds(Number((await client.getBlock({ blockTag: 'pending' })).timestamp));
	const findings = checkRequest(request, now);
	// What cannot be asked for costs nothing.
	const all = findings.length > 0 ? findings : checkPayment(request, await factsOf(case_), now);
	return all.map(({ code }) => code);
}

/** The name of the contracts' error; null when they take it. */
async function refusedBy({ who, request, way = { by: 'request' } }: Case): Promise<string | null> {
	const struct: ChainRequest = requestToChain({ ...asked, ...request });
	// The model that is none has no key: its bytes are all zero.
	if (request?.gpuModel !== undefined) struct.gpuModel = encodeBytes16('');
	const funding = { validAfter: 0n, validBefore: 0n, salt: zeroHash, v: 0, r: zeroHash, s: zeroHash, method: 0 };
	const registry = { address: deployment.jobRegistry, abi: jobRegistryAbi, blockTag: 'pending' } as const;
	const account = accounts[way.by === 'key' ? way.key : who].address;
	try {
		if (way.by === 'request') {
			await client.simulateContract({ ...registry, account, functionName: 'request', args: [struct] });
		} else if (way.by === 'deposit') {
			const args = [{ ...funding, amount: way.amount }, struct] as const;
			await client.simulateContract({ ...registry, account, functionName: 'depositAndRequest', args });
		} else {
			const args = [accounts[who].address, struct] as const;
			await client.simulateContract({ ...registry, account, functionName: 'requestFor', args });
		}
		return null;
	} catch (error) {
		const revert =
			error instanceof BaseError ? error.walk((cause) => cause instanceof ContractFunctionRevertedError) : null;
		if (!(revert instanceof ContractFunctionRevertedError) || revert.raw === undefined) throw error;
		return decodeErrorResult({ abi: allAbis, data: revert.raw }).errorName;
	}
}

const now = Math.floor(Date.now() / 1000);
const big = { maxPricePerGpuHour: microUsd(10n ** 18n), gpuCount: 65_535, duration: 90 * 86_400 };
const weights = (weight: Partial<JobRequest['weights']>) => ({ weights: { ...asked.weights, ...weight } });

const CASES: readonly [string, Case][] = [
	['ZeroGpuModel', { who: 'buyer', request: { gpuModel: gpuModelKey('none') } }],
	['ZeroGpuCount', { who: 'buyer', request: { gpuCount: 0 } }],
	['ZeroMaxPrice', { who: 'buyer', request: { maxPricePerGpuHour: microUsd(0n) } }],
	['InvalidDuration', { who: 'buyer', request: { duration: 59 } }],
	['InvalidDuration', { who: 'buyer', request: { duration: 90 * 86_400 + 1 } }],
	['InvalidStartWindow', { who: 'buyer', request: { startWindow: 59 } }],
	['InvalidStartWindow', { who: 'buyer', request: { startWindow: 7 * 86_400 + 1 } }],
	['InvalidRouteDeadline', { who: 'buyer', request: { routeDeadline: unixSeconds(now - 600) } }],
	['InvalidRouteDeadline', { who: 'buyer', request: { routeDeadline: unixSeconds(now + 31 * 86_400) } }],
	['WeightTooLarge', { who: 'buyer', request: weights({ uptime: 10_001 }) }],
	['WeightTooLarge', { who: 'buyer', request: weights({ risk: 10_001 }) }],
	['UntrackedTeamJob', { who: 'buyer', request: { team: TEAMS.plain, tracked: false } }],
	['AmountTooLarge', { who: 'buyer', request: big }],
	['InsufficientBalance', { who: 'stranger' }],
	['InsufficientBalance', { who: 'buyer', request: { gpuCount: 3 } }],
	['InsufficientBalance', { who: 'teammate', request: { team: TEAMS.poor } }],
	['ERC20InsufficientAllowance', { who: 'stranger', way: { by: 'deposit', amount: 3_000_000n } }],
	['ERC20InsufficientBalance', { who: 'buyer', way: { by: 'deposit', amount: 170_000_000n } }],
	['ZeroAmount', { who: 'buyer', way: { by: 'deposit', amount: 0n } }],
	['UnknownTeam', { who: 'buyer', request: { team: TEAMS.none } }],
	['TeamRoleRequired', { who: 'newcomer', request: { team: TEAMS.plain } }],
	['TeamRoleRequired', { who: 'stranger', request: { team: TEAMS.plain } }],
	['MemberBudgetExceeded', { who: 'teammate', request: { team: TEAMS.member } }],
	['TeamBudgetExceeded', { who: 'teammate', request: { team: TEAMS.team } }],
	['NoSession', { who: 'buyer', way: { by: 'key', key: 'router' } }],
	['NoSession', { who: 'buyer', way: { by: 'key', key: 'providerC' }, request: { team: TEAMS.plain } }],
	['SessionTotalExceeded', { who: 'buyer', way: { by: 'key', key: 'providerA' } }],
	['SessionPeriodExceeded', { who: 'buyer', way: { by: 'key', key: 'providerB' } }],
];

describe('SYS-05 whatever the contracts refuse is refused before', () => {
	it.each(CASES)('%s', async (error, case_) => {
		const prevention = PREVENTED[error];
		expect(await refusedBy(case_)).toBe(error);
		expect(await foundBy(case_)).toContain(prevention !== undefined && 'code' in prevention ? prevention.code : error);
	});

	it.each<[string, Case]>([
		['a plain request', { who: 'buyer' }],
		['all of the balance', { who: 'buyer', request: { gpuCount: 2 } }],
		['with what is missing', { who: 'buyer', request: { gpuCount: 3 }, way: { by: 'deposit', amount: 5_000_000n } }],
		["a team's", { who: 'teammate', request: { team: TEAMS.plain } }],
		['all of a budget', { who: 'teammate', request: { team: TEAMS.member, maxPricePerGpuHour: microUsd(4_000_000n) } }],
		['by a key', { who: 'buyer', way: { by: 'key', key: 'providerC' } }],
	])('and what they take is not: %s', async (_, case_) => {
		expect(await refusedBy(case_)).toBeNull();
		expect(await foundBy(case_)).toEqual([]);
	});

	it('has a case for every error that a check prevents', () => {
		const prevented = Object.entries(PREVENTED).flatMap(([error, prevention]) => ('code' in prevention ? [error] : []));
		const tried = new Set([...CASES.map(([error]) => error), 'IsPaused']);
		expect(prevented.filter((error) => !tried.has(error))).toEqual([]);
	});

	it('knows every error on the request paths of the contracts', async () => {
		const known = new Set(allAbis.flatMap((item) => (item.type === 'error' ? [item.name] : [])));
		const found = new Set<string>();
		for (const [file, functions] of Object.entries(PATH)) {
			const source = await readFile(join(root, 'contracts/src', file), 'utf8');
			for (const name of functions) {
				const body = bodyOf(source, name);
				expect(body, `${file} has no function ${name}`).not.toBe('');
				for (const [, error = ''] of body.matchAll(/\b([A-Z]\w+)\(/g)) if (known.has(error as never)) found.add(error);
			}
		}
		expect([...found].filter((error) => PREVENTED[error] === undefined)).toEqual([]);
		// And nothing in the table is left from an error that is gone.
		const ofToken = ['ERC20InsufficientBalance', 'ERC20InsufficientAllowance'];
		expect(Object.keys(PREVENTED).filter((error) => !found.has(error) && !ofToken.includes(error))).toEqual([]);
	});

	// Last: everything else is refused from here on.
	it('IsPaused', async () => {
		await send('deployer', { address: deployment.jobRegistry, functionName: 'pause', args: [] });
		expect(await refusedBy({ who: 'buyer' })).toBe('IsPaused');
		expect(await foundBy({ who: 'buyer' })).toEqual(['paused']);
	});
});

/** The bodies of all functions of this name, by their braces. */
function bodyOf(source: string, name: string): string {
	const bodies: string[] = [];
	for (const match of source.matchAll(new RegExp(`function ${name}\\(`, 'g'))) {
		const start = source.indexOf('{', source.indexOf(')', match.index));
		let depth = 0;
		for (let at = start; at < source.length; at++) {
			if (source[at] === '{') depth++;
			if (source[at] === '}' && --depth === 0) {
				bodies.push(source.slice(start, at));
				break;
			}
		}
	}
	return bodies.join('\n');
}
