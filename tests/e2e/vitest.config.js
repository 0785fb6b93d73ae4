import { defineConfig } from 'vitest/config';

// One stack and one browser at a time: the machine is small and the jobs are real.
export default defineConfig({
  test: { include: ['*.test.js'], setupFiles: ['./setup.js'], fileParallelism: false, testTimeout: 240_000, hookTimeout: 120_000, teardownTimeout: 20_000, expect: { poll: { timeout: 60_000 } } },
});
