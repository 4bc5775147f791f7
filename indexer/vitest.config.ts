import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
	resolve: {
		// Inside Ponder these are the running app; here they are the handlers that were registered, and the real schema.
		// And graphql is the one file that Node finds as well, for the packages that are not bundled: there may be only one of it.
		alias: {
			graphql: createRequire(import.meta.url).resolve('graphql'),
			'ponder:registry': at('test/support/registry.ts'),
			'ponder:schema': at('ponder.schema.ts'),
		},
	},
	// Ponder takes seconds to import: once is enough.
	test: {
		include: ['test/**/*.test.ts'],
		isolate: false,
		fileParallelism: false,
		// Waits end with what they wait for; these limits only end a test that would wait for ever, on a machine however busy.
		testTimeout: 240_000,
		hookTimeout: 600_000,
		expect: { poll: { timeout: 120_000 } },
	},
});
