/** What stands in the way of routing is said: in `/ready`, in the metrics and in the job's own steps. With the real agent on a real network. */
import { readySchema } from '@necto/core';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { useAgents } from '../support/agents.ts';
import { startAgentProcess, until } from '../support/network.ts';

const network = inject('network');
const { agent, buyer, rows, stateOf, titles } = useAgents();
const { adi, zerog, accounts } = network.ready;
const router = accounts.router?.address ?? '0x';
const storage = accounts.storage?.address ?? '0x';
const PLENTY = 10n ** 22n;

async function rpc(url: string, method: string, params: unknown[]): Promise<unknown> {
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
	});
	const { result } = (await response.json()) as { result: unknown };
	return result;
}

const setBalance = (url: string, who: string, wei: bigint) =>
	rpc(url, 'anvil_setBalance', [who, `0x${wei.toString(16)}`]);

async function ready(url: string | null) {
	const response = await fetch(`${url}/ready`);
	const { checks } = readySchema.parse(await response.json());
	return {
		status: response.status,
		bad: Object.fromEntries(checks.flatMap((c) => (c.ok ? [] : [[c.name, c.detail]]))),
	};
}

afterEach(async () => {
	await setBalance(adi.rpc, router, PLENTY);
	await setBalance(zerog.rpc, storage, PLENTY);
});

describe('SYS-05 a key that cannot pay', () => {
	it('without gas: not ready, the job says why, and it is routed without a restart once there is some', async () => {
		await setBalance(adi.rpc, router, 0n);
		const { url } = await agent();
		const job = await buyer.request();
		await until(async () => (await titles(job)).includes('too little'));
		const said = await titles(job);
		expect(said.toLowerCase()).toContain(`failed: the router account ${router.toLowerCase()} has too little`);
		expect(said).toMatch(/It has 0 \w+; the transaction can cost up to 0\.\d+/);
		expect(said).not.toContain('Writing the choice on chain');

		// A job is taken up before the first look at the chain is over.
		await until(async () => (await ready(url)).bad.scan === undefined);
		const answer = await ready(url);
		expect(answer.status).toBe(503);
		expect(answer.bad.gas?.toLowerCase()).toContain(`to the router's account ${router.toLowerCase()}: it has 0 `);
		expect(Object.keys(answer.bad)).toEqual(['gas']);
		const metrics = await (await fetch(`${url}/metrics`)).text();
		expect(metrics).toMatch(/necto_agent_balance_coins\{key="router",kind="balance"\} 0\n/);
		expect(metrics).toContain('necto_agent_check{check="gas"} 0');
		expect(metrics).toMatch(/necto_agent_jobs\{state="\w+"\} [1-9]/);
		expect(metrics).toContain('necto_agent_source_state{source="necto",state="fresh"} 1');

		// Told once, however often it was tried.
		expect(said.split('too little').length - 1).toBe(1);
		await setBalance(adi.rpc, router, PLENTY);
		await until(async () => (await stateOf(job)) === 'routed');
		expect(await buyer.routes(job)).toHaveLength(1);
		await until(async () => (await ready(url)).status === 200);
	});

	it('for storage: the same', async () => {
		await setBalance(zerog.rpc, storage, 0n);
		const { url } = await agent();
		const job = await buyer.request();
		await until(async () => (await titles(job)).includes('too little 0G'));
		expect((await titles(job)).toLowerCase()).toContain(
			`failed: the agent cannot pay for storage: its account ${storage.toLowerCase()} has too little 0g`,
		);
		const answer = await ready(url);
		expect(answer.status).toBe(503);
		expect(answer.bad['0g-balance']?.toLowerCase()).toContain(
			`to the storage account ${storage.toLowerCase()}: it has 0 0g`,
		);
		await setBalance(zerog.rpc, storage, PLENTY);
		await until(async () => (await stateOf(job)) === 'routed');
		expect(await buyer.routes(job)).toHaveLength(1);
	});

	it('whose transaction was signed before it was emptied goes on when it is filled', async () => {
		const { url } = await agent();
		// Signed and stored, and never taken: no block is made until there is nothing left to pay with.
		await rpc(adi.rpc, 'anvil_setAutomine', [false]);
		const request = buyer.request();
		await new Promise((resolve) => setTimeout(resolve, 500));
		await rpc(adi.rpc, 'anvil_mine', ['0x1']);
		const job = await request;
		await until(async () => (await stateOf(job)) === 'submitted');
		await rpc(adi.rpc, 'anvil_dropAllTransactions', []);
		await setBalance(adi.rpc, router, 0n);
		await rpc(adi.rpc, 'anvil_setAutomine', [true]);
		await until(async () => (await ready(url)).bad.gas !== undefined);
		await setBalance(adi.rpc, router, PLENTY);
		await until(async () => (await stateOf(job)) === 'routed');
		expect(await buyer.routes(job)).toHaveLength(1);
	});
});

describe('SYS-05 jobs that are missing in the journal', () => {
	it('are found on the chain at the next start, though the cursor has passed them', async () => {
		const first = await agent();
		const job = await buyer.request();
		await until(async () => (await stateOf(job)) === 'routed');
		await first.stop();
		const [kept] = await rows('DELETE FROM agent.job WHERE id = $1 RETURNING *', job);
		expect(kept).toBeDefined();
		const { url } = await agent();
		await until(async () => (await rows('SELECT FROM agent.job WHERE id = $1', job)).length === 1);
		await until(async () => (await ready(url)).status === 200);
		expect(await (await fetch(`${url}/metrics`)).text()).toContain('necto_agent_missing_jobs{where="journal"} 0');
		expect(await buyer.routes(job)).toHaveLength(1);
	});
});

describe("SYS-06 an agent's clock that is an hour off", () => {
	it.each([3_600, -3_600])('%i s: it decides nothing, says why, and goes on when the clock is right', async (wrong) => {
		// Other tests move the chain's clock.
		const pending = (await rpc(adi.rpc, 'eth_getBlockByNumber', ['pending', false])) as { timestamp: string };
		const moved = Number(pending.timestamp) - Math.floor(Date.now() / 1_000);
		const preload = new URL('../support/shift.ts', import.meta.url);
		const start = (shift: number) =>
			startAgentProcess(
				{ ...network.env, CHAIN_CLOCK_TOLERANCE_SECONDS: '300', CLOCK_SHIFT_SECONDS: String(shift) },
				preload,
			);
		const off = await start(moved + wrong);
		try {
			const job = await buyer.request();
			const side = wrong > 0 ? 'ahead of' : 'behind';
			await until(async () => (await titles(job)).includes(`minutes ${side} the chain.`));
			expect(await titles(job)).toContain("failed: The agent's clock is out of sync with the chain");
			const { status, bad } = await ready(off.url);
			expect(status).toBe(503);
			expect(bad.clock).toContain(side);
			expect(await buyer.routes(job)).toHaveLength(0);
			await off.stop('SIGKILL');
			const right = await start(moved);
			try {
				await until(async () => (await stateOf(job)) === 'routed');
				expect((await ready(right.url)).bad.clock).toBeUndefined();
			} finally {
				await right.stop('SIGKILL');
			}
		} finally {
			await off.stop('SIGKILL');
		}
	});
});
