import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		// Most of these start chains and databases on a machine that may have two cores.
		fileParallelism: false,
		testTimeout: 300_000,
		hookTimeout: 300_000,
	},
});
