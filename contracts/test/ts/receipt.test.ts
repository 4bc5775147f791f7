import { createClient, custom, type Hash } from 'viem';
import { describe, expect, test } from 'vitest';
import { local, waitForReceipt } from '../../index.ts';

const HASH: Hash = `0x${'1'.repeat(64)}`;

/** An idle chain: the third request finds the receipt, and no further block is mined. */
function idleChain(receipt: object | Error) {
	const asked: string[] = [];
	const request = async ({ method }: { method: string }) => {
		asked.push(method);
		if (asked.length < 3) return null;
		if (receipt instanceof Error) throw receipt;
		return receipt;
	};
	return { asked, client: createClient({ chain: local, transport: custom({ request }, { retryCount: 0 }) }) };
}

describe('waiting for a receipt', () => {
	test('returns the receipt without a further block', async () => {
		const { client, asked } = idleChain({ transactionHash: HASH, status: '0x1', blockNumber: '0x5', logs: [] });
		const receipt = await waitForReceipt(client, HASH, 1);
		expect(receipt).toMatchObject({ status: 'success', blockNumber: 5n });
		expect(asked).toEqual(Array(3).fill('eth_getTransactionReceipt'));
	});

	test('throws any other error of the node', async () => {
		const { client } = idleChain(new Error('connection refused'));
		await expect(waitForReceipt(client, HASH, 1)).rejects.toThrow('connection refused');
	});
});
