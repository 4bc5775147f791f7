/**
 * Every setting of the agent, read once from the environment. Nothing else in the agent looks at `process.env`.
 * docs/agent.md lists them for operators.
 */
import { type Deployment, deploymentSchema } from '@necto/contracts';
import { CLOCK_TOLERANCE, isAddressRange } from '@necto/core';
import type { Hex } from 'viem';
import { z } from 'zod';
import { DEFAULT_PROXIES, type Proxies, THIS_MACHINE } from './http/client.ts';
import { DEFAULT_LIMITS, type LimitSettings } from './http/limits/settings.ts';
import { Secret } from './secret.ts';
import { count, readTextFile, SettingsError, seconds, url } from './settingText.ts';
import { readSources, readTokenPriceSources, type SourceChoice } from './sources/asking/settings.ts';
import type { SourceDefinition, SourceSettings } from './sources/asking/source.ts';
import type { TokenPriceDefinition } from './tokenPrices/source.ts';

const list = z.string().transform((text) =>
	text
		.split(',')
		.map((part) => part.trim())
		.filter((part) => part !== ''),
);

const postgres = z.string({ error: 'is missing' }).regex(/^postgres(ql)?:\/\//, 'must begin with postgres://');

/** A limit: at least one. */
const limit = count.min(1, 'must be above zero').max(1_000_000, 'must be at most 1000000');

const addresses = (isOne: (text: string) => boolean, what: string) =>
	list.refine((texts) => texts.every(isOne), `must hold ${what}, separated by commas`).transform((texts) => [...texts]);

const environmentSchema = z.object({
	NODE_ENV: z.string().default('production'),
	LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
	AGENT_PORT: z.coerce
		.number({ error: 'must be a port number' })
		.int('must be a port number')
		.min(0)
		.max(65_535)
		.default(4000),
	HOST: z.string().min(1).default('127.0.0.1'),
	FRONTEND_ORIGIN: list.default([]),
	TRUSTED_PROXIES: addresses(isAddressRange, 'addresses or CIDR ranges').default(DEFAULT_PROXIES.trusted),
	CLIENT_ADDRESS_HEADER: z
		.string()
		.regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header')
		.toLowerCase()
		.default(DEFAULT_PROXIES.header),
	METRICS_CLIENTS: addresses((text) => z.union([z.ipv4(), z.ipv6()]).safeParse(text).success, 'addresses').default(
		THIS_MACHINE,
	),
	READS_PER_MINUTE: limit.default(DEFAULT_LIMITS.readsAMinute),
	HEAVY_READS_PER_MINUTE: limit.default(DEFAULT_LIMITS.heavyReadsAMinute),
	QUOTES_PER_MINUTE: limit.default(DEFAULT_LIMITS.quotesAMinute),
	PARSES_PER_MINUTE: limit.default(DEFAULT_LIMITS.parsesAMinute),
	HEAVY_AT_ONCE: limit.default(DEFAULT_LIMITS.heavyAtOnce),
	STREAMS: limit.default(DEFAULT_LIMITS.streams),
	STREAMS_PER_CLIENT: limit.default(DEFAULT_LIMITS.streamsOfClient),
	API_DATABASE_URL: postgres.optional(),
	DATABASE_URL: postgres,
	INDEXER_URL: z.string({ error: 'is missing' }).pipe(url),
	ADI_RPC_URL: z.string({ error: 'is missing' }).pipe(list).pipe(z.array(url).min(1, 'is empty')),
	ADI_WS_URL: z.url({ protocol: /^wss?$/, error: 'must be a ws(s) URL' }).optional(),
	NECTO_DEPLOYMENT: z.string({ error: 'is missing: give the path of the deployment file' }),
	ZEROG_RPC_URL: z.string({ error: 'is missing' }).pipe(url),
	ZEROG_INDEXER_URL: z.string({ error: 'is missing' }).pipe(url),
	ROUTER_PRIVATE_KEY: z.string().optional(),
	ROUTER_PRIVATE_KEY_FILE: z.string().optional(),
	ZEROG_PRIVATE_KEY: z.string().optional(),
	ZEROG_PRIVATE_KEY_FILE: z.string().optional(),
	ANTHROPIC_API_KEY: z.string().min(1).optional(),
	ANTHROPIC_BASE_URL: url.optional(),
	ANTHROPIC_MODEL: z.string().min(1).default('claude-haiku-5-5'),
	LIVE_SOURCES: list.default(['all']),
	SOURCE_TIMEOUT_MS: seconds.default(8_000),
	TOKEN_PRICE_SOURCES: list.default(['all']),
	TOKEN_PRICE_MAX_AGE_SECONDS: seconds.default(900),
	TOKEN_PRICE_MAX_SPREAD_BPS: z.coerce
		.number({ error: 'must be a number' })
		.int('must be a whole number')
		.min(0)
		.max(100_000)
		.default(500),
	HISTORY_DAYS: seconds.default(400),
	ZEROG_UPLOAD_TIMEOUT_MS: seconds.default(120_000),
	CHAIN_POLL_MS: seconds.default(1_000),
	CHAIN_CLOCK_TOLERANCE_SECONDS: count.default(CLOCK_TOLERANCE),
	READY_MIN_ROUTES: count.default(10),
});

/** Where empty is not the same as unset. */
const LISTS = ['LIVE_SOURCES', 'TOKEN_PRICE_SOURCES', 'FRONTEND_ORIGIN', 'TRUSTED_PROXIES', 'METRICS_CLIENTS'];

/** A key that signs. */
export type SecretKey = Secret<Hex>;

export interface Settings {
	logLevel: string;
	http: { host: string; port: number; origins: string[] };
	proxies: Proxies;
	metricsClients: string[];
	limits: Partial<LimitSettings>;
	databaseUrl: string;
	/** For public reads; the same without. */
	apiDatabaseUrl: string;
	indexerUrl: string;
	chain: { rpcUrls: string[]; wsUrl: string | null; pollMs: number; deployment: Deployment; routerKey: SecretKey };
	zeroG: { rpcUrl: string; indexerUrl: string; key: SecretKey; uploadTimeoutMs: number };
	anthropic: { apiKey: string | null; baseUrl: string | null; model: string };
	sources: {
		/** Sources that are asked, with their settings. */
		live: { definition: SourceDefinition; settings: SourceSettings }[];
		/** Sources that lack something, and what. */
		missing: { definition: SourceDefinition; note: string }[];
		timeoutMs: number;
		tokenPrices: SourceChoice<TokenPriceDefinition>;
		tokenPriceMaxAgeSeconds: number;
		tokenPriceMaxSpreadBps: number;
	};
	/** Days for which prices are kept. */
	historyDays: number;
	/** Routes that the router's and the storage key have to be able to pay for, or the agent calls itself not ready. */
	minRoutes: number;
	/** Seconds that the agent's clock may differ from the chain's. */
	clockTolerance: number;
}

function readKey(name: string, inline: string | undefined, file: string | undefined): SecretKey {
	if (inline === undefined && file === undefined) {
		throw new SettingsError(`${name} is missing: set ${name}_FILE to a file with the key, or ${name}.`);
	}
	if (inline !== undefined && file !== undefined) {
		throw new SettingsError(`${name} and ${name}_FILE are both set; keep one of them.`);
	}
	const text = (inline ?? readTextFile(file ?? '', `${name}_FILE`)).trim();
	const key = text.startsWith('0x') ? text : `0x${text}`;
	// The text itself is never repeated in the message: a key with a typing error is still nearly the key.
	if (!/^0x[0-9a-fA-F]{64}$/.test(key)) {
		throw new SettingsError(`${name} is not a private key: 64 hexadecimal digits are expected.`);
	}
	// The regular expression above proved the shape.
	return new Secret(key as Hex);
}

function readDeployment(path: string): Deployment {
	const text = readTextFile(path, 'NECTO_DEPLOYMENT');
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (cause) {
		throw new SettingsError(`The deployment file ${path} is not JSON.`, { cause });
	}
	const parsed = deploymentSchema.safeParse(json);
	if (!parsed.success) {
		const issue = parsed.error.issues[0];
		throw new SettingsError(`The deployment file ${path} is wrong at ${issue?.path.join('.')}: ${issue?.message}.`);
	}
	return parsed.data;
}

/**
 * Reads and checks all settings. An empty variable counts as unset, except for lists, where empty means none.
 *
 * @throws SettingsError naming the first setting that is missing or wrong
 */
export function readSettings(environment: Record<string, string | undefined>): Settings {
	const given = Object.fromEntries(
		Object.entries(environment).filter(([name, value]) => value !== '' || LISTS.includes(name)),
	);
	const parsed = environmentSchema.safeParse(given);
	if (!parsed.success) {
		const issue = parsed.error.issues[0];
		throw new SettingsError(`${issue?.path[0]?.toString() ?? 'A setting'} ${issue?.message}.`);
	}
	const env = parsed.data;
	return {
		logLevel: env.LOG_LEVEL,
		http: { host: env.HOST, port: env.AGENT_PORT, origins: env.FRONTEND_ORIGIN },
		proxies: { trusted: env.TRUSTED_PROXIES, header: env.CLIENT_ADDRESS_HEADER },
		metricsClients: env.METRICS_CLIENTS,
		limits: {
			readsAMinute: env.READS_PER_MINUTE,
			heavyReadsAMinute: env.HEAVY_READS_PER_MINUTE,
			quotesAMinute: env.QUOTES_PER_MINUTE,
			parsesAMinute: env.PARSES_PER_MINUTE,
			heavyAtOnce: env.HEAVY_AT_ONCE,
			streams: env.STREAMS,
			streamsOfClient: env.STREAMS_PER_CLIENT,
		},
		databaseUrl: env.DATABASE_URL,
		apiDatabaseUrl: env.API_DATABASE_URL ?? env.DATABASE_URL,
		indexerUrl: env.INDEXER_URL,
		chain: {
			rpcUrls: env.ADI_RPC_URL,
			wsUrl: env.ADI_WS_URL ?? null,
			pollMs: env.CHAIN_POLL_MS,
			deployment: readDeployment(env.NECTO_DEPLOYMENT),
			routerKey: readKey('ROUTER_PRIVATE_KEY', env.ROUTER_PRIVATE_KEY, env.ROUTER_PRIVATE_KEY_FILE),
		},
		zeroG: {
			rpcUrl: env.ZEROG_RPC_URL,
			indexerUrl: env.ZEROG_INDEXER_URL,
			key: readKey('ZEROG_PRIVATE_KEY', env.ZEROG_PRIVATE_KEY, env.ZEROG_PRIVATE_KEY_FILE),
			uploadTimeoutMs: env.ZEROG_UPLOAD_TIMEOUT_MS,
		},
		anthropic: {
			apiKey: env.ANTHROPIC_API_KEY ?? null,
			baseUrl: env.ANTHROPIC_BASE_URL ?? null,
			model: env.ANTHROPIC_MODEL,
		},
		sources: {
			...readSources(given, env.LIVE_SOURCES, env.SOURCE_TIMEOUT_MS),
			timeoutMs: env.SOURCE_TIMEOUT_MS,
			tokenPrices: readTokenPriceSources(given, env.TOKEN_PRICE_SOURCES, env.SOURCE_TIMEOUT_MS),
			tokenPriceMaxAgeSeconds: env.TOKEN_PRICE_MAX_AGE_SECONDS,
			tokenPriceMaxSpreadBps: env.TOKEN_PRICE_MAX_SPREAD_BPS,
		},
		historyDays: env.HISTORY_DAYS,
		minRoutes: env.READY_MIN_ROUTES,
		clockTolerance: env.CHAIN_CLOCK_TOLERANCE_SECONDS,
	};
}
