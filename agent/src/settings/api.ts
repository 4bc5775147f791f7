/** The settings of the public API (`apiMain.ts`). Its only key is that of the language model. */
import { isAddressRange } from '@necto/core';
import { z } from 'zod';
import { DEFAULT_PROXIES, type Proxies } from '../http/client.ts';
import { DEFAULT_LIMITS, type LimitSettings } from '../http/limits/settings.ts';
import { count, SettingsError, url } from '../settingText.ts';
import {
	addresses,
	type CommonSettings,
	commonEnvironment,
	commonSettings,
	type Environment,
	givenOf,
	list,
	parseSettings,
	port,
	postgres,
} from './common.ts';

/** Settings of the router only. The public process must not have them, so that a compromise of it exposes no key and no other database role. */
const ROUTER_ONLY = [
	'DATABASE_URL',
	'ROUTER_PRIVATE_KEY',
	'ROUTER_PRIVATE_KEY_FILE',
	'ZEROG_PRIVATE_KEY',
	'ZEROG_PRIVATE_KEY_FILE',
];

/** A limit: at least one. */
const limit = count.min(1, 'must be above zero').max(1_000_000, 'must be at most 1000000');

const environmentSchema = z.object({
	...commonEnvironment,
	AGENT_PORT: port.default(4000),
	HOST: z.string().min(1).default('127.0.0.1'),
	FRONTEND_ORIGIN: list.default([]),
	TRUSTED_PROXIES: addresses(isAddressRange, 'addresses or CIDR ranges').default(DEFAULT_PROXIES.trusted),
	CLIENT_ADDRESS_HEADER: z
		.string()
		.regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header')
		.toLowerCase()
		.default(DEFAULT_PROXIES.header),
	READS_PER_MINUTE: limit.default(DEFAULT_LIMITS.readsAMinute),
	HEAVY_READS_PER_MINUTE: limit.default(DEFAULT_LIMITS.heavyReadsAMinute),
	QUOTES_PER_MINUTE: limit.default(DEFAULT_LIMITS.quotesAMinute),
	PARSES_PER_MINUTE: limit.default(DEFAULT_LIMITS.parsesAMinute),
	HEAVY_AT_ONCE: limit.default(DEFAULT_LIMITS.heavyAtOnce),
	STREAMS: limit.default(DEFAULT_LIMITS.streams),
	STREAMS_PER_CLIENT: limit.default(DEFAULT_LIMITS.streamsOfClient),
	API_DATABASE_URL: postgres,
	ANTHROPIC_API_KEY: z.string().min(1).optional(),
	ANTHROPIC_BASE_URL: url.optional(),
	ANTHROPIC_MODEL: z.string().min(1).default('claude-haiku-5-5'),
});

export interface ApiSettings extends CommonSettings {
	http: { host: string; port: number; origins: string[] };
	proxies: Proxies;
	limits: Partial<LimitSettings>;
	databaseUrl: string;
	/** Where files on 0G are fetched from. */
	storageIndexerUrl: string;
	anthropic: { apiKey: string | null; baseUrl: string | null; model: string };
}

/** @throws SettingsError naming the first setting that is missing or wrong */
export function readApiSettings(environment: Environment): ApiSettings {
	const given = givenOf(environment);
	const kept = ROUTER_ONLY.find((name) => given[name] !== undefined);
	if (kept !== undefined) {
		throw new SettingsError(`${kept} is set for the public API, which must not have it: set it for the router only.`);
	}
	const env = parseSettings(environmentSchema, given);
	return {
		...commonSettings(env),
		http: { host: env.HOST, port: env.AGENT_PORT, origins: env.FRONTEND_ORIGIN },
		proxies: { trusted: env.TRUSTED_PROXIES, header: env.CLIENT_ADDRESS_HEADER },
		limits: {
			readsAMinute: env.READS_PER_MINUTE,
			heavyReadsAMinute: env.HEAVY_READS_PER_MINUTE,
			quotesAMinute: env.QUOTES_PER_MINUTE,
			parsesAMinute: env.PARSES_PER_MINUTE,
			heavyAtOnce: env.HEAVY_AT_ONCE,
			streams: env.STREAMS,
			streamsOfClient: env.STREAMS_PER_CLIENT,
		},
		databaseUrl: env.API_DATABASE_URL,
		storageIndexerUrl: env.ZEROG_INDEXER_URL,
		anthropic: {
			apiKey: env.ANTHROPIC_API_KEY ?? null,
			baseUrl: env.ANTHROPIC_BASE_URL ?? null,
			model: env.ANTHROPIC_MODEL,
		},
	};
}
