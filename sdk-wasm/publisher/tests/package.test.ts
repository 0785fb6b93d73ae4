// What is published: dist/ as `npm run build` leaves it, used as its users use it.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, any>;

/** What a program prints that is run in this folder, where the package finds itself by its name. */
function run(type: 'module' | 'commonjs', script: string): string {
  return execFileSync(process.execPath, [`--input-type=${type}`, '-e', script], { cwd: folder, encoding: 'utf8' }).trim();
}

const names = { '.': 'JobReporter JobStopped Jobwire JobwireError', './compat': 'EVENTS Gateway broadcastToAll emitJobCompleted emitJobError emitJobProgress emitJobUpdate emitToRoom emitToUser getConnectionStats getJobHistory initializeWebSocket shutdownWebSocket' };

it.each(Object.entries(names))('%s is loaded by import and by require, with the same names', (entry, expected) => {
  const name = `@jobwire/publisher${entry.slice(1)}`;
  const own = "Object.keys(all).filter((each) => !['default', '__esModule', 'module.exports'].includes(each)).sort().join(' ')";
  expect(run('module', `import * as all from '${name}'; console.log(${own})`)).toBe(expected);
  expect(run('commonjs', `const all = require('${name}'); console.log(${own})`)).toBe(expected);
});

it('a program that uses both forms has one publisher', () => {
  const script = `import { createRequire } from 'node:module'; import { Jobwire } from '@jobwire/publisher'; import { initializeWebSocket } from '@jobwire/publisher/compat';
    const require = createRequire(process.cwd() + '/x.js'); const gateway = initializeWebSocket({ key: 'k' });
    console.log(require('@jobwire/publisher').Jobwire === Jobwire, require('@jobwire/publisher/compat').initializeWebSocket() === gateway)`;
  expect(run('module', script)).toBe('true true');
});

it('a program ends by itself once everything is delivered, though the connection is kept', async () => {
  const types: string[] = [];
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const events = JSON.parse(text) as { type: string }[];
      types.push(...events.map(({ type }) => type));
      response.end(JSON.stringify({ verdicts: events.map(() => ({ cancelRequested: false })) }));
    });
  });
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const script = `const { Jobwire } = require('@jobwire/publisher'); void new Jobwire({ url: 'http://127.0.0.1:${port}', key: 'k' }).job('a').run(() => 1);`;
  await promisify(execFile)(process.execPath, ['-e', script], { cwd: folder });
  server.close();
  server.closeAllConnections();
  expect(types).toEqual(['started', 'completed']);
});

it('has the types of both forms', () => {
  const tsc = join(folder, '../node_modules/typescript/bin/tsc');
  expect(() => execFileSync(process.execPath, [tsc, '-p', 'tests/consumer/tsconfig.json'], { cwd: folder, encoding: 'utf8' })).not.toThrow();
});

it('has every file that its manifest names, and needs no other package', () => {
  const entries = Object.values(manifest['exports'] as Record<string, unknown>).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry as object).flatMap((each) => Object.values(each as object))));
  for (const file of [manifest['main'], manifest['types'], ...entries] as string[]) expect(existsSync(join(folder, file)), file).toBe(true);
  expect(entries).toHaveLength(9);
  expect([manifest['dependencies'], manifest['peerDependencies'], manifest['optionalDependencies']]).toEqual([undefined, undefined, undefined]);
});
