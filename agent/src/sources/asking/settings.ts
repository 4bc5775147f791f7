/** The settings that every source has, named alike: `AKASH_BASE_URL`, `AKASH_REFRESH_SECONDS`, `AKASH_TIMEOUT_MS`, and its keys. */
import type { z } from 'zod';
import { Secret } from '../../secret.ts';
import { readTextFile, SettingsError, seconds, url } from '../../settingText.ts';
import { TOKEN_PRICE_SOURCES } from '../../tokenPrices/all.ts';
import type { TokenPriceDefinition } from '../../tokenPrices/source.ts';
import { SOURCES } from '../all.ts';
import type { SourceDefinition, SourceSettings } from './source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a source has to say of itself to have settings. */
type Configurable = Pick<
	SourceDefinition,
	'id' | 'prefix' | 'baseUrl' | 'keys' | 'needsKeys' | 'needs' | 'options' | 'refreshSeconds' | 'timeoutMs'
>;

export interface SourceChoice<Definition = SourceDefinition> {
	live: { definition: Definition; settings: SourceSettings }[];
	missing: { definition: Definition; note: string }[];
}

/**
 * Which sources of offers are asked, and with what.
 *
 * @param wanted ids of sources, or `all` alone for every one that has what it needs
 * @throws SettingsError naming the first setting that is wrong
 */
export function readSources(environment: Environment, wanted: readonly string[], timeoutMs: number): SourceChoice {
	return chooseSources(SOURCES, { setting: 'LIVE_SOURCES', of: 'offers' }, environment, wanted, timeoutMs);
}

/** The same for sources of token prices. */
export function readTokenPriceSources(
	environment: Environment,
	wanted: readonly string[],
	timeoutMs: number,
): SourceChoice<TokenPriceDefinition> {
	return chooseSources(
		TOKEN_PRICE_SOURCES,
		{ setting: 'TOKEN_PRICE_SOURCES', of: 'prices' },
		environment,
		wanted,
		timeoutMs,
	);
}

function chooseSources<Definition extends Configurable>(
	definitions: readonly Definition[],
	{ setting, of }: { setting: string; of: string },
	environment: Environment,
	wanted: readonly string[],
	timeoutMs: number,
): SourceChoice<Definition> {
	const unknown = wanted.find((id) => id !== 'all' && !definitions.some((source) => source.id === id));
	if (unknown !== undefined) {
		const known = definitions.map(({ id }) => id).join(', ');
		throw new SettingsError(`${setting} names '${unknown}'; known sources are all, ${known}.`);
	}
	const choice: SourceChoice<Definition> = { live: [], missing: [] };
	for (const definition of definitions) {
		const settings = readOne(environment, definition, timeoutMs);
		const lacking = lackOf(definition, settings, of);
		if (!wanted.includes('all') && !wanted.includes(definition.id)) {
			choice.missing.push({ definition, note: `Not asked: ${setting} does not name it.` });
		} else if (lacking === null) choice.live.push({ definition, settings });
		else choice.missing.push({ definition, note: lacking });
	}
	return choice;
}

function lackOf(source: Configurable, settings: SourceSettings, of: string): string | null {
	const { keys, needsKeys, prefix, needs } = source;
	if (needs !== undefined) return settings.options[needs.option] ? null : needs.lacking;
	if (needsKeys && settings.keys === null) return `Not asked: set ${keys.join(' and ')} to see its ${of}.`;
	return settings.baseUrl === '' ? `Not asked: set ${prefix}_BASE_URL to see its ${of}.` : null;
}

function readOne(environment: Environment, definition: Configurable, timeoutMs: number): SourceSettings {
	const { prefix, options = {} } = definition;
	const read = <Output>(name: string, schema: z.ZodType<Output>, otherwise: Output): Output => {
		const text = environment[name];
		if (text === undefined) return otherwise;
		const parsed = schema.safeParse(text);
		if (!parsed.success) throw new SettingsError(`${name} ${parsed.error.issues[0]?.message}.`);
		return parsed.data;
	};
	const keys = definition.keys.map((name) => readSecret(environment, name)).filter((key) => key !== null);
	if (keys.length > 0 && keys.length < definition.keys.length) {
		throw new SettingsError(`${definition.keys.join(' and ')} belong together; one of them is missing.`);
	}
	return {
		baseUrl: read(`${prefix}_BASE_URL`, url, definition.baseUrl),
		keys: keys.length === 0 ? null : keys,
		options: Object.fromEntries(
			Object.entries(options).map(([name, { value }]) => [name, environment[name] ?? value] as const),
		),
		refreshSeconds: read(`${prefix}_REFRESH_SECONDS`, seconds, definition.refreshSeconds),
		timeoutMs: read(`${prefix}_TIMEOUT_MS`, seconds, definition.timeoutMs ?? timeoutMs),
	};
}

/** A key from the environment or from a file. */
function readSecret(environment: Environment, name: string): Secret | null {
	const inline = environment[name];
	const file = environment[`${name}_FILE`];
	if (inline !== undefined && file !== undefined) {
		throw new SettingsError(`${name} and ${name}_FILE are both set; keep one of them.`);
	}
	const text = (inline ?? (file === undefined ? '' : readTextFile(file, `${name}_FILE`))).trim();
	if (text === '') return null;
	// What could end a header is no key; the text itself is never repeated.
	if (!/^[\x21-\x7e]{1,4096}$/.test(text))
		throw new SettingsError(`${name} is not a key: it has spaces or special characters.`);
	return new Secret(text);
}
