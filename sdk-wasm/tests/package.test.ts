// What is published: dist/ as `npm run build` leaves it, used as its users use it.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { build, createServer } from 'vite';
import { afterEach, expect, it, vi } from 'vitest';

import type { JobwireClient } from '@jobwire/client';

import { sdk } from '../scripts/aliases.mjs';
import { FakeServer } from './support/fake_server.js';

const dist = (name: string) => join(sdk, 'dist', name);
const manifest = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8'));

let client: { close(): void } | undefined;
afterEach(() => client?.close());

async function connects(entry: string) {
  const server = new FakeServer();
  server.put({ id: '1', progress: 7 });
  const { connect } = await import(/* @vite-ignore */ resolve(dist('.'), entry));
  const connected: JobwireClient = connect({ url: 'http://jobs.test', WebSocket: server.WebSocket, fetch: server.fetch });
  client = connected;
  const job = connected.job('1');
  job.subscribe(() => {});
  await vi.waitFor(() => expect(job.getSnapshot().job?.progress).toBe(7));
  return { server, connected };
}

it('finds its core in Node', async () => {
  await connects('index.js');
});
it('carries its core and the inbox in the inline entry', async () => {
  const { server, connected } = await connects('inline.js');
  server.notify('a');
  connected.notifications.subscribe(() => {});
  await vi.waitFor(() => expect(connected.notifications.getSnapshot().notifications).toMatchObject([{ id: 'a' }]));
});

it('without the file of the inbox there are the jobs, and a word about it; with it, all is well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobwire-dist-'));
  try {
    cpSync(join(sdk, 'dist'), folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    rmSync(join(folder, 'inbox.js'));
    const { server, connected } = await connects(join(folder, 'index.js'));
    server.notify('a');
    const inbox = connected.notifications;
    inbox.subscribe(() => {});
    const error = { code: 'unavailable', message: expect.stringMatching(/^The inbox could not be loaded: .*inbox\.js/) };
    await vi.waitFor(() => expect(inbox.getSnapshot()).toMatchObject({ isPending: true, unread: 1, error }));
    await expect(inbox.read('a')).rejects.toMatchObject(error);
    server.put({ id: '1', progress: 8 });
    await vi.waitFor(() => expect(connected.job('1').getSnapshot().job?.progress).toBe(8));
    cpSync(dist('inbox.js'), join(folder, 'inbox.js'));
    server.cut();
    connected.retry(); // without the wait before a next try
    await vi.waitFor(() => expect(inbox.getSnapshot()).toMatchObject({ isPending: false, error: undefined, notifications: [{ id: 'a' }] }));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('can be imported where there is neither page nor socket, and does nothing there', () => {
  const script = `const { connect, JobError } = await import('@jobwire/client'); const react = await import('@jobwire/react');
    console.log(typeof connect, typeof JobError, typeof react.useJob)`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: join(sdk, 'react'), encoding: 'utf8' });
  expect(output.trim()).toBe('function function function');
});

it('a process ends by itself once its client is closed, whoever leaves later', async () => {
  const script = `const { connect } = await import('@jobwire/client');
    const client = connect({ url: 'http://127.0.0.1:1', unfollowDelayMs: 1e8, timing: { backoffBaseMs: 1e8 } });
    const leave = client.job('1').subscribe(() => {});
    const finished = client.job('2').finished().catch((error) => error.code);
    client.connection.subscribe(async () => {
      if (client.connection.getSnapshot().state !== 'offline') return;
      client.close();
      leave();
      client.jobs().subscribe(() => {})();
      console.log(await finished);
    });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: join(sdk, 'react'), timeout: 60_000 });
  expect(stdout.trim()).toBe('closed');
}, 70_000);

it.each(['bundler', 'node16', 'no_dom'])('has types wherever every library is checked: %s', async (target) => {
  const tsc = join(sdk, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-p', `tests/consumer/${target}.json`], { cwd: sdk });
}, 300_000);

// A core that grows an import has grown a dependency on its platform.
it('imports nothing but Embind', () => {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(dist('core.wasm'))));
  expect(imports.map(({ name }) => name)).toEqual(['_embind_register_function']);
});

it('evaluates no text: a policy with wasm-unsafe-eval is enough', () => {
  for (const name of ['index.js', 'inbox.js', 'inline.js', 'inline_core.js']) {
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
  const code = output.find((file) => file.type === 'chunk' && file.isEntry)!;
  expect(code.type === 'chunk' && code.code).toContain(files.find((name) => name.endsWith('.wasm')));
  expect(files).toContainEqual(expect.stringMatching(/^assets\/inbox-.*\.js$/));
});

// Vite's development server moves what is installed into its cache, without the .wasm.
it('brings its core along where Vite pre-bundles it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'jobwire-vite-'));
  const installed = join(root, 'node_modules/@jobwire/client');
  mkdirSync(installed, { recursive: true });
  cpSync(join(sdk, 'dist'), join(installed, 'dist'), { recursive: true });
  cpSync(join(sdk, 'package.json'), join(installed, 'package.json'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'main.js'), "import { connect } from '@jobwire/client';\nconnect();\n");
  writeFileSync(join(root, 'index.html'), '<!doctype html><script type="module" src="/main.js"></script>');
  const server = await createServer({ root, configFile: false, logLevel: 'silent', server: { port: 0, host: '127.0.0.1' } });
  try {
    await server.listen();
    const origin = `http://127.0.0.1:${(server.httpServer!.address() as AddressInfo).port}`;
    const text = async (path: string, from = origin) => (await fetch(new URL(path, from))).text();
    const page = await text('/main.js');
    const code = new URL(/from "([^"]+)"/.exec(page)![1]!, origin);
    const fallback = /import\("([^"]*inline_core[^"]*)"\)/.exec(await text(code.href))![1]!;
    expect(await text(fallback, code.href)).toContain('AGFzbQ'); // "\0asm" in base64
  } finally {
    await server.close();
    rmSync(root, { recursive: true });
  }
});
