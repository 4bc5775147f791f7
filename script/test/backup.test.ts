/** SYS-06: what was saved comes back, on the real product; and what is no whole backup changes nothing. */
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobRegistryAbi, jobStatus, local, localHttp, waitForReceipt } from '@necto/contracts';
import { requestToChain } from '@necto/core';
import { createPublicClient, createWalletClient, keccak256, parseEventLogs } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Product, startProduct } from '../e2e/product.ts';
import { request } from '../e2e/request.ts';
import { until } from '../e2e/until.ts';
import { backUp, restore } from '../src/backup.ts';
import { takeLock } from '../src/lock.ts';
import { scratch } from './scratch.ts';

/** A data directory as a stopped network leaves it, in small. */
async function kept(): Promise<{ base: string; data: string; target: string }> {
	const base = await scratch();
	const data = join(base, 'data');
	for (const folder of ['chains', 'postgres/pg_notify', 'keys', 'logs']) {
		await mkdir(join(data, folder), { recursive: true });
	}
	await writeFile(join(data, 'chains/adi.json'), '{"block":7}');
	await writeFile(join(data, 'keys/router'), '0x01', { mode: 0o600 });
	await writeFile(join(data, 'postgres/PG_VERSION'), '17');
	await writeFile(join(data, 'postgres/postmaster.pid'), '1');
	await writeFile(join(data, 'logs/agent.log'), 'said');
	await writeFile(join(data, 'ready.json'), '{}');
	await chmod(join(data, 'postgres'), 0o700);
	return { base, data, target: join(base, 'saved') };
}

describe('SYS-06 a backup', () => {
	it('has what is kept, empty directories and modes included, and nothing of a start', async () => {
		const { base, data, target } = await kept();
		expect(await backUp(data, target)).toEqual({ files: 3 });
		const again = join(base, 'again');
		expect(await restore(target, again)).toEqual({ files: 3 });
		expect((await readdir(again, { recursive: true })).sort()).toEqual([
			'chains',
			'chains/adi.json',
			'keys',
			'keys/router',
			'postgres',
			'postgres/PG_VERSION',
			'postgres/pg_notify',
		]);
		expect(await readFile(join(again, 'chains/adi.json'), 'utf8')).toBe('{"block":7}');
		expect((await stat(join(again, 'keys/router'))).mode & 0o777).toBe(0o600);
		expect((await stat(join(again, 'postgres'))).mode & 0o777).toBe(0o700);
		expect((await readdir(base)).sort()).toEqual(['again', 'data', 'saved']);
	});

	it('is refused while the network runs, over another backup, and of nothing', async () => {
		const { base, data, target } = await kept();
		const lock = await takeLock(data);
		await expect(backUp(data, target)).rejects.toThrow('stop it with Ctrl-C');
		await lock.release();
		await backUp(data, target);
		await expect(backUp(data, target)).rejects.toThrow('exists already');
		await expect(backUp(join(base, 'nowhere'), join(base, 'other'))).rejects.toThrow('nothing to back up');
	});

	it('that is damaged, incomplete or none changes nothing', async () => {
		const { base, data, target } = await kept();
		await backUp(data, target);
		const other = join(base, 'other');
		const broken = async (change: (copy: string) => Promise<void>) => {
			const copy = join(base, 'copy');
			await rm(copy, { recursive: true, force: true });
			await cp(target, copy, { recursive: true });
			await change(copy);
			const failure = await restore(copy, other).catch((error: Error) => error.message);
			expect((await readdir(base)).sort()).toEqual(['copy', 'data', 'saved']);
			return failure;
		};
		expect(await broken((copy) => writeFile(join(copy, 'chains/adi.json'), '{"block":8}'))).toContain(
			'the checksum of chains/adi.json does not match',
		);
		expect(await broken((copy) => rm(join(copy, 'keys/router')))).toContain('keys/router is missing');
		expect(await broken((copy) => rm(join(copy, 'necto-backup.json')))).toContain('is not a backup');
		expect(await broken((copy) => writeFile(join(copy, 'necto-backup.json'), '{"version":1'))).toContain('is damaged');
		const escaping = { version: 1, entries: [{ path: '../outside', sha256: 'x', mode: 0o600, uid: 0, gid: 0 }] };
		expect(await broken((copy) => writeFile(join(copy, 'necto-backup.json'), JSON.stringify(escaping)))).toContain(
			'leads out of the backup',
		);
		await expect(restore(target, data)).rejects.toThrow('is not empty');
		expect(await readFile(join(data, 'chains/adi.json'), 'utf8')).toBe('{"block":7}');
	});
});

describe('SYS-06 the product from its backup', () => {
	it('has the job and the bytes of its record, and routes the next one', { timeout: 600_000 }, async () => {
		const base = await scratch();
		const data = join(base, 'data');
		let product: Product = await startProduct(data);
		onTestFinished(() => product.stop());

		const use = () => {
			const { adi, contracts, accounts, agent, indexer } = product.ready;
			const transport = localHttp(adi.rpc);
			const client = createPublicClient({ chain: local, transport, pollingInterval: 50 });
			const buyer = privateKeyToAccount(accounts.buyer?.privateKey ?? '0x');
			const registry = { address: contracts.jobRegistry, abi: jobRegistryAbi } as const;
			return {
				/** Asks for a job and waits until it is routed. */
				async job(): Promise<bigint> {
					const hash = await createWalletClient({ chain: local, transport, account: buyer }).writeContract({
						...registry,
						functionName: 'request',
						args: [requestToChain(request())],
					});
					const { logs } = await waitForReceipt(client, hash);
					const id = parseEventLogs({ abi: jobRegistryAbi, eventName: 'JobRequested', logs })[0]?.args.job ?? 0n;
					const status = () => client.readContract({ ...registry, functionName: 'getJob', args: [id] });
					await until(status, (job) => job.status === jobStatus.routed, 120_000);
					return id;
				},
				/** What stands about a job in every place: on the chain, in the indexer, at the agent. */
				async about(id: bigint) {
					const [route] = await client.getContractEvents({
						...registry,
						eventName: 'JobRouted',
						args: { job: id },
						fromBlock: 0n,
						strict: true,
					});
					const root = route?.args.recordRoot ?? '0x';
					const bytes = new Uint8Array(await (await fetch(`${agent}/records/${root}`)).arrayBuffer());
					const steps = (await (await fetch(`${agent}/jobs/${id}/activity`)).json()) as { events: unknown[] };
					const listed = await fetch(`${indexer}/graphql`, {
						method: 'POST',
						headers: { 'content-type': 'application/json' },
						body: JSON.stringify({ query: `{ job(id: "${id}") { id status } }` }),
					});
					return { root, hash: keccak256(bytes), steps, indexed: (await listed.json()) as unknown };
				},
			};
		};

		const first = await use().job();
		await until(
			() => use().about(first),
			({ indexed }) => JSON.stringify(indexed).includes('"routed"'),
		);
		const before = await use().about(first);
		const [route] = [before.root];
		expect(route).toMatch(/^0x[0-9a-f]{64}$/);
		await product.stop();

		const saved = join(base, 'saved');
		await backUp(data, saved);
		await rm(data, { recursive: true });
		await restore(saved, data);

		product = await startProduct(data);
		expect(await use().about(first)).toEqual(before);
		expect(await use().job()).toBe(first + 1n);
	});
});
