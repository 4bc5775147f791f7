import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By name, whatever took longest the last time: a job of one file moves the dynamic prices that another one expects. */
class ByName extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		return files.toSorted((one, other) => (one.moduleId < other.moduleId ? -1 : 1));
	}
}

export default defineConfig({
	test: {
		include: ['e2e/**/*.test.ts'],
		globalSetup: 'e2e/product.ts',
		// One product serves all files, and the last GPU is fought over in one of them.
		fileParallelism: false,
		sequence: { sequencer: ByName },
		// Limits for what would wait for ever, not for what a busy machine takes.
		testTimeout: 600_000,
		hookTimeout: 600_000,
	},
});
