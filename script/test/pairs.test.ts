/** The whole product on real processes, of which two at a time are killed. `SURVIVAL_PAIRS=all` kills every ordered pair, a number so many. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { jobRegistryAbi, jobStatus, local, localHttp, waitForReceipt } from '@necto/contracts';
import { requestToChain } from '@necto/core';
import { createPublicClient, createWalletClient, parseEventLogs } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Product, startProduct } from '../e2e/product.ts';
import { request } from '../e2e/request.ts';
import { readTerms } from '../src/chain/terms.ts';
import { readIfThere } from '../src/files.ts';
import { processIdSchema } from '../src/process-id.ts';
import { afterFile, scratch } from './scratch.ts';
import { randomOf } from './virtual.ts';

const SEED = Number(process.env.SURVIVAL_SEED ?? 7);
const WANTED = process.env.SURVIVAL_PAIRS ?? '4';
/** The second of a pair dies within so long after the first. */
const WITHIN_MILLISECONDS = 10_000;
const BACK_MILLISECONDS = 180_000;
const PARTS = ['adi', 'zerog', 'postgres', 'indexer', 'agent', 'agent-api', 'frontend'] as const;

const processesSchema = z.array(processIdSchema.extend({ name: z.string() }));
const random = randomOf(SEED);
const putAway = afterFile();
let data: string;
let product: Product;

/** Every ordered pair, in an order of the seed; as many as are wanted. */
function pairs(): [string, string][] {
	const all = PARTS.flatMap((a) => PARTS.filter((b) => b !== a).map((b): [string, string] => [a, b]));
	for (let at = all.length - 1; at > 0; at--) {
		const other = random(at + 1);
		const [one, two] = [all[at], all[other]];
		if (one !== undefined && two !== undefined) [all[at], all[other]] = [two, one];
	}
	// The pair that once took everything down is always among them.
	all.sort((one, two) => Number(two.join() === 'adi,indexer') - Number(one.join() === 'adi,indexer'));
	return WANTED === 'all' ? all : all.slice(0, Number(WANTED));
}

/** Kills a part; one that is down is killed when it is started again. */
async function kill(name: string): Promise<void> {
	for (;;) {
		const text = (await readIfThere(join(data, 'processes.json'))) ?? '[]';
		const found = processesSchema.parse(JSON.parse(text)).find((part) => part.name === name);
		try {
			if (found !== undefined) {
				process.kill(found.pid, 'SIGKILL');
				return;
			}
		} catch {
			// It ended a moment ago and is still on the list.
		}
		await pause(20);
	}
}

async function isReady(): Promise<boolean> {
	return (await readIfThere(join(data, 'ready.json'))) !== undefined;
}

async function waitFor(what: string, holds: () => Promise<boolean>): Promise<void> {
	const deadline = Date.now() + BACK_MILLISECONDS;
	while (!(await holds().catch(() => false))) {
		expect(product.process.exitCode, `the starter ended while ${what} was waited for`).toBeNull();
		if (Date.now() > deadline)
			throw new Error(`${what}: not within ${BACK_MILLISECONDS / 1000} s\n${product.output()}`);
		await pause(50);
	}
}

async function requestAndRoute(): Promise<void> {
	const { adi, contracts, accounts } = product.ready;
	const transport = localHttp(adi.rpc);
	const client = createPublicClient({ chain: local, transport, pollingInterval: 50 });
	const wallet = createWalletClient({
		chain: local,
		transport,
		account: privateKeyToAccount(accounts.buyer?.privateKey ?? '0x'),
	});
	const registry = { address: contracts.jobRegistry, abi: jobRegistryAbi } as const;
	const hash = await wallet.writeContract({
		...registry,
		functionName: 'request',
		args: [requestToChain(request({ duration: 60, maxPricePerGpuHour: 50_000_000n as never }))],
	});
	const { logs } = await waitForReceipt(client, hash);
	const job = parseEventLogs({ abi: jobRegistryAbi, eventName: 'JobRequested', logs })[0]?.args.job ?? 0n;
	await waitFor(`the route of job ${job}`, async () => {
		const { status } = await client.readContract({ ...registry, functionName: 'getJob', args: [job] });
		return status === jobStatus.routed;
	});
	const routes = await client.getContractEvents({ ...registry, eventName: 'JobRouted', args: { job }, fromBlock: 0n });
	expect(routes).toHaveLength(1);
	// Its GPU is free again for the next one.
	const terms = await readTerms(client, contracts, job);
	const cancelled = await wallet.writeContract({ ...registry, functionName: 'cancel', args: [job, terms] });
	await waitForReceipt(client, cancelled);
}

beforeAll(async () => {
	data = await scratch(putAway);
	product = await startProduct(data);
	putAway(() => product.stop());
}, 600_000);

describe('SYS-05 two parts killed within ten seconds', () => {
	it.each(pairs())('%s, then %s', { timeout: 2 * BACK_MILLISECONDS + 60_000 }, async (first, second) => {
		const gap = random(WITHIN_MILLISECONDS);
		const started = Date.now();
		await kill(first);
		await waitFor('that ready.json goes', async () => !(await isReady()));
		await pause(Math.max(0, gap - (Date.now() - started)));
		const wasReady = await isReady();
		await kill(second);
		if (wasReady) await waitFor('that ready.json goes', async () => !(await isReady()));
		await waitFor('that everything answers', isReady);
		const back = Date.now() - started - gap;
		await requestAndRoute();
		process.stdout.write(
			`${first} +${gap} ms ${second}: answers after ${back} ms, routed after ${Date.now() - started - gap} ms\n`,
		);
	});
});
