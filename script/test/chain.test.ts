import { setTimeout as pause } from 'node:timers/promises';
import { local, localHttp } from '@necto/contracts';
import { createTestClient } from 'viem';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startChain } from '../src/chain/anvil.ts';
import { anyPort } from '../src/ports.ts';
import { Roster } from '../src/roster.ts';
import { Shutdown } from '../src/shutdown.ts';
import { scratch } from './scratch.ts';

/** With n starts, a chain that kept the genesis block of each would be right by chance once in n! times. */
const STARTS = 5;

describe('a local chain', () => {
	it('SYS-05 keeps its genesis block over restarts', async () => {
		const data = await scratch();
		const hashes: string[] = [];
		for (let round = 0; round < STARTS; round++) {
			const shutdown = new Shutdown();
			onTestFinished(() => shutdown.stop());
			const { client, rpc } = await startChain(
				{ name: 'adi', title: 'ADI', chain: local, port: await anyPort() },
				{ data, roster: new Roster(data) },
				(running) => shutdown.add(0, running),
			);
			if (round === 0) {
				await createTestClient({ chain: local, mode: 'anvil', transport: localHttp(rpc) }).mine({ blocks: 2 });
			}
			const [genesis, first] = await Promise.all([
				client.getBlock({ blockNumber: 0n }),
				client.getBlock({ blockNumber: 1n }),
			]);
			expect(first.parentHash).toBe(genesis.hash);
			hashes.push(genesis.hash);
			// The next start would make the same genesis block within the same second.
			await pause(1_000);
			await shutdown.stop();
		}
		expect(new Set(hashes).size).toBe(1);
	});
});
