// What is published: dist/ as `npm run build` leaves it, used as its users use it.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'vite';
import { afterEach, expect, it, vi } from 'vitest';

import { sdk } from '../scripts/aliases.mjs';
import { FakeServer } from './support/fake_server.js';

const dist = (name: string) => join(sdk, 'dist', name);
const manifest = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8'));

let client: { close(): void } | undefined;
afterEach(() => client?.close());

async function connects(entry: string) {
  const server = new FakeServer();
  server.put({ id: '1', progress: 7 });
  const { connect } = await import(/* @vite-ignore */ dist(entry));
  const connected = connect({ url: 'http://jobs.test', WebSocket: server.WebSocket, fetch: server.fetch });
  client = connected;
  const job = connected.job('1');
  job.subscribe(() => {});
  await vi.waitFor(() => expect(job.getSnapshot().job?.progress).toBe(7));
}

it('finds its core beside it in Node', () => connects('index.js'));
it('carries its core in the inline entry', () => connects('inline.js'));

it('can be imported where there is neither page nor socket, and does nothing there', () => {
  const script = `const { connect, JobError } = await import('@jobwire/client'); const react = await import('@jobwire/react');
    console.log(typeof connect, typeof JobError, typeof react.useJob)`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: join(sdk, 'react'), encoding: 'utf8' });
  expect(output.trim()).toBe('function function function');
});

// A core that grows an import has grown a dependency on its platform.
it('imports nothing but Embind, abort and memory', () => {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(dist('core.wasm'))));
  const glue = readFileSync(join(sdk, '../build/wasm/sdk-wasm/jobwire_core.mjs'), 'utf8');
  // Names in the module are minified: the glue says what each one means.
  const library = /asmLibraryArg ?= ?\{([^}]*)\}/.exec(glue)![1]!.split(',').map((entry) => entry.replaceAll(/["\s]/g, '').split(':'));
  expect(imports.map(({ name }) => name).sort()).toEqual(library.map(([name]) => name).sort());
  expect(library.map(([, meaning]) => meaning).sort()).toEqual([
    '__embind_register_float',
    '__embind_register_function',
    '__embind_register_integer',
    '__embind_register_void',
    '_abort',
    '_emscripten_resize_heap',
  ]);
});

it('evaluates no text: a policy with wasm-unsafe-eval is enough', () => {
  for (const name of ['index.js', 'inline.js']) {
    expect(readFileSync(dist(name), 'utf8')).not.toMatch(/\beval\(|new Function|\bFunction\(/);
  }
});

it('has every file that its manifest names', () => {
  for (const folder of [sdk, join(sdk, 'react')]) {
    const { exports, main, types } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const named = [main, types, ...Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? entry : Object.values(entry as object)))];
    for (const file of named) expect(existsSync(join(folder, file)), file).toBe(true);
  }
  expect(manifest.dependencies).toBeUndefined();
});

it('is bundled by Vite with its core as an asset', async () => {
  const result = await build({
    root: join(sdk, 'tests/support/page'),
    logLevel: 'silent',
    configFile: false,
    resolve: { alias: { '@jobwire/client': dist('index.js') } },
    build: { write: false, assetsInlineLimit: 0, target: 'es2022' },
  });
  const { output } = result as Extract<typeof result, { output: unknown }>;
  const files = output.map(({ fileName }) => fileName);
  expect(files).toContainEqual(expect.stringMatching(/^assets\/core-.*\.wasm$/));
  const code = output.find((file) => file.type === 'chunk')!;
  expect(code.type === 'chunk' && code.code).toContain(files.find((name) => name.endsWith('.wasm')));
});
