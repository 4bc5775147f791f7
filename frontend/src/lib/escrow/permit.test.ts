import { type Address, domainSeparator, recoverTypedDataAddress, serializeSignature } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { byPermit, permitData } from './permit.ts';

const person = privateKeyToAccount(`0x${'11'.repeat(32)}`);
const USDC: Address = '0x00000000000000000000000000000000000000c0';
const ESCROW: Address = '0x00000000000000000000000000000000000000e5';
const deployment = {
	chainId: 31337,
	startBlock: 0,
	accessControl: USDC,
	providerRegistry: USDC,
	jobRegistry: USDC,
	escrow: ESCROW,
	challenge: USDC,
	usdc: USDC,
};

/** A token whose domain has this version, and which may say so. */
function token(version: string, says: string | null) {
	const domain = { name: 'USD Coin', version, chainId: 31337, verifyingContract: USDC };
	const values: Record<string, unknown> = {
		name: 'USD Coin',
		DOMAIN_SEPARATOR: domainSeparator({ domain }),
		nonces: 5n,
		version: says,
	};
	return {
		readContract: ({ functionName }: { functionName: string }) =>
			values[functionName] === null ? Promise.reject(new Error('reverted')) : Promise.resolve(values[functionName]),
		getBlock: () => Promise.resolve({ timestamp: 1_000n }),
		// Only these two are used.
	} as unknown as Parameters<typeof permitData>[0];
}

describe('a permit', () => {
	it.each([
		['1', null],
		['2', '2'],
	])('of a token of version %s is signed for that token, that Escrow and that amount', async (version, says) => {
		const data = await permitData(token(version, says), deployment, person.address, 7n);
		if (data === null) throw new Error('no permit');
		expect(data.message).toEqual({ owner: person.address, spender: ESCROW, value: 7n, nonce: 5n, deadline: 4_600n });
		const signature = await person.signTypedData(data);
		const funding = byPermit(data, signature);
		if (funding === null) throw new Error('no funding');
		expect(funding).toMatchObject({ method: 1, amount: 7n, validBefore: 4_600n });
		expect([27, 28]).toContain(funding.v);
		const rebuilt = serializeSignature({ r: funding.r, s: funding.s, yParity: funding.v - 27 });
		expect(await recoverTypedDataAddress({ ...data, signature: rebuilt })).toBe(person.address);
	});

	it('is not asked for where the token would refuse it', async () => {
		expect(await permitData(token('3', null), deployment, person.address, 7n)).toBeNull();
	});

	it('is not made of the signature of a contract wallet', async () => {
		const data = await permitData(token('1', null), deployment, person.address, 7n);
		if (data === null) throw new Error('no permit');
		expect(byPermit(data, `0x${'22'.repeat(200)}`)).toBeNull();
	});
});
