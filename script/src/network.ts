import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { local, localZeroG } from '@necto/contracts';
import type { Address } from 'viem';
import { type LocalChain, rescueState, startChain } from './chain/anvil.ts';
import { type Deployed, prepareContracts } from './chain/deploy.ts';
import { prepareFlow } from './chain/flow.ts';
import { startPostgres } from './database/postgres.ts';
import type { RoleUrls } from './database/roles.ts';
import type { Parts } from './parts.ts';
import { type ChosenPorts, choosePorts, keepPorts, type Port, readLastPorts } from './ports.ts';
import type { Ready } from './ready.ts';
import { endOrphan, Roster } from './roster.ts';
import { say, step, warn } from './say.ts';
import { seed } from './seed/seed.ts';
import type { Service, Surroundings } from './service.ts';
import { agentApiService, routerService } from './services/agent.ts';
import { buildFrontend, frontendService, frontendUrl, isBuilt } from './services/frontend.ts';
import { indexerService, publicIndexerService } from './services/indexer.ts';
import { CurrentSchema } from './services/schema.ts';
import { neededPorts, type Settings } from './settings.ts';
import type { Shutdown } from './shutdown.ts';
import { startZeroG, type ZeroG } from './zerog/server.ts';

/** Layers of `Shutdown`. */
const LAYER = {
	ports: -1,
	database: 0,
	chain: 1,
	storage: 2,
	indexer: 3,
	publicIndexer: 4,
	router: 4,
	agent: 4,
	frontend: 5,
} as const;

interface Database {
	/** Its address for those who look after it. */
	url: string;
	roles: RoleUrls;
	/** Empties it. Undefined where it is not only ours. */
	reset: (() => Promise<void>) | undefined;
}

/** What runs after a start. */
interface Started {
	ready: Ready;
	/** Messages for the operator, one sentence each. */
	notes: readonly string[];
}

/** The lower half: databases and chains. */
interface Ground {
	database: Database;
	adi: LocalChain;
	deployed: Deployed;
	zerog: { chain: LocalChain; flow: Address; storage: ZeroG };
}

/**
 * Starts the product and waits until everything answers.
 *
 * @param shutdown learns of each part before it is started
 * @param parts learns of each part and of each change in one
 */
export async function startNetwork(settings: Settings, shutdown: Shutdown, parts: Parts): Promise<Started> {
	const { data } = settings;
	await mkdir(join(data, 'logs'), { recursive: true });
	const roster = new Roster(data);
	const orphans = await roster.orphans();
	if (orphans.length > 0) {
		warn(`The last start was killed; stopping what it left: ${orphans.map(({ name }) => name).join(', ')}.`);
		// All of them before any process is ended: a start that fails here has lost nothing.
		for (const { name, rpc } of orphans) if (rpc !== undefined) await rescueState(data, name, rpc);
		await Promise.all(orphans.map(endOrphan));
	}
	const last = await readLastPorts(data);
	const ports = await choosePorts(neededPorts(settings), settings.ports, last);
	shutdown.add(LAYER.ports, { title: 'The ports', stop: () => ports.release() });
	await keepPorts(data, last, ports, settings.ports);
	const surroundings: Surroundings = { data, roster, parts };
	const start = new NetworkStart(settings, ports, surroundings, shutdown);
	const pages = settings.extent === 'all' ? start.pages() : undefined;
	// Failing while the ground is being laid must not count as unheard.
	pages?.catch(() => undefined);
	const ground = await start.ground();
	const ready = readyOf(ground);
	if (settings.extent === 'chain') return { ready, notes: ports.moved };
	const indexers = Promise.all([start.publicIndexer(ground), start.indexer(ground)]);
	if (settings.extent === 'indexer') {
		const [indexer, indexing] = await indexers;
		return { ready: { indexer, indexing, ...ready }, notes: ports.moved };
	}
	const [[indexer, indexing], router, agent] = await Promise.all([indexers, start.router(ground), start.agent(ground)]);
	await pages;
	const frontend = await start.frontend(ground);
	return { ready: { frontend, indexer, indexing, agent, router, ...ready }, notes: ports.moved };
}

function urlOf({ number }: Port): string {
	return `http://127.0.0.1:${number}`;
}

function readyOf({ database, adi, deployed, zerog }: Ground): Ready {
	return {
		adi: { rpc: adi.rpc, chainId: local.id },
		zerog: { rpc: zerog.chain.rpc, chainId: localZeroG.id, indexer: zerog.storage.url, flow: zerog.flow },
		deployment: deployed.deployment,
		database: database.url,
		databases: database.roles,
	};
}

class NetworkStart {
	readonly #settings: Settings;
	readonly #ports: ChosenPorts;
	readonly #surroundings: Surroundings;
	readonly #shutdown: Shutdown;
	readonly #schema = new CurrentSchema();
	#indexer: Service | undefined;

	constructor(settings: Settings, ports: ChosenPorts, surroundings: Surroundings, shutdown: Shutdown) {
		this.#settings = settings;
		this.#ports = ports;
		this.#surroundings = surroundings;
		this.#shutdown = shutdown;
	}

