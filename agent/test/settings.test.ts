import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { messageOf } from '../src/errors.ts';
import { scrub } from '../src/scrub.ts';
import { readApiSettings } from '../src/settings/api.ts';
import { readRouterSettings } from '../src/settings/router.ts';
import { SettingsError } from '../src/settingText.ts';

const directory = mkdtempSync(join(tmpdir(), 'necto-settings-'));
const deployment = join(directory, 'deployment.json');
const contract = `0x${'11'.repeat(20)}`;
writeFileSync(
	deployment,
	JSON.stringify({
		chainId: 31337,
		startBlock: 0,
		accessControl: contract,
		providerRegistry: contract,
		jobRegistry: contract,
		escrow: contract,
		challenge: contract,
		usdc: contract,
	}),
);
afterAll(() => rmSync(directory, { recursive: true }));

const KEY = `0x${'5e'.repeat(32)}`;
const common = {
	INDEXER_URL: 'http://127.0.0.1:42069/',
	ADI_RPC_URL: 'http://127.0.0.1:8545,https://rpc.example/v2/abc',
	NECTO_DEPLOYMENT: deployment,
	ZEROG_INDEXER_URL: 'http://127.0.0.1:5678',
};
const forApi = { ...common, API_DATABASE_URL: 'postgres://necto_api:hunter2@127.0.0.1:5432/necto' };
const complete = {
	...common,
	DATABASE_URL: 'postgres://necto:hunter2@127.0.0.1:5432/necto',
	ZEROG_RPC_URL: 'http://127.0.0.1:8546',
	ROUTER_PRIVATE_KEY: KEY,
	ZEROG_PRIVATE_KEY: KEY.slice(2),
};

function problem(changes: Record<string, string | undefined>, of: 'router' | 'api' = 'router'): string {
	try {
		if (of === 'router') readRouterSettings({ ...complete, ...changes });
		else readApiSettings({ ...forApi, ...changes });
	} catch (error) {
		expect(error).toBeInstanceOf(SettingsError);
		return messageOf(error);
	}
	throw new Error('The settings were taken.');
}

