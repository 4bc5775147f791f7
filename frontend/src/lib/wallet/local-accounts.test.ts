import { describe, expect, test } from 'vitest';
import type { Runtime } from '../runtime.ts';
import { localAccount } from './local-accounts.ts';
import { localConnector } from './local-connector.ts';

const zero = `0x${'00'.repeat(20)}` as const;
const runtime = (chainId: number): Runtime => ({
	chainId,
	rpcUrl: 'http://127.0.0.1:1',
	deployment: {
		chainId,
		startBlock: 0,
		accessControl: zero,
		providerRegistry: zero,
		jobRegistry: zero,
		escrow: zero,
		challenge: zero,
		usdc: zero,
	},
	explorer: null,
	local: chainId === 31_337,
});

describe('demo accounts', () => {
	test('are those that the local network funds', () => {
		expect(localAccount('buyer', 31_337).address).toBe('0x90F79bf6EB2c4f870365E785982E1f101E93b906');
		expect(localAccount('providerC', 31_337).address).toBe('0x14dC79964da2C08b23698B3D3cc7Ca32193d9955');
	});

	test.each([1, 16_602, 36_900, 99_999])('cannot exist on chain %d', (chainId) => {
		expect(() => localAccount('buyer', chainId)).toThrow(RangeError);
		expect(() => localConnector(runtime(chainId))).toThrow(RangeError);
	});
});
