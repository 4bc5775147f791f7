/** Sources that are asked in the test's own process. */
import { createLogger } from '../../src/logger.ts';
import { AskedSources, type AskedSourcesOptions } from '../../src/market/asked.ts';

export function askedSources(options: Partial<AskedSourcesOptions> = {}): AskedSources {
	return new AskedSources({
		timeoutMs: 30_000,
		offers: [],
		tokens: [],
		missing: { offers: [], tokens: [] },
		logger: createLogger('silent'),
		now: () => Math.floor(Date.now() / 1_000),
		...options,
	});
}
