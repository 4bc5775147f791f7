import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ROLES, type RoleName, type RoleUrls } from './database/roles.ts';
import { StartError } from './errors.ts';
import { root } from './paths.ts';

/**
 * Every port of the product: the setting that moves it, and its default if that is free. All are below 32768: systems take the ports of outgoing connections
 * from above, and such a connection keeps a part that is started again from listening.
 */
export const portTable = {
	frontend: { setting: 'FRONTEND_PORT', usual: 3000 },
	indexer: { setting: 'INDEXER_PORT', usual: 4100 },
	indexing: { setting: 'INDEXING_PORT', usual: 4101 },
	agent: { setting: 'AGENT_PORT', usual: 4000 },
	router: { setting: 'ROUTER_PORT', usual: 4001 },
	adi: { setting: 'ADI_RPC_PORT', usual: 8545 },
	zerog: { setting: 'ZEROG_RPC_PORT', usual: 8546 },
	zerogIndexer: { setting: 'ZEROG_INDEXER_PORT', usual: 5678 },
	postgres: { setting: 'POSTGRES_PORT', usual: 5439 },
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

const usage = 'Usage: npm start [-- --only chain|indexer] [-- --data DIRECTORY]';

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
