import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['**/*.test.js'], fileParallelism: false, maxConcurrency: 4, testTimeout: 40_000, hookTimeout: 60_000 },
});
