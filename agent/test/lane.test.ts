/** What the lane asks before it signs, on a chain of the test's own; `network/lane.test.ts` sends on a real one. */
import { jobRegistryAbi, settlementChain } from '@necto/contracts';
import { createPublicClient, custom, encodeErrorResult } from 'viem';
import { expect, it } from 'vitest';
import type { RouterAccount } from '../src/chain/clients.ts';
import { Lane } from '../src/chain/lane.ts';
import { createLogger } from '../src/logger.ts';
import { PROVIDER, ROUTER, standIn } from './support/standIns.ts';

/** A chain whose last block is from before a deadline that passed since: the next one takes the call. */
const client = createPublicClient({
	chain: settlementChain(31337),
	transport: custom(
		{
			async request({ method, params }) {
				if (method !== 'eth_estimateGas') throw new Error(`not expected: ${method}`);
				const [{ to }, block] = params;
				if (block === 'pending' && to === ROUTER) return '0x5208';
				const data = encodeErrorResult({ abi: jobRegistryAbi, errorName: 'IsPaused' });
				throw Object.assign(new Error('execution reverted'), { code: 3, data });
			},
		},
		{ retryCount: 0 },
	),
});
const account = standIn<RouterAccount>({ address: ROUTER });
const lane = new Lane(client, account, standIn({}), standIn({}), createLogger('silent'), async () => null);

it('SET-02 asks as of the next block: a quiet chain makes none, so that its last one may be from before a deadline', async () => {
	expect(await lane.refusal({ to: ROUTER, data: '0x' })).toBeNull();
});

it('says by name why the contracts would refuse', async () => {
	expect(await lane.refusal({ to: PROVIDER, data: '0x' })).toMatchObject({ reason: 'IsPaused' });
});
