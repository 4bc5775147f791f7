import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Deployment, deploymentSchema } from '@necto/contracts';
import { z } from 'zod';

/** What the indexer is told from outside. Everything comes from the environment; docs/indexer.md lists it. */
export interface Settings {
	readonly deployment: Deployment;
	/** HTTP endpoints of the deployment's chain. Ponder asks each at most 20 times a second at first: more of them backfill faster. */
	readonly rpcUrls: readonly string[];
	/** Websocket endpoint of the chain: new blocks at once instead of by polling. */
	readonly wsUrl: string | undefined;
	readonly databaseUrl: string;
	/** Milliseconds between two comparisons of the tables with the contracts. */
	readonly watchMs: number;
}

const urlList = z.string().transform((text) =>
	text
		.split(',')
		.map((url) => url.trim())
		.filter((url) => url !== ''),
);

const environmentSchema = z.object({
	NECTO_DEPLOYMENT: z.string().min(1),
	ADI_RPC_URL: urlList.pipe(z.array(z.url({ protocol: /^https?$/ })).min(1)),
	ADI_WS_URL: z.preprocess((value) => (value === '' ? undefined : value), z.url({ protocol: /^wss?$/ }).optional()),
	DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
	INDEX_CHECK_SECONDS: z.preprocess(
		(value) => (value === '' ? undefined : value),
		z
			.string()
			.regex(/^\d{1,4}$/)
			.default('15')
			.transform(Number)
			.pipe(z.int().min(1).max(3_600)),
	),
});

/** What each variable has to be: the words of the error when it is not. */
const expected: Readonly<Record<keyof z.infer<typeof environmentSchema>, string>> = {
	NECTO_DEPLOYMENT:
		'the path of the deployment file (.necto/deployments/<chain id>.json) that the deploy script writes',
	ADI_RPC_URL: "one or more http(s) URLs of the chain's RPC, separated by commas",
	ADI_WS_URL: "a ws(s) URL of the chain's RPC, or nothing",
	DATABASE_URL: 'the postgres:// URL of a PostgreSQL 14 or newer',
	INDEX_CHECK_SECONDS: 'a whole number of seconds from 1 to 3600',
};

/** A sentence for the operator: what is wrong with the settings and what to do. */
export class SettingsError extends Error {}

/**
 * Reads and checks the settings.
 *
 * @param env the process's environment
 * @throws SettingsError naming every variable that is missing or wrong, and what it has to be. Values are not repeated: URLs may hold passwords.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
	const result = environmentSchema.safeParse(env);
	if (!result.success) {
		const wrong = new Set(result.error.issues.map((issue) => String(issue.path[0])));
		const lines = Object.entries(expected)
			.filter(([name]) => wrong.has(name))
			.map(([name, meaning]) => `  ${name} ${env[name] ? 'has to be' : 'is missing: it is'} ${meaning}`);
		throw new SettingsError(`The indexer can't start. Set in its environment:\n${lines.join('\n')}`);
	}
	const { NECTO_DEPLOYMENT, ADI_RPC_URL, ADI_WS_URL, DATABASE_URL, INDEX_CHECK_SECONDS } = result.data;
	return {
		deployment: readDeployment(NECTO_DEPLOYMENT),
		rpcUrls: ADI_RPC_URL,
		wsUrl: ADI_WS_URL,
		databaseUrl: DATABASE_URL,
		watchMs: INDEX_CHECK_SECONDS * 1_000,
	};
}

/** The schema that Ponder is told to write to: its option before its variable, as Ponder reads them. */
export function schemaFrom(argv: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
	const { schema } = parseArgs({ args: [...argv], options: { schema: { type: 'string' } }, strict: false }).values;
	return typeof schema === 'string' ? schema : env.DATABASE_SCHEMA;
}

function readDeployment(path: string): Deployment {
	let content: unknown;
	try {
		content = JSON.parse(readFileSync(path, 'utf8'));
	} catch (cause) {
		throw new SettingsError(
			`The indexer can't read the deployment file ${path} (NECTO_DEPLOYMENT). Deploy the contracts first.`,
			{
				cause,
			},
		);
	}
	const result = deploymentSchema.safeParse(content);
	if (!result.success) {
		throw new SettingsError(
			`The deployment file ${path} (NECTO_DEPLOYMENT) is not one: ${z.prettifyError(result.error)}\nDeploy the contracts again.`,
		);
	}
	return result.data;
}
