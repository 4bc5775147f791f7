import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { formatUsd } from '@necto/core';
import type { Page } from 'playwright-core';
import { describe, expect, inject, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { useChain } from './chain.ts';

const browser = useBrowser();

/** One RTX 4090 for an hour, at most 50 cents: the demo listing in Montreal costs 39. */
const CEILING = '0.50';
const LOCKED = 500_000n;
const PRICE = 390_000n;

async function requestJob(page: Page, options: { tracked: boolean }): Promise<bigint> {
	await page.goto('/jobs/new');
	await page.getByLabel('GPU model').click();
	await page.getByRole('option', { name: 'RTX 4090', exact: true }).click();
	await page.getByLabel('Ceiling').fill(CEILING);
	const tracked = page.getByRole('switch', { name: 'Tracked job' });
	if ((await tracked.isChecked()) !== options.tracked) await tracked.click();
	await page.getByText('$0.50 locked').waitFor();
	await page.getByRole('button', { name: 'Request job' }).click();
	await page.waitForURL(/\/jobs\/\d+$/);
	return BigInt(page.url().split('/').at(-1) ?? '');
}

async function act(page: Page, action: string): Promise<void> {
	await page.getByRole('button', { name: action, exact: true }).click();
	await page.getByRole('button', { name: `Yes, ${action.toLowerCase()}` }).click();
}

async function stands(page: Page, status: string): Promise<void> {
	await page.locator(`[aria-current="step"]`, { hasText: status }).waitFor();
}

async function checks(page: Page): Promise<Map<string, string>> {
	const rows = await page.locator('[data-check]').all();
	const entries = await Promise.all(
		rows.map(async (row) => [await row.getAttribute('data-check'), await row.getAttribute('data-status')] as const),
	);
	return new Map(entries.map(([id, status]) => [id ?? '', status ?? '']));
}

/** Follows a job from request to payment with one browser for the buyer and one for the provider, and compares the money with the chain. */
async function live(options: { tracked: boolean }) {
	const chain = useChain();
	const buyer = await browser.connect('buyer');
	const provider = await browser.connect('providerB');
	const before = { buyer: await chain.balance('buyer'), provider: await chain.balance('providerB') };

	const job = await requestJob(buyer.page, options);
	expect(await chain.balance('buyer')).toEqual({
		available: before.buyer.available - LOCKED,
		locked: before.buyer.locked + LOCKED,
	});

	const steps = buyer.page.getByRole('log', { name: "Agent's steps" });
	for (const step of ['collecting', 'ranked', 'chosen', 'uploaded', 'routed']) {
		await steps.locator(`[data-step="${step}"]`).first().waitFor();
	}
	await stands(buyer.page, 'Routed');
	const routed = await chain.job(job);
	expect(routed.provider).toBe(chain.account('providerB').address);
	expect(routed.pricePerGpuHour).toBe(PRICE);

	await provider.page.goto(`/jobs/${job}`);
	await act(provider.page, 'Start job');
	await stands(buyer.page, 'Running');
	// So that there are seconds to pay for.
	await pause(2500);
	await act(provider.page, 'Complete job');
	await stands(buyer.page, 'Settled');
	expect(await chain.status(job)).toBe('settled');

	const { available: providerHas } = await chain.balance('providerB');
	const paid = providerHas - before.provider.available;
	const elapsed = paid === 0n ? 0n : (paid * 3600n + PRICE - 1n) / PRICE;
	expect(paid).toBe((PRICE * elapsed) / 3600n);
	expect(await chain.balance('buyer')).toEqual({
		available: before.buyer.available - paid,
		locked: before.buyer.locked,
	});
	for (const amount of [paid, LOCKED - paid]) {
		await buyer.page.getByText(formatUsd(amount), { exact: true }).first().waitFor();
	}

	return { job, buyer, provider };
}

describe('the main job, in a browser', () => {
	test('SET-02 VER-03 a tracked job is routed, runs, is paid to the micro-dollar and verified; a changed byte is found', async () => {
		const { job, buyer, provider } = await live({ tracked: true });
		const { page } = buyer;

		await page.getByRole('button', { name: 'Verify decision' }).click();
		await page.getByText(/^Verified: \d+ of \d+ checks passed\.$/).waitFor();
		const passed = await checks(page);
		expect(passed.size).toBeGreaterThan(15);
		expect([...passed.values()].every((status) => status === 'passed')).toBe(true);

		const saving = page.waitForEvent('download');
		await page.getByRole('button', { name: 'Save the record' }).click();
		const file = await (await saving).path();
		const record = await readFile(file);
		expect(record.includes(chainAddress('buyer').toLowerCase())).toBe(true);

		// One digit of the summary's words: a byte that no rule but the two hashes and the replayed words can notice.
		const at = record.indexOf('Looked at');
		expect(at).toBeGreaterThan(0);
		record[at] = 'l'.charCodeAt(0);
		const changed = `${file}.json`;
		await writeFile(changed, record);
		await page.getByLabel('Record file').setInputFiles(changed);
		await page.getByText(/^Not verified: /).waitFor();
		const found = await checks(page);
		expect([...found].filter(([, status]) => status !== 'passed').map(([id]) => id)).toEqual([
			'record-root',
			'record-hash',
			'choice',
		]);

		await page.goto('/jobs');
		await page
			.getByRole('link', { name: new RegExp(`\\b${job}\\b`) })
			.first()
			.waitFor();
		expect(buyer.complaints).toEqual([]);
		expect(provider.complaints).toEqual([]);
	});

	test('AGT-06 an untracked job does the same and names its buyer nowhere', async () => {
		const { job, buyer } = await live({ tracked: false });
		const { page } = buyer;
		await page.getByRole('button', { name: 'Verify decision' }).click();
		await page.getByText(/^Verified: /).waitFor();

		const ready = inject('ready');
		const who = chainAddress('buyer').toLowerCase().slice(2);
		const [routing] = await useChain().routings(job);
		const record = await fetch(`${ready.zerog.indexer}/file?root=${routing?.args.recordRoot}`).then((answer) =>
			answer.text(),
		);
		expect(record).toContain('necto.record/1');
		expect(record.toLowerCase()).not.toContain(who);

		const query = `{ job(id: "${job}") { ${await fields('job')} routings { items { ${await fields('routing')} } } events { items { ${await fields('jobEvent')} } } }
			escrowEntrys(where: { jobId: "${job}" }) { items { ${await fields('escrowEntry')} } } }`;
		const answer = await graphql(query);
		expect(answer).toContain('"tracked":false');
		expect(answer.toLowerCase()).not.toContain(who);

		const activity = await fetch(`${ready.agent}/jobs/${job}/activity`).then((response) => response.text());
		expect(activity).toContain('routed');
		expect(activity.toLowerCase()).not.toContain(who);
	});

	test('a refused signature is no error, and nothing is lost', async () => {
		const { page } = await browser.connect('buyer');
		await page.goto('/jobs/new');
		await page.getByLabel('GPU model').click();
		await page.getByRole('option', { name: 'RTX 4090', exact: true }).click();
		await page.getByLabel('Ceiling').fill(CEILING);
		await page.evaluate(() => Reflect.set(window, 'walletRejects', ['eth_sendTransaction']));
		await page.getByRole('button', { name: 'Request job' }).click();
		await page
			.getByText(/not signed|declined|rejected/i)
			.first()
			.waitFor();
		expect(await page.getByLabel('Ceiling').inputValue()).toBe(CEILING);
		await page.evaluate(() => Reflect.set(window, 'walletRejects', []));
		await page.getByRole('button', { name: 'Request job' }).click();
		await page.waitForURL(/\/jobs\/\d+$/);
		await act(page, 'Cancel job');
		await stands(page, 'Cancelled');
	});

	test('a newcomer needs no wallet on the local chain', async () => {
		const { page, complaints } = await browser.visit();
		await page.goto('/jobs/new');
		await page.getByRole('button', { name: 'Connect wallet' }).click();
		await page.getByRole('button', { name: /^Buyer/ }).click();
		await page.getByRole('button', { name: /^Account / }).waitFor();
		await page.getByRole('button', { name: 'Request job' }).waitFor();
		expect(complaints).toEqual([]);
	});
});

function chainAddress(name: string): string {
	return useChain().account(name).address;
}

async function graphql(query: string): Promise<string> {
	const response = await fetch(`${inject('ready').indexer}/graphql`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ query }),
	});
	const text = await response.text();
	expect(response.status, text).toBe(200);
	return text;
}

/** Every column that a table has now: a new one is looked at without anybody thinking of this test. */
async function fields(type: string): Promise<string> {
	const answer = await graphql(`{ __type(name: "${type}") { fields { name type { kind ofType { kind } } } } }`);
	const { data } = JSON.parse(answer);
	const scalars: { name: string; type: { kind: string; ofType: { kind: string } | null } }[] = data.__type.fields;
	return scalars
		.filter(({ type: { kind, ofType } }) => [kind, ofType?.kind].some((each) => each === 'SCALAR' || each === 'ENUM'))
		.map(({ name }) => name)
		.join(' ');
}
