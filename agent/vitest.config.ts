import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		// Databases and chains are real processes: a cold start on a busy machine needs its time.
		testTimeout: 60_000,
		hookTimeout: 120_000,
	},
});
