/** The settings of the router (`main.ts`): it alone has the keys that sign and those of the sources. */
import { CLOCK_TOLERANCE } from '@necto/core';
import type { Hex } from 'viem';
import { z } from 'zod';
import { API_ROLE } from '../journal/rights.ts';
import { Secret } from '../secret.ts';
import { count, readTextFile, SettingsError, seconds, url } from '../settingText.ts';
import { readSources, readTokenPriceSources, type SourceChoice } from '../sources/asking/settings.ts';
import type { TokenPriceDefinition } from '../tokenPrices/source.ts';
import {
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

const environmentSchema = z.object({
	...commonEnvironment,
	ROUTER_PORT: port.default(4001),
	ROUTER_HOST: z.string().min(1).default('127.0.0.1'),
	DATABASE_URL: postgres,
	API_DATABASE_ROLE: z
		.string()
		.regex(/^[^"\0]{1,63}$/, 'must be the name of a role')
		.default(API_ROLE),
	ADI_WS_URL: z.url({ protocol: /^wss?$/, error: 'must be a ws(s) URL' }).optional(),
	ZEROG_RPC_URL: z.string({ error: 'is missing' }).pipe(url),
	ROUTER_PRIVATE_KEY: z.string().optional(),
	ROUTER_PRIVATE_KEY_FILE: z.string().optional(),
	ZEROG_PRIVATE_KEY: z.string().optional(),
	ZEROG_PRIVATE_KEY_FILE: z.string().optional(),
	LIVE_SOURCES: list.default(['all']),
	TOKEN_PRICE_SOURCES: list.default(['all']),
	HISTORY_DAYS: seconds.default(400),
	ZEROG_UPLOAD_TIMEOUT_MS: seconds.default(120_000),
	CHAIN_POLL_MS: seconds.default(1_000),
	CHAIN_CLOCK_TOLERANCE_SECONDS: count.default(CLOCK_TOLERANCE),
	READY_MIN_ROUTES: count.default(10),
});

/** A key that signs. */
export type SecretKey = Secret<Hex>;

export interface RouterSettings extends CommonSettings {
	/** Of the private HTTP server. */
	http: { host: string; port: number };
	databaseUrl: string;
	/** The role of the public API, which is given its rights if it exists. */
	apiRole: string;
	chain: CommonSettings['chain'] & { wsUrl: string | null; pollMs: number; routerKey: SecretKey };
	zeroG: { rpcUrl: string; indexerUrl: string; key: SecretKey; uploadTimeoutMs: number };
	sources: SourceChoice & { tokenPrices: SourceChoice<TokenPriceDefinition> };
	/** Days for which prices are kept. */
	historyDays: number;
	/** Routes that the router's and the storage key have to be able to pay for, or the router calls itself not ready. */
	minRoutes: number;
	/** Seconds that the router's clock may differ from the chain's. */
	clockTolerance: number;
}

/** @throws SettingsError naming the first setting that is missing or wrong */
export function readRouterSettings(environment: Environment): RouterSettings {
	const given = givenOf(environment);
	const env = parseSettings(environmentSchema, given);
	const common = commonSettings(env);
	return {
		...common,
		http: { host: env.ROUTER_HOST, port: env.ROUTER_PORT },
		databaseUrl: env.DATABASE_URL,
		apiRole: env.API_DATABASE_ROLE,
		chain: {
			...common.chain,
			wsUrl: env.ADI_WS_URL ?? null,
			pollMs: env.CHAIN_POLL_MS,
			routerKey: readKey('ROUTER_PRIVATE_KEY', env.ROUTER_PRIVATE_KEY, env.ROUTER_PRIVATE_KEY_FILE),
		},
		zeroG: {
			rpcUrl: env.ZEROG_RPC_URL,
			indexerUrl: env.ZEROG_INDEXER_URL,
			key: readKey('ZEROG_PRIVATE_KEY', env.ZEROG_PRIVATE_KEY, env.ZEROG_PRIVATE_KEY_FILE),
			uploadTimeoutMs: env.ZEROG_UPLOAD_TIMEOUT_MS,
		},
		sources: {
			...readSources(given, env.LIVE_SOURCES, env.SOURCE_TIMEOUT_MS),
			tokenPrices: readTokenPriceSources(given, env.TOKEN_PRICE_SOURCES, env.SOURCE_TIMEOUT_MS),
		},
		historyDays: env.HISTORY_DAYS,
		minRoutes: env.READY_MIN_ROUTES,
		clockTolerance: env.CHAIN_CLOCK_TOLERANCE_SECONDS,
	};
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
