import { defineConfig } from 'vitest/config';

import { sdk, wasmBase64 } from './scripts/aliases.mjs';

export default defineConfig({
  plugins: [
    {
      name: 'jobwire-core-base64',
      resolveId: (id) => (id === 'jobwire-core-base64' ? `\0${id}` : undefined),
      load: (id) => (id === '\0jobwire-core-base64' ? `export default '${wasmBase64()}'` : undefined),
    },
  ],
  resolve: {
    alias: {
      '@jobwire/client': `${sdk}/ts/core/index.ts`,
      '@jobwire/react': `${sdk}/ts/react/index.ts`,
    },
  },
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    testTimeout: 20_000,
    typecheck: { enabled: true, include: ['tests/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
  },
});
