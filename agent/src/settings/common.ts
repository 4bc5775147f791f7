/** The settings that both processes have, and how settings are read. Nothing else in the agent looks at `process.env`. docs/agent.md lists them for operators. */
import { type Deployment, deploymentSchema } from '@necto/contracts';
import { type MedianRule, MOST_SPREAD_BPS } from '@necto/core';
import { z } from 'zod';
import { THIS_MACHINE } from '../http/client.ts';
import { readTextFile, SettingsError, seconds, url } from '../settingText.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export const list = z.string().transform((text) =>
	text
		.split(',')
		.map((part) => part.trim())
		.filter((part) => part !== ''),
);

export const postgres = z.string({ error: 'is missing' }).regex(/^postgres(ql)?:\/\//, 'must begin with postgres://');

export const port = z.coerce.number({ error: 'must be a port number' }).int('must be a port number').min(0).max(65_535);

export const addresses = (isOne: (text: string) => boolean, what: string) =>
	list.refine((texts) => texts.every(isOne), `must hold ${what}, separated by commas`).transform((texts) => [...texts]);

export const commonEnvironment = {
	LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
	METRICS_CLIENTS: addresses((text) => z.union([z.ipv4(), z.ipv6()]).safeParse(text).success, 'addresses').default(
		THIS_MACHINE,
	),
	INDEXER_URL: z.string({ error: 'is missing' }).pipe(url),
	ADI_RPC_URL: z.string({ error: 'is missing' }).pipe(list).pipe(z.array(url).min(1, 'is empty')),
	NECTO_DEPLOYMENT: z.string({ error: 'is missing: give the path of the deployment file' }),
	ZEROG_INDEXER_URL: z.string({ error: 'is missing' }).pipe(url),
	SOURCE_TIMEOUT_MS: seconds.default(8_000),
	TOKEN_PRICE_MAX_AGE_SECONDS: seconds.default(900),
	TOKEN_PRICE_MAX_SPREAD_BPS: z.coerce
		.number({ error: 'must be a number' })
		.int('must be a whole number')
		.min(0)
		.max(MOST_SPREAD_BPS, 'is more than a verification of the decision accepts')
		.default(MOST_SPREAD_BPS),
};
const commonSchema = z.object(commonEnvironment);

export interface CommonSettings {
	logLevel: string;
	metricsClients: string[];
	indexerUrl: string;
	chain: { rpcUrls: string[]; deployment: Deployment };
	/** How long a source or the indexer may take. Milliseconds. */
	timeoutMs: number;
	/** Which token prices count, and how much they may differ. */
	tokenPriceRule: MedianRule;
}

export function commonSettings(env: z.output<typeof commonSchema>): CommonSettings {
	return {
		logLevel: env.LOG_LEVEL,
		metricsClients: env.METRICS_CLIENTS,
		indexerUrl: env.INDEXER_URL,
		chain: { rpcUrls: env.ADI_RPC_URL, deployment: readDeployment(env.NECTO_DEPLOYMENT) },
		timeoutMs: env.SOURCE_TIMEOUT_MS,
		tokenPriceRule: { maxAge: env.TOKEN_PRICE_MAX_AGE_SECONDS, maxSpreadBps: env.TOKEN_PRICE_MAX_SPREAD_BPS },
	};
}

/** Where empty is not the same as unset. */
const LISTS = ['LIVE_SOURCES', 'TOKEN_PRICE_SOURCES', 'FRONTEND_ORIGIN', 'TRUSTED_PROXIES', 'METRICS_CLIENTS'];

/** The variables that are set: an empty one counts as unset, except for lists, where empty means none. */
export function givenOf(environment: Environment): Environment {
	return Object.fromEntries(
		Object.entries(environment).filter(([name, value]) => value !== '' || LISTS.includes(name)),
	);
}

/** @throws SettingsError naming the first setting that is missing or wrong */
export function parseSettings<Schema extends z.ZodType>(schema: Schema, given: Environment): z.output<Schema> {
	const parsed = schema.safeParse(given);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	throw new SettingsError(`${issue?.path[0]?.toString() ?? 'A setting'} ${issue?.message}.`);
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
