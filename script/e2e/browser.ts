import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, inject } from 'vitest';
import { launchChromium } from './chromium.ts';
import { injectWallet } from './wallet.ts';

export interface Visitor {
	readonly page: Page;
	/** Errors that the page wrote to its console or threw. */
	readonly complaints: string[];
	close(): Promise<void>;
}

/** A browser for the tests of one file, with a visitor for each account that asks. */
export function useBrowser() {
	let browser: Browser;
	const open: BrowserContext[] = [];

	beforeAll(async () => {
		browser = await launchChromium();
	});
	afterAll(async () => {
		for (const context of open) await context.close();
		await browser.close();
	});

	async function visit(options: { account?: string; width?: number; height?: number } = {}): Promise<Visitor> {
		const ready = inject('ready');
		const { width = 1440, height = 900, account } = options;
		const context = await browser.newContext({
			viewport: { width, height },
			baseURL: ready.frontend,
			reducedMotion: 'reduce',
		});
		open.push(context);
		const page = await context.newPage();
		page.setDefaultTimeout(120_000);
		const complaints: string[] = [];
		page.on('pageerror', (error) => complaints.push(error.message));
		page.on('console', (message) => {
			if (message.type() === 'error' || message.text().includes('hydrat')) complaints.push(message.text());
		});
		if (account !== undefined) {
			const found = ready.accounts[account];
			if (found === undefined) throw new Error(`ready.json has no account ${account}`);
			await injectWallet(page, { rpc: ready.adi.rpc, chainId: ready.adi.chainId, account: found.address });
		}
		return { page, complaints, close: () => context.close() };
	}

	/** A visitor who has connected a wallet through RainbowKit's window. */
	async function connect(account: string, size: { width?: number; height?: number } = {}): Promise<Visitor> {
		const visitor = await visit({ account, ...size });
		const { page } = visitor;
		await page.goto('/market');
		await page.getByRole('button', { name: 'Connect wallet' }).click();
		await page.getByRole('button', { name: 'Choose a wallet of this browser' }).click();
		await page.getByTestId('rk-wallet-option-test.necto.wallet').click();
		await page.getByRole('button', { name: /^Account / }).waitFor();
		return visitor;
	}

	return { visit, connect };
}
