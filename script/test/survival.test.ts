import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
	encodeBytes16,
	jobRegistryAbi,
	jobStatus,
	local,
	localHttp,
	providerRegistryAbi,
	waitForReceipt,
} from '@necto/contracts';
import { createPublicClient, createWalletClient, http, isAddress, zeroHash } from 'viem';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accounts } from '../src/chain/accounts.ts';
import { readIfThere } from '../src/files.ts';
import { root } from '../src/paths.ts';
import { isAlive, processIdSchema } from '../src/process-id.ts';
import { afterFile, scratch } from './scratch.ts';

const addressSchema = z.string().refine((text) => isAddress(text));
const readySchema = z.object({
	adi: z.object({ rpc: z.url(), chainId: z.literal(31337) }),
	zerog: z.object({ rpc: z.url(), chainId: z.literal(16602), indexer: z.url() }),
	contracts: z.object({
		providerRegistry: addressSchema,
		jobRegistry: addressSchema,
		escrow: addressSchema,
		accessControl: addressSchema,
		usdc: addressSchema,
	}),
	accounts: z.record(z.string(), z.object({ address: addressSchema, privateKey: z.string() })),
});
const processesSchema = z.array(processIdSchema.extend({ name: z.string() }));
type Processes = z.infer<typeof processesSchema>;

const putAway = afterFile();
let data: string;
const started: ChildProcess[] = [];

interface Running {
	child: ChildProcess;
	ended: Promise<number | null>;
	ready: z.infer<typeof readySchema>;
	said: () => string;
}

