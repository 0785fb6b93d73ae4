import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  // The SDK is linked by folder: without this its hooks would bring a React of their own.
  resolve: { dedupe: ['react', 'react-dom'] },
  build: { target: 'es2022', chunkSizeWarningLimit: 600 },
  server: { fs: { allow: ['..'] } },
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'page', environment: 'jsdom', include: ['tests/**/*.test.{ts,tsx}'], setupFiles: ['tests/setup.ts'], server: { deps: { inline: [/@jobwire/] } }, testTimeout: 30_000 },
      },
      { test: { name: 'backend', environment: 'node', include: ['backend/test/**/*.test.js'], testTimeout: 30_000 } },
    ],
  },
});
