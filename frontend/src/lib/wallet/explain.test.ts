import { allAbis, escrowAbi, jobRegistryAbi } from '@necto/contracts';
import {
	BaseError,
	ContractFunctionExecutionError,
	ContractFunctionRevertedError,
	encodeErrorResult,
	UserRejectedRequestError,
	zeroAddress,
} from 'viem';
import { describe, expect, test } from 'vitest';
import { wordsOfError } from './error-words.ts';
import { explain, isRejection } from './explain.ts';

/** A revert as viem reports it when the called contract's ABI does not know the error. */
function reverted(data: `0x${string}`) {
	const cause = new ContractFunctionRevertedError({ abi: jobRegistryAbi, data, functionName: 'request' });
	return new ContractFunctionExecutionError(cause, { abi: jobRegistryAbi, functionName: 'request', args: [] });
}

describe('why a transaction failed', () => {
	test('an error of a contract inside is told in words with its amounts', () => {
		const data = encodeErrorResult({
			abi: escrowAbi,
			errorName: 'InsufficientBalance',
			args: [5n, 1_500_000n, 2_000_000n],
		});
		const problem = explain(reverted(data));
		expect(problem.code).toBe('InsufficientBalance');
		expect(problem.message).toContain('$1.500000');
		expect(problem.message).toContain('$2.000000');
		expect(problem.suggestion).not.toBe('');
	});

	test('an error without words of its own still shows its name and values', () => {
		const data = encodeErrorResult({ abi: jobRegistryAbi, errorName: 'NotChallenge', args: [zeroAddress] });
		expect(explain(reverted(data))).toMatchObject({
			code: 'NotChallenge',
			message: `The contract refused: NotChallenge(${zeroAddress}).`,
		});
	});

	test('whatever a person can do wrong is told with what to do', () => {
		// What only the agent, the administrator, another contract or a broken token meets.
		const others =
			/^(AccessControl(Bad|Enforced|Invalid)|AddressEmptyCode|CommitmentMismatch|ECDSA|ERC20Invalid|ERC3009|FailedCall|FormFactorMismatch|GpuModelMismatch|InvalidShortString|MachineTooSmall|MemoryTooSmall|NotACandidate|NotChallenge|NotJobRegistry|NotTheChosen|PaidExceedsLock|PolicyNotJudged|Price(AboveMaximum|Mismatch|Open)|PricingExcluded|ReentrancyGuard|RegionMismatch|SafeCast|SafeERC20|StringTooLong|WrongWiring|ZeroRecord)/;
		const errors = allAbis.filter((item) => item.type === 'error' && !others.test(item.name));
		expect(errors.length).toBeGreaterThan(60);
		for (const error of errors) {
			if (error.type !== 'error') continue;
			const args = error.inputs.map(({ type }) => (type === 'uint64' || type === 'uint256' ? 1_000_000n : 1));
			const words = wordsOfError(error.name, args);
			expect(words?.message ?? '', error.name).toMatch(/^\S.*[.]$/);
			expect(words?.suggestion ?? '', error.name).toMatch(/^\S.*[.]$/);
		}
	});

	test('an extension is refused with the words of a job that runs', () => {
		const price = wordsOfError('PriceOutsideBand', [2_000_000n, 3_000_000n, 4_000_000n]);
		expect(price?.message).toContain('$2.000000 per GPU-hour');
		expect(price?.message).toContain('$3.000000 to $4.000000');
		expect(price?.suggestion).toContain('request a new job');
		// Whoever reads it may be its buyer, who cannot bring it online.
		const offline = wordsOfError('ListingOffline', [7]);
		expect(offline?.message).toContain('Listing 7');
		expect(offline?.suggestion).toMatch(/Its provider.*a buyer can request a new job/);
	});

	test('whoever asked for a job of a team and left it is told whose the job is', () => {
		expect(wordsOfError('NotRequester', [4n, zeroAddress])?.suggestion).toContain('a User of the team now');
	});

	test('whose role and budget it is are said by address: an extension counts in those of who asked for the job', () => {
		const mate = '0x90F79bf6EB2c4f870365E785982E1f101E93b906';
		const budget = wordsOfError('MemberBudgetExceeded', [7, mate, 10_000_000n, 9_000_000n, 2_000_000n]);
		expect(budget?.message).toBe(
			`${mate} may lock $10.000000 of team 7's money in this period, has locked $9.000000, and this needs $2.000000.`,
		);
		expect(wordsOfError('TeamRoleRequired', [7, mate, 2, 1])?.message).toContain(`The role of ${mate} in team 7`);
	});

	test("a job's status is named, also one that this version does not know", () => {
		const status = (current: number) =>
			explain(reverted(encodeErrorResult({ abi: jobRegistryAbi, errorName: 'WrongStatus', args: [4n, current] })))
				.message;
		expect(status(3)).toContain('Job 4 is running');
		expect(status(99)).toContain('99');
	});

	test('declining in the wallet is neutral', () => {
		const error = new BaseError('Transaction failed', { cause: new UserRejectedRequestError(new Error('no')) });
		expect(isRejection(error)).toBe(true);
		expect(explain(error).code).toBe('rejected');
	});

	test('bytes that no contract of ours knows are a refusal, not a crash', () => {
		expect(explain(reverted('0xdeadbeef')).code).toBe('reverted');
	});

	test('anything else keeps its message', () => {
		expect(explain(new Error('odd'))).toMatchObject({ code: 'unexpected', message: 'odd' });
	});
});
