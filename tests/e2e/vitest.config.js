import { defineConfig } from 'vitest/config';

// One stack and one browser at a time: the machine is small and the jobs are real. A whole browser on a busy machine may stumble
// over what is not ours: what fails is tried once more, and its first failure is told beside (setup.js).
export default defineConfig({
  test: { include: ['*.test.js'], setupFiles: ['./setup.js'], fileParallelism: false, retry: 1, testTimeout: 240_000, hookTimeout: 120_000, teardownTimeout: 20_000, expect: { poll: { timeout: 60_000 } } },
});
