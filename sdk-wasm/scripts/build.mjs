// Bundles dist/ (@jobwire/client) and react/dist/ (@jobwire/react) out of ts/ and what CMake built.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'esbuild';
import { minify } from 'terser';

import { sdk, wasmBase64, wasmFile } from './aliases.mjs';

const core = {
  name: 'jobwire-core',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^jobwire-core-base64$/ }, ({ path }) => ({ path, namespace: 'base64' }));
    onLoad({ filter: /./, namespace: 'base64' }, () => ({ contents: `export default '${wasmBase64()}'` }));
  },
};
const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  legalComments: 'none',
  logLevel: 'warning',
  sourcemap: 'linked',
};

rmSync(join(sdk, 'dist'), { recursive: true, force: true });
rmSync(join(sdk, 'react/dist'), { recursive: true, force: true });
mkdirSync(join(sdk, 'dist'));
// Two builds: what the main entry loads only when it must is a file of its own, the inline entry is one file.
for (const [entry, splitting] of [['index', true], ['inline', false]]) {
  await build({
    ...common,
    entryPoints: [join(sdk, `ts/core/${entry}.ts`)],
    outdir: join(sdk, 'dist'),
    minify: true,
    splitting,
    chunkNames: '[name]',
    plugins: [core],
  });
}
// What esbuild leaves: constants and functions that are used once, most of all. A thirtieth of the whole.
for (const name of readdirSync(join(sdk, 'dist')).filter((file) => file.endsWith('.js'))) {
  const file = join(sdk, 'dist', name);
  const content = readFileSync(`${file}.map`, 'utf8');
  const { code, map } = await minify(readFileSync(file, 'utf8'), {
    module: true,
    ecma: 2022,
    compress: { passes: 2 },
    sourceMap: { content, url: `${name}.map` },
  });
  writeFileSync(file, code);
  writeFileSync(`${file}.map`, map);
}
copyFileSync(wasmFile, join(sdk, 'dist/core.wasm'));
await build({
  ...common,
  entryPoints: [join(sdk, 'ts/react/index.ts')],
  outdir: join(sdk, 'react/dist'),
  external: ['react', '@jobwire/client'],
  banner: { js: "'use client';" },
});
