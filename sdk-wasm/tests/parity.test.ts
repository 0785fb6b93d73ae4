// One core on two targets: what the golden vectors become natively and in WebAssembly is the same, byte for byte.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { sdk, wasmBuild } from '../scripts/aliases.mjs';

const root = join(sdk, '..');

function linesOf(name: string): string[] {
  return readFileSync(join(root, `tests/vectors/${name}.ndjson`), 'utf8').split('\n').filter(Boolean);
}

const native = [join(root, 'build/tests/parity')];
const wasm = [process.execPath, join(wasmBuild, 'parity.cjs')];

function outputs([program, ...options]: string[], name: string, lines: string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'jobwire-parity-'));
  const file = join(folder, 'vectors');
  writeFileSync(file, lines.map((line) => `${name} ${line}\n`).join(''));
  try {
    return execFileSync(program!, [...options, file], { maxBuffer: 1 << 28 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(['messages', 'commands', 'reducer', 'bad'])('%s.ndjson', (name) => {
  const lines = linesOf(name);

  it('is the same natively and in WebAssembly', () => {
    const expected = outputs(native, name, lines);
    const actual = outputs(wasm, name, lines);
    expect(expected.toString().split('\n')).toHaveLength(lines.length + 1);
    expect(expected.toString()).not.toMatch(/^unknown/m);
    expect(actual.toString()).toBe(expected.toString());
    expect(actual.equals(expected)).toBe(true);
  });
});

it('the reducer comes to the job that the vectors name', () => {
  const lines = linesOf('reducer');
  const folded = outputs(wasm, 'reducer', lines).toString().trimEnd().split('\n');
  lines.forEach((line, at) => expect(JSON.parse(folded[at]!)).toEqual(JSON.parse(line).at(-1)));
});
