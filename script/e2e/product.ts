import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { z } from 'zod';
import { root } from '../src/paths.ts';
import { playNetworks } from './networks.ts';

const hex = z.templateLiteral(['0x', z.string()]);
const account = z.object({ address: hex, privateKey: hex });

/** `ready.json` of a whole product. */
const readySchema = z.object({
	frontend: z.url(),
	indexer: z.url(),
	agent: z.url(),
	adi: z.object({ rpc: z.url(), chainId: z.int() }),
	zerog: z.object({ rpc: z.url(), chainId: z.int(), indexer: z.url() }),
	contracts: z.object({
		providerRegistry: hex,
		jobRegistry: hex,
		escrow: hex,
		accessControl: hex,
		challenge: hex,
		usdc: hex,
	}),
	accounts: z.record(z.string(), account),
});
export type Ready = z.infer<typeof readySchema>;

declare module 'vitest' {
	interface ProvidedContext {
		ready: Ready;
		/** Where the played networks are. */
		networks: string;
	}
}

/** A first start installs nothing here, but it may have to build the pages on a busy machine. */
const START_MS = 300_000;

export interface Product {
	readonly ready: Ready;
	readonly process: ChildProcess;
	/** What it has printed so far. */
	output(): string;
	/** Ctrl-C, and the wait until everything has stopped. */
	stop(): Promise<void>;
}

/** Nobody outside is asked. */
const ALONE = { LIVE_SOURCES: '', TOKEN_PRICE_SOURCES: '' };

/**
 * Starts the product as a person would, on free ports and without the outside world, and waits until it says that it is ready.
 *
 * @param settings of the outside world, if another one is played
 */
export async function startProduct(data: string, settings: Record<string, string> = ALONE): Promise<Product> {
	const child = spawn(process.execPath, [join(root, 'script/src/start.ts'), '--data', data], {
		env: { ...process.env, ...settings },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let output = '';
	const keep = (part: Buffer) => {
		output += part.toString('utf8');
	};
	child.stdout.on('data', keep);
	child.stderr.on('data', keep);

	const file = join(data, 'ready.json');
	const deadline = Date.now() + START_MS;
	while (!existsSync(file)) {
		if (child.exitCode !== null || Date.now() > deadline) {
			// In order, so that its parts do not go on without it.
			if (child.exitCode === null) {
				child.kill('SIGINT');
				await once(child, 'exit');
			}
			throw new Error(`The product did not become ready:\n${output}`);
		}
		await pause(100);
	}
	return {
		ready: await readReady(file),
		process: child,
		output: () => output,
		async stop() {
			if (child.exitCode !== null) return;
			const gone = once(child, 'exit');
			child.kill('SIGINT');
			await gone;
		},
	};
}

async function readReady(file: string): Promise<Ready> {
	return readySchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

/** One product for all of the tests: its own, or, while tests are being written, the one whose `ready.json` READY_FILE names. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
	const running = process.env.READY_FILE;
	if (running) {
		project.provide('ready', await readReady(running));
		project.provide('networks', process.env.NETWORKS_URL ?? '');
		return undefined;
	}
	const data = await mkdtemp(join(tmpdir(), 'necto-e2e-'));
	const networks = await playNetworks();
	const product = await startProduct(data, networks.settings);
	project.provide('ready', product.ready);
	project.provide('networks', networks.url);
	return async () => {
		await product.stop();
		await networks.close();
		await rm(data, { recursive: true, force: true });
	};
}
