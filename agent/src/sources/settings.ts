/** The settings that every source has, named alike: `AKASH_BASE_URL`, `AKASH_REFRESH_SECONDS`, `AKASH_TIMEOUT_MS`, and its keys. */
import type { z } from 'zod';
import { Secret } from '../secret.ts';
import { readTextFile, SettingsError, seconds, url } from '../settingText.ts';
import { SOURCES } from './all.ts';
import type { SourceDefinition, SourceSettings } from './source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SourceChoice {
	live: { definition: SourceDefinition; settings: SourceSettings }[];
	missing: { definition: SourceDefinition; note: string }[];
}

/**
 * Which sources are asked, and with what.
 *
 * @param wanted ids of sources, or `all` alone for every one that has what it needs
 * @throws SettingsError naming the first setting that is wrong
 */
export function readSources(environment: Environment, wanted: readonly string[], timeoutMs: number): SourceChoice {
	const unknown = wanted.find((id) => id !== 'all' && !SOURCES.some((source) => source.id === id));
	if (unknown !== undefined) {
		const known = SOURCES.map(({ id }) => id).join(', ');
		throw new SettingsError(`LIVE_SOURCES names '${unknown}'; known live sources are all, ${known}.`);
	}
	const choice: SourceChoice = { live: [], missing: [] };
	for (const definition of SOURCES) {
		const settings = readOne(environment, definition, timeoutMs);
		const lacking = lackOf(definition, settings);
		if (!wanted.includes('all') && !wanted.includes(definition.id)) {
			choice.missing.push({ definition, note: 'Not asked: LIVE_SOURCES does not name it.' });
		} else if (lacking === null) choice.live.push({ definition, settings });
		else choice.missing.push({ definition, note: lacking });
	}
	return choice;
}

function lackOf({ keys, needsKeys, prefix, needs }: SourceDefinition, settings: SourceSettings): string | null {
	if (needs !== undefined) return settings.options[needs.option] ? null : needs.lacking;
	if (needsKeys && settings.keys === null) return `Not asked: set ${keys.join(' and ')} to see its offers.`;
	return settings.baseUrl === '' ? `Not asked: set ${prefix}_BASE_URL to see its offers.` : null;
}

function readOne(environment: Environment, definition: SourceDefinition, timeoutMs: number): SourceSettings {
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
