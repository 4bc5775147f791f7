import { expect, test } from 'vitest';
import { readLimits } from '../limits.ts';

test('limits need no setting, and empty ones are none', () => {
	const usual = readLimits({});
	expect(usual).toEqual({
		audience: 'public',
		trustedProxies: ['127.0.0.0/8', '::1'],
		clientAddressHeader: 'x-forwarded-for',
		requests: 300,
		streams: 20,
		queries: 8,
		queryCost: 5_000,
		queryMilliseconds: 5_000,
		resultBytes: 8_388_608,
	});
	expect(readLimits({ LIMIT_STREAMS: '', INDEXER_API: '', TRUSTED_PROXIES: '' })).toEqual(usual);
});

test('limits are what they are set to', () => {
	const env = {
		INDEXER_API: 'private',
		TRUSTED_PROXIES: ' 10.0.0.0/8 , 2001:db8::1',
		CLIENT_ADDRESS_HEADER: 'X-Real-IP',
	};
	expect(readLimits({ ...env, LIMIT_QUERY_SECONDS: '2' })).toMatchObject({
		audience: 'private',
		trustedProxies: ['10.0.0.0/8', '2001:db8::1'],
		clientAddressHeader: 'x-real-ip',
		queryMilliseconds: 2_000,
	});
});

test.each([
	['INDEXER_API', 'open'],
	['TRUSTED_PROXIES', '10.0.0.0/33'],
	['TRUSTED_PROXIES', 'proxy.example'],
	['CLIENT_ADDRESS_HEADER', 'a b'],
	['LIMIT_STREAMS', '0'],
	['LIMIT_QUERIES', 'many'],
	['LIMIT_QUERY_SECONDS', '-1'],
])('%s=%s is refused by its name', (name, value) => {
	expect(() => readLimits({ [name]: value })).toThrow(`${name} has to be`);
});
