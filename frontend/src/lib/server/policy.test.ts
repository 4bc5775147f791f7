import { expect, test } from 'vitest';
import { withVerificationOrigins } from './policy.ts';

test('SEC-01 pages may talk to this site, the chain and the sources of token prices, and to nothing else', () => {
	const policy = "default-src 'none'; connect-src 'self'; worker-src 'self'";
	expect(withVerificationOrigins(policy, 'https://rpc.example:8545/key/path')).toBe(
		"default-src 'none'; connect-src 'self' https://rpc.example:8545 https://api.exchange.coinbase.com https://api.coingecko.com https://api.kraken.com; worker-src 'self'",
	);
});
