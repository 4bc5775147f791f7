import { defineConfig } from 'vitest/config';

// The property tests are arithmetic on one core; a busy machine may take its time over them.
export default defineConfig({ test: { include: ['test/**/*.test.ts'], testTimeout: 60_000 } });
