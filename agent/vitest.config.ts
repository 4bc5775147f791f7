import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		projects: [
			{ test: { name: 'alone', include: ['test/*.test.ts', 'test/sources/*.test.ts'], testTimeout: 30_000 } },
			{
				test: {
					name: 'network',
					include: ['test/network/*.test.ts'],
					globalSetup: ['test/support/globalNetwork.ts'],
					// One network for all files, one file at a time: everything in here is a real process.
					fileParallelism: false,
					testTimeout: 60_000,
					hookTimeout: 60_000,
				},
			},
		],
	},
});
