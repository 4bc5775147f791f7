/** Names in a query that nothing has: an answer without rows would hide a typing error. */
import { GPU_MODELS, nearModels, TOKEN_SYMBOLS } from '@necto/core';
import { UserError } from '../errors.ts';
import { SOURCES } from '../sources/all.ts';

const MODELS: ReadonlySet<string> = new Set(GPU_MODELS.map(({ key }) => key));
const SOURCE_IDS: readonly string[] = ['necto', ...SOURCES.map(({ id }) => id)];

/**
 * A model of the catalogue is known also while no source offers it.
 *
 * @param isListed whether an offer has a model that the catalogue does not know
 * @throws UserError 400 `unknown_gpu_model`, with similar names
 */
export function refuseUnknownModels(models: readonly string[], isListed: (model: string) => boolean): void {
	const unknown = models.find((model) => !MODELS.has(model) && !isListed(model));
	if (unknown === undefined) return;
	const near = nearModels(unknown);
	throw new UserError(
		400,
		'unknown_gpu_model',
		`gpu: '${unknown}' is not a GPU model in the catalogue, and no offer has it.`,
		near.length === 0
			? 'Use the key of a GPU model such as h100, a100 or rtx-4090; GET /offers shows each in quote.gpu.model.'
			: `Did you mean ${near.join(' or ')}?`,
	);
}

/** @throws UserError 400 `unknown_source`, with the known ones */
export function refuseUnknownSources(sources: readonly string[], isKnown: (source: string) => boolean): void {
	const unknown = sources.find((source) => !SOURCE_IDS.includes(source) && !isKnown(source));
	if (unknown === undefined) return;
	throw new UserError(
		400,
		'unknown_source',
		`source: there is no source '${unknown}'.`,
		`Known sources are ${SOURCE_IDS.join(', ')}; GET /sources describes them.`,
	);
}

/** @throws UserError 400 `unknown_token`, with the known ones */
export function refuseUnknownToken(symbol: string): void {
	if (TOKEN_SYMBOLS.some((known) => known === symbol)) return;
	throw new UserError(
		400,
		'unknown_token',
		`symbol: no price is kept of a token '${symbol}'.`,
		`Known tokens are ${TOKEN_SYMBOLS.join(', ')}.`,
	);
}
