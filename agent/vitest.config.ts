import { defineConfig } from 'vitest/config';

/** Tests on a network of their own: one for all of a project's files, one file at a time, as everything in there is a real process. */
const onNetwork = (name: string, include: string[]) => ({
	test: {
		name,
		include,
		globalSetup: ['test/support/globalNetwork.ts'],
		fileParallelism: false,
		// Limits for what would wait for ever, not for what a busy machine takes.
		testTimeout: 600_000,
		hookTimeout: 600_000,
	},
});

export default defineConfig({
	test: {
		projects: [
			{ test: { name: 'alone', include: ['test/*.test.ts', 'test/sources/*.test.ts'], testTimeout: 120_000 } },
			onNetwork('network', ['test/network/*.test.ts']),
			{
				test: {
					name: 'simulation',
					include: ['test/simulation/*.test.ts'],
					globalSetup: ['test/support/globalDatabase.ts'],
					maxWorkers: 2,
					testTimeout: 600_000,
					hookTimeout: 600_000,
				},
			},
			// It waits for deadlines of its chain, which others need not wait for.
			onNetwork('failover', ['test/failover/*.test.ts']),
		],
	},
});