describe('settings', () => {
	it('have defaults for all that is not particular to a place', () => {
		const settings = readRouterSettings(complete);
		expect(settings.http).toEqual({ host: '127.0.0.1', port: 4001 });
		expect(settings.apiRole).toBe('necto_api');
		expect(settings.sources.live.map(({ definition }) => definition.id)).toContain('akash');
		expect(settings.indexerUrl).toBe('http://127.0.0.1:42069');
		expect(settings.chain.rpcUrls).toHaveLength(2);
		expect(readApiSettings(forApi).http).toEqual({ host: '127.0.0.1', port: 4000, origins: [] });
	});

	it.each([
		'DATABASE_URL',
		'ROUTER_PRIVATE_KEY',
		'ROUTER_PRIVATE_KEY_FILE',
		'ZEROG_PRIVATE_KEY',
		'ZEROG_PRIVATE_KEY_FILE',
	])('SYS-05 of the public API are refused with the router’s %s', (name) => {
		expect(problem({ [name]: KEY }, 'api')).toBe(
			`${name} is set for the public API, which must not have it: set it for the router only.`,
		);
	});

	it('SYS-05 trust proxies of this machine only, and have limits', () => {
		const { proxies, metricsClients, limits } = readApiSettings(forApi);
		expect(proxies).toEqual({ trusted: ['127.0.0.0/8', '::1'], header: 'x-forwarded-for' });
		expect(metricsClients).toEqual(['127.0.0.1', '::1']);
		expect(limits).toMatchObject({ readsAMinute: 600, quotesAMinute: 120, streams: 400, streamsOfClient: 16 });
	});

	it('SYS-05 name the proxies, the header and the limits of a place', () => {
		const { proxies, metricsClients, limits, databaseUrl } = readApiSettings({
			...forApi,
			TRUSTED_PROXIES: '10.0.0.0/8, fd00::1',
			CLIENT_ADDRESS_HEADER: 'CF-Connecting-IP',
			METRICS_CLIENTS: '10.0.0.9',
			QUOTES_PER_MINUTE: '5',
			STREAMS_PER_CLIENT: '3',
			API_DATABASE_URL: 'postgres://reader@127.0.0.1/necto',
		});
		expect(proxies).toEqual({ trusted: ['10.0.0.0/8', 'fd00::1'], header: 'cf-connecting-ip' });
		expect(metricsClients).toEqual(['10.0.0.9']);
		expect(limits).toMatchObject({ quotesAMinute: 5, streamsOfClient: 3 });
		expect(databaseUrl).toBe('postgres://reader@127.0.0.1/necto');
		expect(readApiSettings({ ...forApi, TRUSTED_PROXIES: '' }).proxies.trusted).toEqual([]);
	});

	it.each([
		['TRUSTED_PROXIES', 'proxy.internal'],
		['TRUSTED_PROXIES', '10.0.0.0/33'],
		['METRICS_CLIENTS', '10.0.0.0/8'],
		['CLIENT_ADDRESS_HEADER', 'x forwarded'],
		['STREAMS', '0'],
		['QUOTES_PER_MINUTE', 'many'],
		['API_DATABASE_URL', 'mysql://x'],
		['AGENT_PORT', 'eighty'],
		['AGENT_PORT', '70000'],
	])('SYS-05 refuse %s=%s and name it', (name, value) => {
		expect(problem({ [name]: value }, 'api')).toContain(name);
	});

	it('take no live source for an empty list', () => {
		expect(readRouterSettings({ ...complete, LIVE_SOURCES: '' }).sources.live).toEqual([]);
	});

	it('AGT-03 ask every source of token prices that has what it needs, and say what the others lack', () => {
		const { live, missing } = readRouterSettings(complete).sources.tokenPrices;
		expect(live.map(({ definition }) => definition.id)).toEqual(['coingecko', 'coinbase', 'kraken']);
		expect(missing.map(({ note }) => note)).toEqual(['Not asked: set PYTH_API_KEY to see its prices.']);
		const some = readRouterSettings({
			...complete,
			TOKEN_PRICE_SOURCES: 'kraken',
			KRAKEN_BASE_URL: 'http://127.0.0.1:1/',
		});
		expect(some.sources.tokenPrices.live.map(({ settings }) => settings.baseUrl)).toEqual(['http://127.0.0.1:1']);
		expect(readRouterSettings({ ...complete, TOKEN_PRICE_SOURCES: '' }).sources.tokenPrices.live).toEqual([]);
		const file = join(directory, 'pyth');
		writeFileSync(file, 'a-key\n');
		const keyed = readRouterSettings({ ...complete, PYTH_API_KEY_FILE: file, TOKEN_PRICE_SOURCES: 'pyth' });
		expect(keyed.sources.tokenPrices.live[0]?.settings.keys?.[0]?.reveal()).toBe('a-key');
	});

	it.each([
		'DATABASE_URL',
		'INDEXER_URL',
		'ADI_RPC_URL',
		'NECTO_DEPLOYMENT',
		'ZEROG_RPC_URL',
		'ZEROG_INDEXER_URL',
		'ROUTER_PRIVATE_KEY',
	])('name %s when it is missing or empty', (name) => {
		expect(problem({ [name]: undefined })).toContain(name);
		expect(problem({ [name]: '' })).toMatch(/missing/);
	});

	it.each(['API_DATABASE_URL', 'INDEXER_URL', 'ADI_RPC_URL', 'NECTO_DEPLOYMENT', 'ZEROG_INDEXER_URL'])(
		'name %s of the public API when it is missing',
		(name) => {
			expect(problem({ [name]: undefined }, 'api')).toContain(name);
		},
	);

	it.each([
		['ROUTER_PORT', 'eighty'],
		['API_DATABASE_ROLE', 'a"; drop'],
		['INDEXER_URL', 'ftp://x'],
		['DATABASE_URL', 'mysql://x'],
		['LIVE_SOURCES', 'akash,warp'],
		['SOURCE_TIMEOUT_MS', '0'],
		// A timer of a month would fire at once, again and again.
		['AKASH_REFRESH_SECONDS', '2592000'],
		['AKASH_TIMEOUT_MS', '5000000000'],
		['TOKEN_PRICE_SOURCES', 'coingecko,warp'],
		['TOKEN_PRICE_MAX_SPREAD_BPS', '-1'],
		['TOKEN_PRICE_MAX_SPREAD_BPS', '501'],
		['HISTORY_DAYS', '0'],
		['NECTO_DEPLOYMENT', '/does/not/exist.json'],
		['ROUTER_PRIVATE_KEY_FILE', '/does/not/exist'],
	])('say what is wrong with %s=%s', (name, value) => {
		expect(problem({ [name]: value })).toContain(name);
	});

	it('read a key from a file and never repeat a key', () => {
		const file = join(directory, 'key');
		writeFileSync(file, `${KEY}\n`);
		const settings = readRouterSettings({ ...complete, ROUTER_PRIVATE_KEY: undefined, ROUTER_PRIVATE_KEY_FILE: file });
		expect(settings.chain.routerKey.reveal()).toBe(KEY);
		expect(JSON.stringify(settings)).not.toContain('5e5e5e');
		expect(`${settings.chain.routerKey}`).toBe('[secret]');
		const nearly = `${KEY.slice(0, -1)}x`;
		expect(problem({ ROUTER_PRIVATE_KEY: nearly })).not.toContain('5e5e');
	});
});

describe('messages', () => {
	it('keep only scheme and host of an address: keys stand in the rest', () => {
		expect(scrub('failed: https://user:pw@rpc.example/v2/KEY?api_key=K, twice')).toBe(
			'failed: https://rpc.example twice',
		);
		expect(messageOf(new Error('postgres://necto:hunter2@db:5432/necto is down'))).not.toContain('hunter2');
	});
});