async function waitFor<T>(look: () => Promise<T | undefined>): Promise<T> {
	for (;;) {
		const found = await look();
		if (found !== undefined) return found;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

function launch(preload: string[] = []): { child: ChildProcess; ended: Promise<number | null>; said: () => string } {
	const program = join(root, 'script/src/start.ts');
	const child = spawn(process.execPath, [...preload, program, '--only', 'chain', '--data', data]);
	started.push(child);
	let said = '';
	const hear = (part: Buffer) => {
		said += part.toString('utf8');
	};
	child.stdout.on('data', hear);
	child.stderr.on('data', hear);
	return {
		child,
		ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
		said: () => said,
	};
}

async function start(preload: string[] = []): Promise<Running> {
	const launched = launch(preload);
	const ready = await waitFor(async () => {
		if (launched.child.exitCode !== null) throw new Error(launched.said());
		// A killed start leaves its file; the next one takes it away before it says anything.
		if (!launched.said().includes('is ready')) return undefined;
		return readySchema.parse(JSON.parse(await readFile(join(data, 'ready.json'), 'utf8')));
	});
	return { ...launched, ready };
}

async function processes(): Promise<Processes> {
	return processesSchema.parse(JSON.parse(await readFile(join(data, 'processes.json'), 'utf8')));
}

function clientOf({ ready }: Running) {
	return createPublicClient({ chain: local, transport: http(ready.adi.rpc, { retryCount: 0 }) });
}

/** Asks for a job as the demo buyer. */
async function requestJob(running: Running): Promise<bigint> {
	const client = clientOf(running);
	const wallet = createWalletClient({
		account: accounts.buyer,
		chain: local,
		transport: localHttp(running.ready.adi.rpc),
	});
	const registry = { address: running.ready.contracts.jobRegistry, abi: jobRegistryAbi } as const;
	const { timestamp } = await client.getBlock();
	const hash = await wallet.writeContract({
		...registry,
		functionName: 'request',
		args: [
			{
				gpuModel: encodeBytes16('h100'),
				minMemoryGiB: 0,
				formFactors: 0,
				gpuCount: 1,
				maxParts: 0,
				duration: 3600,
				maxPricePerGpuHour: 3_000_000n,
				continents: 0,
				countries: encodeBytes16(''),
				excludedPricing: 0,
				attestations: 0,
				uptimeWeight: 0,
				latencyWeight: 0,
				ratingWeight: 0,
				riskWeight: 0,
				routeDeadline: Number(timestamp) + 86_400,
				startWindow: 3600,
				specHash: zeroHash,
				policyHash: zeroHash,
				team: 0,
				tracked: true,
			},
		],
	});
	await waitForReceipt(client, hash);
	return client.readContract({ ...registry, functionName: 'jobCount' });
}

/** Does something on the chain and waits until it is on disk. */
async function kept<T>(work: () => Promise<T>): Promise<T> {
	const written = async () => (await stat(join(data, 'chains/adi.json'))).mtimeMs;
	const before = await written();
	const result = await work();
	await waitFor(async () => ((await written()) > before ? true : undefined));
	return result;
}

/** What the chain tells about a job, in every way that other parts ask. */
async function jobOn(running: Running, job: bigint) {
	const client = clientOf(running);
	const registry = { address: running.ready.contracts.jobRegistry, abi: jobRegistryAbi } as const;
	const events = await client.getContractEvents({
		...registry,
		eventName: 'JobRequested',
		args: { job },
		fromBlock: 0n,
	});
	const [event] = events;
	if (event === undefined) throw new Error('no event');
	return {
		status: (await client.readContract({ ...registry, functionName: 'getJob', args: [job] })).status,
		events: events.length,
		hash: event.transactionHash,
		block: (await client.getBlock({ blockNumber: event.blockNumber })).hash,
		receipt: (await client.getTransactionReceipt({ hash: event.transactionHash })).status,
	};
}

beforeAll(async () => {
	data = await scratch(putAway);
	putAway(async () => {
		for (const child of started) child.kill('SIGINT');
		await waitFor(async () =>
			started.every((child) => child.exitCode !== null || child.signalCode) ? true : undefined,
		);
	});
});

describe('SYS-06 the local network keeps what happened', () => {
	it('over a kill of everything, a kill of the chain alone, and an orderly stop', async () => {
		const first = await start();
		const job = await kept(() => requestJob(first));
		const before = await jobOn(first, job);
		expect(before).toMatchObject({ status: jobStatus.requested, events: 1, receipt: 'success' });

		// A second start on the same directory is told so.
		const refused = launch();
		expect(await refused.ended).toBe(1);
		expect(refused.said()).toContain(`Necto already runs on ${data} (process ${first.child.pid})`);

		// Everything is killed.
		const parts = await processes();
		expect(parts.map(({ name }) => name).sort()).toEqual(['adi', 'postgres', 'zerog']);
		first.child.kill('SIGKILL');
		for (const { pid } of parts) process.kill(pid, 'SIGKILL');
		await first.ended;
		const second = await start();
		expect(await jobOn(second, job)).toEqual(before);

		// Only the starter is killed: what it leaves is cleaned up by the next start, with what happened meanwhile.
		const left = await processes();
		second.child.kill('SIGKILL');
		await second.ended;
		const orphaned = await requestJob(second);
		const third = await start();
		expect(third.said()).toContain('The last start was killed; stopping what it left');
		expect(await Promise.all(left.map(isAlive))).toEqual([false, false, false]);
		expect(await jobOn(third, job)).toEqual(before);
		expect((await jobOn(third, orphaned)).status).toBe(jobStatus.requested);

		// The chain dies alone and comes back.
		const chain = (await processes()).find(({ name }) => name === 'adi');
		process.kill(Number(chain?.pid), 'SIGKILL');
		await waitFor(async () => (third.said().includes('The local ADI chain runs again.') ? true : undefined));
		expect(third.said()).toContain('The local ADI chain stopped (SIGKILL); starting it again in 1 s.');
		expect(await jobOn(third, job)).toEqual(before);
		const next = await requestJob(third);
		expect(next).toBe(orphaned + 1n);

		// An orderly stop leaves nothing running and takes the word "ready" back.
		const last = await processes();
		third.child.kill('SIGINT');
		expect(await third.ended).toBe(0);
		expect(await Promise.all(last.map(isAlive))).toEqual(last.map(() => false));
		expect(await readIfThere(join(data, 'ready.json'))).toBeUndefined();
		expect(await readIfThere(join(data, 'lock.json'))).toBeUndefined();

		const fourth = await start();
		expect(await jobOn(fourth, job)).toEqual(before);
		expect((await jobOn(fourth, next)).status).toBe(jobStatus.requested);

		// SYS-04: the demo organisations were put there once.
		const client = clientOf(fourth);
		const registry = { address: fourth.ready.contracts.providerRegistry, abi: providerRegistryAbi } as const;
		expect(await client.readContract({ ...registry, functionName: 'providerCount' })).toBe(3);
		const count = await client.readContract({ ...registry, functionName: 'listingCount' });
		const models = new Set<number>();
		for (let id = 1; id <= count; id++) {
			models.add((await client.readContract({ ...registry, functionName: 'getListing', args: [id] })).model);
		}
		expect([...models].sort()).toEqual([0, 1, 2]);
		expect((await stat(join(data, 'ready.json'))).mode & 0o777).toBe(0o600);
		fourth.child.kill('SIGINT');
		expect(await fourth.ended).toBe(0);
	});
});

describe('SYS-05 a killed start', () => {
	it('whose chain cannot be written to disk is not cleaned up, so that its last blocks are not lost', async () => {
		const first = await start();
		const parts = await processes();
		first.child.kill('SIGKILL');
		await first.ended;
		const job = await requestJob(first);
		// A file in the directory's place fails each write as a full disk does.
		await rename(join(data, 'chains'), join(data, 'chains-aside'));
		await writeFile(join(data, 'chains'), '');
		const refused = launch();
		expect(await refused.ended).toBe(1);
		expect(refused.said()).toContain('its state cannot be written to');
		expect(await Promise.all(parts.map(isAlive))).toEqual([true, true, true]);

		await rm(join(data, 'chains'));
		await rename(join(data, 'chains-aside'), join(data, 'chains'));
		const next = await start();
		expect((await jobOn(next, job)).status).toBe(jobStatus.requested);
		next.child.kill('SIGINT');
		expect(await next.ended).toBe(0);
	});
});

describe('SYS-05 a fault of the starter itself', () => {
	it.each([
		['unhandledRejection', "Promise.reject(new Error('planted'))"],
		['uncaughtException', "setTimeout(() => { throw new Error('planted'); })"],
	])('%s: everything is stopped in order, and it says so', async (fault, code) => {
		const running = await start(['--import', `data:text/javascript,process.on('SIGUSR2', () => { ${code} })`]);
		const parts = await processes();
		expect(parts).toHaveLength(3);
		running.child.kill('SIGUSR2');
		expect(await running.ended).toBe(1);
		expect(running.said()).toContain(`Necto stops because of an internal error (${fault}): planted`);
		expect(await Promise.all(parts.map(isAlive))).toEqual([false, false, false]);
		expect(await readIfThere(join(data, 'ready.json'))).toBeUndefined();
		expect(await readIfThere(join(data, 'lock.json'))).toBeUndefined();
	});
});