	async ground(): Promise<Ground> {
		const [database, { adi, deployed }, zerog] = await Promise.all([this.#database(), this.#adi(), this.#zerog()]);
		if (deployed.isNew) await database.reset?.();
		return { database, adi, deployed, zerog };
	}

	/** Starts the indexer; returns the address of its private API. */
	async indexer(ground: Ground): Promise<string> {
		const port = this.#ports.of('indexing');
		const service = indexerService(this.#indexerOptions(ground, port), this.#surroundings);
		this.#indexer = service;
		await this.#run(service, { layer: LAYER.indexer, title: 'The indexer', progress: 'Indexer follows the chain' });
		return urlOf(port);
	}

	/** Starts the indexer's API for the public, which waits for the indexer by itself; returns its address. */
	async publicIndexer(ground: Ground): Promise<string> {
		const port = this.#ports.of('indexer');
		const service = publicIndexerService(this.#indexerOptions(ground, port), this.#surroundings);
		await this.#run(service, {
			layer: LAYER.publicIndexer,
			title: "The indexer's public API",
			progress: 'Public API of the indexer',
		});
		return urlOf(port);
	}

	#indexerOptions(ground: Ground, port: Port) {
		return {
			port,
			chain: ground.adi,
			deployment: ground.deployed.deployment,
			databases: ground.database.roles,
			embedded: ground.database.reset !== undefined,
			schema: this.#schema,
			env: this.#env(ground),
		};
	}

	/** Starts the router, which waits for the indexer by itself; returns the address of its own server. */
	async router(ground: Ground): Promise<string> {
		const port = this.#ports.of('router');
		const { agent, api } = ground.database.roles;
		const service = await routerService(
			{
				...this.#agentOptions(ground, port),
				databaseUrl: agent,
				apiDatabaseUrl: api,
				zerogRpc: ground.zerog.chain.rpc,
			},
			this.#surroundings,
		);
		await this.#run(service, { layer: LAYER.router, title: 'The router', progress: 'Router is running' });
		return urlOf(port);
	}

	/** Starts the agent's API for the public, which waits for the router by itself; returns its address. */
	async agent(ground: Ground): Promise<string> {
		const port = this.#ports.of('agent');
		const service = agentApiService(
			{ ...this.#agentOptions(ground, port), databaseUrl: ground.database.roles.api },
			this.#surroundings,
		);
		await this.#run(service, {
			layer: LAYER.agent,
			title: "The agent's public API",
			progress: 'Public API of the agent',
		});
		return urlOf(port);
	}

	#agentOptions(ground: Ground, port: Port) {
		return {
			port,
			indexerUrl: urlOf(this.#ports.of('indexing')),
			zerogIndexer: ground.zerog.storage.url,
			env: this.#env(ground),
		};
	}

	/** Builds the pages if their sources have changed. */
	async pages(): Promise<void> {
		if (await isBuilt()) return;
		say('  … Building the pages (only at the first start and after changes)');
		await step('Pages built', () => buildFrontend(this.#settings.data));
	}

	/** Starts the pages' server; returns its address. */
	async frontend(ground: Ground): Promise<string> {
		const service = frontendService(
			{
				port: this.#ports.of('frontend'),
				host: this.#settings.host,
				agentUrl: urlOf(this.#ports.of('agent')),
				indexerUrl: urlOf(this.#ports.of('indexer')),
				adiRpc: ground.adi.rpc,
				zerogIndexer: ground.zerog.storage.url,
				env: this.#env(ground),
			},
			this.#surroundings,
		);
		await this.#run(service, { layer: LAYER.frontend, title: 'The frontend', progress: 'Frontend is up' });
		return frontendUrl(this.#settings.host, this.#ports.of('frontend'));
	}

	/** What every service is told. */
	#env({ adi, deployed }: Ground): Record<string, string> {
		return {
			NECTO_DEPLOYMENT: deployed.file,
			ADI_RPC_URL: adi.rpc,
			ADI_WS_URL: adi.rpc.replace(/^http/, 'ws'),
			NODE_ENV: 'production',
		};
	}

	/** Starts a part. It is stopped with its layer, also when its start fails. */
	async #run(
		service: Service,
		{ layer, title, progress }: { layer: number; title: string; progress: string },
	): Promise<void> {
		this.#shutdown.add(layer, { title, stop: () => service.stop(), kill: () => service.kill() });
		await step(progress, () => service.start());
	}

	async #database(): Promise<Database> {
		const { databases } = this.#settings;
		if (databases !== undefined) return { ...databases, reset: undefined };
		return step('PostgreSQL', () =>
			startPostgres(this.#ports.of('postgres'), this.#surroundings, (running) =>
				this.#shutdown.add(LAYER.database, running),
			),
		);
	}

	async #adi(): Promise<{ adi: LocalChain; deployed: Deployed }> {
		const adi = await step('ADI chain (local)', () =>
			startChain(
				{
					name: 'adi',
					title: 'The local ADI chain',
					chain: local,
					port: this.#ports.of('adi'),
					afterRestart: () => this.#indexer?.restart(),
				},
				this.#surroundings,
				(running) => this.#shutdown.add(LAYER.chain, running),
			),
		);
		const { data } = this.#settings;
		const deployed = await step('Contracts', () =>
			prepareContracts(adi, data, () => say('  … Compiling the contracts')),
		);
		await step('Demo organisations, buyer and team', () => seed(adi, deployed.deployment, data));
		return { adi, deployed };
	}

	async #zerog(): Promise<Ground['zerog']> {
		const chain = await step('0G chain (local)', () =>
			startChain(
				{ name: 'zerog', title: 'The local 0G chain', chain: localZeroG, port: this.#ports.of('zerog') },
				this.#surroundings,
				(running) => this.#shutdown.add(LAYER.chain, running),
			),
		);
		const { data } = this.#settings;
		const flow = await prepareFlow(chain, data);
		const storage = await step('0G Storage (local)', () =>
			startZeroG({
				rpc: chain.rpc,
				chainId: localZeroG.id,
				flow,
				directory: join(data, 'zerog'),
				port: this.#ports.of('zerogIndexer'),
			}),
		);
		this.#shutdown.add(LAYER.storage, { title: '0G Storage', stop: () => storage.close() });
		return { chain, flow, storage };
	}
}
