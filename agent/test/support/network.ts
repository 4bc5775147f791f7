/** A real local network for tests: both chains, 0G Storage, PostgreSQL, contracts with demo listings and the indexer, each a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const hex = z.templateLiteral(['0x', z.string()]);

const readySchema = z.object({
	indexing: z.string(),
	adi: z.object({ rpc: z.string() }),
	zerog: z.object({ rpc: z.string(), indexer: z.string() }),
	contracts: z.object({
		providerRegistry: hex,
		jobRegistry: hex,
		escrow: hex,
		accessControl: hex,
		challenge: hex,
		usdc: hex,
	}),
	accounts: z.record(z.string(), z.object({ address: hex, privateKey: hex })),
	/** Its address as superuser. */
	database: z.string(),
	databases: z.object({ agent: z.string(), api: z.string() }),
});
export type Ready = z.output<typeof readySchema>;

export interface Network {
	ready: Ready;
	/** What a router on this network is started with. */
	env: Record<string, string>;
	/** What a public API of the agent is started with. */
	apiEnv: Record<string, string>;
	stop(): Promise<void>;
}

export async function startNetwork(): Promise<Network> {
	const data = mkdtempSync(join(tmpdir(), 'necto-agent-'));
	const child = spawn(process.execPath, [join(ROOT, 'script/src/start.ts'), '--only', 'indexer', '--data', data], {
		cwd: ROOT,
		// Ports of its own: two networks that start at once would both find the usual ones free.
		env: { ...process.env, ...(await freePorts()) },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const output: string[] = [];
	child.stdout.on('data', (part: Buffer) => output.push(part.toString()));
	child.stderr.on('data', (part: Buffer) => output.push(part.toString()));
	const stop = async () => {
		await end(child, 'SIGINT', 30_000);
		rmSync(data, { recursive: true, force: true });
	};
	try {
		const file = join(data, 'ready.json');
		await until(() => existsSync(file) || child.exitCode !== null, 400_000);
		if (!existsSync(file)) throw new Error(`The network did not start:\n${output.join('')}`);
		const ready = readySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
		return { ready, ...environmentsOf(ready, data), stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

async function freePorts(): Promise<Record<string, string>> {
	const names = [
		'INDEXER_PORT',
		'INDEXING_PORT',
		'ADI_RPC_PORT',
		'ZEROG_RPC_PORT',
		'ZEROG_INDEXER_PORT',
		'POSTGRES_PORT',
	];
	const servers = await Promise.all(
		names.map(
			(name) =>
				new Promise<{ name: string; server: Server }>((resolve, reject) => {
					const server = createServer();
					server.once('error', reject);
					server.listen(0, '127.0.0.1', () => resolve({ name, server }));
				}),
		),
	);
	return Object.fromEntries(
		servers.map(({ name, server }) => {
			const address = server.address();
			server.close();
			return [name, typeof address === 'object' && address !== null ? String(address.port) : ''];
		}),
	);
}

function environmentsOf(ready: Ready, data: string): Pick<Network, 'env' | 'apiEnv'> {
	const common = {
		PATH: process.env.PATH ?? '',
		INDEXER_URL: ready.indexing,
		ADI_RPC_URL: ready.adi.rpc,
		NECTO_DEPLOYMENT: join(data, 'deployments/31337.json'),
		ZEROG_INDEXER_URL: ready.zerog.indexer,
		LOG_LEVEL: 'info',
	};
	const env = {
		...common,
		ROUTER_PORT: '0',
		DATABASE_URL: ready.databases.agent,
		ADI_WS_URL: ready.adi.rpc.replace(/^http/, 'ws'),
		ZEROG_RPC_URL: ready.zerog.rpc,
		ROUTER_PRIVATE_KEY: ready.accounts.router?.privateKey ?? '',
		ZEROG_PRIVATE_KEY: ready.accounts.storage?.privateKey ?? '',
		// Nothing leaves this machine.
		LIVE_SOURCES: '',
		TOKEN_PRICE_SOURCES: '',
		// Tests move the chain's clock: deadlines of days pass in a moment.
		CHAIN_CLOCK_TOLERANCE_SECONDS: '100000000',
	};
	return { env, apiEnv: { ...common, AGENT_PORT: '0', API_DATABASE_URL: ready.databases.api } };
}

export interface AgentProcess {
	child: ChildProcess;
	/** Null when it ended before it listened. */
	url: string | null;
	/** Every line it wrote. */
	lines: string[];
	/** Resolves with the signal or code that ended it. */
	ended: Promise<NodeJS.Signals | number | null>;
	stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a process of the real agent, the router or the public API, and waits until it listens or ends. */
export async function startAgentProcess(
	env: Record<string, string>,
	preload?: URL,
	entry: 'main.ts' | 'apiMain.ts' = 'main.ts',
): Promise<AgentProcess> {
	const args = [...(preload === undefined ? [] : ['--import', preload.href]), join(ROOT, 'agent/src', entry)];
	const child = spawn(process.execPath, args, { cwd: join(ROOT, 'agent'), env, stdio: ['ignore', 'pipe', 'pipe'] });
	const lines: string[] = [];
	const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
		child.once('exit', (code, signal) => resolve(signal ?? code));
	});
	child.stderr.on('data', (part: Buffer) => lines.push(part.toString()));
	const url = await new Promise<string | null>((resolve) => {
		createInterface({ input: child.stdout }).on('line', (line) => {
			lines.push(line);
			const found = /"url":"(http:[^"]+)"/.exec(line)?.[1];
			if (found !== undefined) resolve(found);
		});
		child.once('exit', () => resolve(null));
	});
	return { child, url, lines, ended, stop: (signal = 'SIGTERM') => end(child, signal, 30_000) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals, milliseconds: number): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	child.kill(signal);
	const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
	await gone;
	clearTimeout(timer);
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, milliseconds = 240_000): Promise<void> {
	const deadline = Date.now() + milliseconds;
	while (!(await holds())) {
		if (Date.now() > deadline) throw new Error(`Waited ${milliseconds} ms in vain.`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
