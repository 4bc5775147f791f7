import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSettings } from '../settings.ts';

const address = `0x${'1'.repeat(40)}`;
const deployment = {
	chainId: 31337,
	startBlock: 3,
	accessControl: address,
	providerRegistry: address,
	jobRegistry: address,
	escrow: address,
	challenge: address,
	usdc: address,
};
let folder: string;
let env: Record<string, string>;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'necto-settings-'));
	const file = join(folder, 'deployment.json');
	writeFileSync(file, JSON.stringify(deployment));
	env = {
		NECTO_DEPLOYMENT: file,
		ADI_RPC_URL: 'http://127.0.0.1:8545',
		DATABASE_URL: 'postgresql://necto:secret@127.0.0.1:5432/necto',
	};
});
afterAll(() => rmSync(folder, { recursive: true }));

test('reads the deployment, several RPC URLs and no websocket', () => {
	const settings = readSettings({ ...env, ADI_RPC_URL: ' http://a.example , https://b.example/x,', ADI_WS_URL: '' });
	expect(settings).toEqual({
		deployment,
		rpcUrls: ['http://a.example', 'https://b.example/x'],
		wsUrl: undefined,
		databaseUrl: env.DATABASE_URL,
		watchMs: 15_000,
	});
	expect(readSettings({ ...env, INDEX_CHECK_SECONDS: '60' }).watchMs).toBe(60_000);
});

test('says at once all that is missing, and what it is', () => {
	expect(() => readSettings({})).toThrow(
		/NECTO_DEPLOYMENT is missing.*ADI_RPC_URL is missing.*DATABASE_URL is missing/s,
	);
	expect(() => readSettings({})).not.toThrow('ADI_WS_URL');
});

test.each([
	['ADI_RPC_URL', 'ws://127.0.0.1:8545'],
	['ADI_RPC_URL', 'localhost'],
	['ADI_RPC_URL', ' , '],
	['ADI_WS_URL', 'http://127.0.0.1:8545'],
	['DATABASE_URL', 'mysql://secret@h/db'],
	['INDEX_CHECK_SECONDS', '0'],
	['INDEX_CHECK_SECONDS', '1.5'],
	['INDEX_CHECK_SECONDS', '3601'],
])('%s=%s is refused', (name, value) => {
	const read = () => readSettings({ ...env, [name]: value });
	expect(read).toThrow(`${name} has to be`);
	expect(read).not.toThrow('secret');
});

test('a deployment file that is not there, not JSON or not one', () => {
	const file = join(folder, 'other.json');
	const read = () => readSettings({ ...env, NECTO_DEPLOYMENT: file });
	expect(read).toThrow(`can't read the deployment file ${file}`);
	writeFileSync(file, '{');
	expect(read).toThrow("can't read the deployment file");
	writeFileSync(file, JSON.stringify({ ...deployment, escrow: '0x12' }));
	expect(read).toThrow(/not one:.*not an address.*escrow.*Deploy the contracts again/s);
});
