import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['e2e/**/*.test.ts'],
		globalSetup: 'e2e/product.ts',
		// One product serves all files, and the last GPU is fought over in one of them.
		fileParallelism: false,
		testTimeout: 180_000,
		hookTimeout: 180_000,
	},
});
