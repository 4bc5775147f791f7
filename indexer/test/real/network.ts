import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deploymentSchema } from '@necto/contracts';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const indexer = join(root, 'indexer');
const ponder = fileURLToPath(new URL('bin/ponder.js', import.meta.resolve('ponder')));

const hexSchema = z.templateLiteral(['0x', z.string()]);
const readySchema = z.object({
	adi: z.object({ rpc: z.url() }),
	database: z.string(),
	databases: z.object({ indexer: z.string(), reader: z.string() }),
	accounts: z.record(z.string(), z.object({ address: hexSchema, privateKey: hexSchema })),
});

/** A process that the tests started, with what it said so far. */
export class Program {
	readonly #child: ChildProcess;
	output = '';

	constructor(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
		this.#child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
		const keep = (chunk: Buffer) => {
			this.output += chunk.toString();
		};
		this.#child.stdout?.on('data', keep);
		this.#child.stderr?.on('data', keep);
	}

	get pid(): number {
		if (this.#child.pid === undefined) throw new Error('It does not run.');
		return this.#child.pid;
	}

	get exitCode(): number | null {
		return this.#child.exitCode;
	}

	get hasEnded(): boolean {
		return this.#child.exitCode !== null || this.#child.signalCode !== null;
	}

	async end(signal: NodeJS.Signals): Promise<void> {
		if (this.hasEnded) return;
		this.#child.kill(signal);
		await once(this.#child, 'exit');
	}

	async waitForEnd(): Promise<void> {
		if (!this.hasEnded) await once(this.#child, 'exit');
	}
}

/** Waits until `attempt` neither throws nor returns undefined, as long as the program that it depends on is alive. */
export async function until<Result>(
	program: Program,
	what: string,
	attempt: () => Promise<Result | undefined>,
	seconds = 120,
): Promise<Result> {
	const deadline = Date.now() + seconds * 1_000;
	let reason: unknown;
	while (Date.now() < deadline) {
		if (program.hasEnded) throw new Error(`It ended while waiting for ${what}:\n${program.output.slice(-3_000)}`);
		try {
			const result = await attempt();
			if (result !== undefined) return result;
		} catch (error) {
			reason = error;
		}
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	throw new Error(`Waited ${seconds} s in vain for ${what}:\n${program.output.slice(-3_000)}`, { cause: reason });
}

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	if (address === null || typeof address === 'string') throw new Error('No port.');
	return address.port;
}

/** The local chain with Necto's contracts, demo listings and PostgreSQL, as `npm start` makes them. */
export async function startChain() {
	const data = mkdtempSync(join(tmpdir(), 'necto-indexer-'));
	const names = ['FRONTEND', 'INDEXER', 'INDEXING', 'AGENT', 'ADI_RPC', 'ZEROG_RPC', 'ZEROG_INDEXER', 'POSTGRES'];
	const ports = await Promise.all(names.map(async (name) => [`${name}_PORT`, String(await freePort())] as const));
	const { DATABASE_URL: _, ...env } = process.env;
	const args = [join(root, 'script/src/start.ts'), '--only', 'chain', '--data', data];
	const program = new Program(args, root, { ...env, ...Object.fromEntries(ports) });
	const stop = async () => {
		await program.end('SIGINT');
		rmSync(data, { recursive: true, force: true });
	};
	try {
		const file = join(data, 'ready.json');
		await until(program, 'the local chain', async () => existsSync(file) || undefined, 400);
		const { adi, database, databases, accounts } = readySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
		const deploymentFile = join(data, 'deployments', '31337.json');
		const deployment = deploymentSchema.parse(JSON.parse(readFileSync(deploymentFile, 'utf8')));
		return { rpc: adi.rpc, database, databases, accounts, deployment, deploymentFile, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}
export type LocalChain = Awaited<ReturnType<typeof startChain>>;

const statusSchema = z.object({ adi: z.object({ block: z.object({ number: z.int() }) }) });

interface How {
	/** `start` indexes, `serve` only answers. */
	command?: 'start' | 'serve';
	/** Address of the database with the role that it uses. */
	database?: string;
	env?: Record<string, string>;
	/** Arguments of Node. */
	node?: readonly string[];
}

/** What tests compare whole tables with. */
export const WIDE = { INDEXER_API: 'private', LIMIT_QUERY_COST: '1000000', LIMIT_QUERY_SECONDS: '60' };

/** The indexer as it runs anywhere. */
export class Indexer {
	readonly url: string;
	readonly program: Program;

	private constructor(url: string, program: Program) {
		this.url = url;
		this.program = program;
	}

	/** Starts it, and waits until it serves. The same schema goes on with the rows of the last start. */
	static async start(chain: LocalChain, schema: string, how: How = {}): Promise<Indexer> {
		const { command = 'start', database = chain.databases.indexer, env = WIDE, node = [] } = how;
		const port = await freePort();
		const args = [...node, ponder, command, '--schema', schema, '--port', String(port), '--hostname', '127.0.0.1'];
		const program = new Program([...args, '--log-format', 'json'], indexer, {
			...process.env,
			NECTO_DEPLOYMENT: chain.deploymentFile,
			ADI_RPC_URL: chain.rpc,
			ADI_WS_URL: chain.rpc.replace('http', 'ws'),
			DATABASE_URL: database,
			...env,
		});
		const started = new Indexer(`http://127.0.0.1:${port}`, program);
		try {
			await until(program, '/ready', async () => (await fetch(`${started.url}/ready`)).ok || undefined, 300);
		} catch (error) {
			// Nobody else knows it yet.
			await program.end('SIGKILL');
			throw error;
		}
		return started;
	}

	/** Starts it with an environment in which something is wrong; returns what it says before it ends. */
	static async fail(env: NodeJS.ProcessEnv): Promise<Program> {
		const program = new Program([ponder, 'start', '--schema', 'nothing'], indexer, env);
		await program.waitForEnd();
		return program;
	}

	/** Waits until a block is in the tables. */
	async reach(block: bigint): Promise<void> {
		await until(this.program, `block ${block}`, async () => {
			const status = statusSchema.parse(await (await fetch(`${this.url}/status`)).json());
			return BigInt(status.adi.block.number) >= block || undefined;
		});
	}

	/** All rows of a table; `fields` as GraphQL wants them. */
	async rows(plural: string, fields: string): Promise<Record<string, unknown>[]> {
		const response = await fetch(`${this.url}/graphql`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ query: `{ ${plural}(limit: 1000) { items { ${fields} } } }` }),
		});
		const answer = answerSchema.parse(await response.json());
		if (answer.data === undefined) throw new Error(JSON.stringify(answer.errors));
		return answer.data[plural]?.items ?? [];
	}

	async kill(): Promise<void> {
		await this.program.end('SIGKILL');
	}

	async stop(): Promise<void> {
		await this.program.end('SIGINT');
	}
}

const answerSchema = z.object({
	data: z.record(z.string(), z.object({ items: z.array(z.record(z.string(), z.unknown())) })).optional(),
	errors: z.unknown().optional(),
});
