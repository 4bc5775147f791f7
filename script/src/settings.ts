import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ROLES, type RoleName, type RoleUrls } from './database/roles.ts';
import { StartError } from './errors.ts';
import { root } from './paths.ts';

/**
 * Every port of the product: the setting that moves it, its default if that is free, its part, and the smallest extent that starts this. All are below 32768: systems take the ports of outgoing connections
 * from above, and such a connection keeps a part that is started again from listening.
 */
export const portTable = {
	frontend: { setting: 'FRONTEND_PORT', usual: 3000, title: 'the frontend', since: 'all' },
	indexer: { setting: 'INDEXER_PORT', usual: 4100, title: 'the indexer', since: 'indexer' },
	indexing: { setting: 'INDEXING_PORT', usual: 4101, title: "the indexer's private API", since: 'indexer' },
	agent: { setting: 'AGENT_PORT', usual: 4000, title: 'the agent', since: 'all' },
	router: { setting: 'ROUTER_PORT', usual: 4001, title: 'the router', since: 'all' },
	adi: { setting: 'ADI_RPC_PORT', usual: 8545, title: 'the ADI chain', since: 'chain' },
	zerog: { setting: 'ZEROG_RPC_PORT', usual: 8546, title: 'the 0G chain', since: 'chain' },
	zerogIndexer: { setting: 'ZEROG_INDEXER_PORT', usual: 5678, title: '0G Storage', since: 'chain' },
	postgres: { setting: 'POSTGRES_PORT', usual: 5439, title: 'PostgreSQL', since: 'chain' },
} as const;

export type PortName = keyof typeof portTable;
export type Ports = Record<PortName, number>;

/** How much of the product to start: the chains with all that lies below them, the indexer above these, or all. */
export const extents = ['chain', 'indexer', 'all'] as const;
export type Extent = (typeof extents)[number];

/** What a start is told by its command line and environment. */
export interface Settings {
	/** Where everything that is kept between starts lies. */
	data: string;
	extent: Extent;
	/** Address that the frontend listens on. Everything else listens on this machine only. */
	host: string;
	/** A PostgreSQL of one's own instead of the embedded one, and its address for each role; by itself the one address is everybody's. */
	databases: { url: string; roles: RoleUrls } | undefined;
	/** Ports that were asked for. */
	ports: Partial<Ports>;
}

const portSchema = z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(1).max(65_535));

const databaseUrlSchema = z.url({ protocol: /^postgres(ql)?$/ });

/** What `npm start -- --help` prints. */
export const usage = `Usage: npm start [-- [--only chain|indexer] [--data DIRECTORY]]

  --only chain      the databases, both chains, the contracts, the demo data and 0G Storage
  --only indexer    that and the indexer
  --data DIRECTORY  another data directory than .necto
  --help            this text

docs/local-network.md lists the settings from the environment.`;

/** Whether a command is asked how it is used, and nothing else matters. */
export function wantsHelp(argv: readonly string[]): boolean {
	return argv.includes('--help') || argv.includes('-h');
}

function readArguments(argv: readonly string[]): { only?: string | undefined; data?: string | undefined } {
	try {
		return parseArgs({
			args: [...argv],
			options: { only: { type: 'string' }, data: { type: 'string' } },
			allowPositionals: false,
		}).values;
	} catch (error) {
		throw new StartError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
	}
}

/** The ports that a start needs: those of the parts that it starts. */
export function neededPorts({ extent, databases }: Pick<Settings, 'extent' | 'databases'>): PortName[] {
	// Object.keys forgets that its values are the table's keys.
	return (Object.keys(portTable) as PortName[]).filter(
		(name) =>
			extents.indexOf(portTable[name].since) <= extents.indexOf(extent) &&
			(name !== 'postgres' || databases === undefined),
	);
}

function databasesOf(env: NodeJS.ProcessEnv): Settings['databases'] {
	const read = (name: string) => {
		const text = env[name];
		if (text === undefined || text === '') return undefined;
		if (databaseUrlSchema.safeParse(text).success) return text;
		throw new StartError(`${name} is not the address of a PostgreSQL; give postgresql://user@host:port/database.`);
	};
	const url = read('DATABASE_URL');
	const given = ROLES.map((name) => [name, read(`${name.toUpperCase()}_DATABASE_URL`)] as const);
	if (url === undefined) {
		const [alone] = given.find(([, text]) => text !== undefined) ?? [];
		if (alone === undefined) return undefined;
		throw new StartError(`${alone.toUpperCase()}_DATABASE_URL is set without DATABASE_URL; set both, or neither.`);
	}
	// Every name was mapped.
	return {
		url,
		roles: Object.fromEntries(given.map(([name, text]) => [name, text ?? url])) as Record<RoleName, string>,
	};
}

/**
 * Reads the command line and the environment.
 *
 * @throws StartError with the setting's name when a value makes no sense
 */
export function readSettings(argv: readonly string[], env: NodeJS.ProcessEnv): Settings {
	const { only, data } = readArguments(argv);
	const extent = extents.find((name) => name === (only ?? 'all'));
	if (extent === undefined) {
		throw new StartError(`--only ${only} is not known: give \`--only chain\` or \`--only indexer\`, or leave it away.`);
	}
	const ports: Partial<Ports> = {};
	for (const [name, { setting }] of Object.entries(portTable)) {
		const text = env[setting];
		if (text === undefined || text === '') continue;
		const port = portSchema.safeParse(text);
		if (!port.success) throw new StartError(`${setting}=${text} is not a port; give a number from 1 to 65535.`);
		// Object.entries forgets that its keys are the table's.
		ports[name as PortName] = port.data;
	}
	return {
		data: resolve(data ?? (env.NECTO_DATA || join(root, '.necto'))),
		extent,
		host: env.HOST || '127.0.0.1',
		databases: databasesOf(env),
		ports,
	};
}
