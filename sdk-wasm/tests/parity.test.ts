// One core on two targets: what the golden vectors become natively and in WebAssembly is the same, byte for byte.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { sdk, wasmBuild } from '../scripts/aliases.mjs';

const root = join(sdk, '..');

function linesOf(name: string): string[] {
  return readFileSync(join(root, `tests/vectors/${name}.ndjson`), 'utf8').split('\n').filter(Boolean);
}

function outputs(program: string[], input: string): Buffer {
  return execFileSync(program[0]!, program.slice(1), { input, maxBuffer: 1 << 28 });
}

describe.each(['messages', 'commands', 'reducer', 'bad'])('%s.ndjson', (name) => {
  const lines = linesOf(name);
  const input = lines.map((line) => `${name} ${line}\n`).join('');

  it('is the same natively and in WebAssembly', () => {
    const native = outputs([join(root, 'build/tests/parity')], input);
    const wasm = outputs([process.execPath, join(wasmBuild, 'parity.cjs')], input);
    expect(native.toString().split('\n')).toHaveLength(lines.length + 1);
    expect(wasm.equals(native), `native:\n${native}\nWebAssembly:\n${wasm}`).toBe(true);
    expect(native.includes('unknown')).toBe(lines.join().includes('unknown'));
  });
});

it('the reducer comes to the job that the vectors name', () => {
  const lines = linesOf('reducer');
  const wasm = outputs([process.execPath, join(wasmBuild, 'parity.cjs')], lines.map((line) => `reducer ${line}\n`).join(''));
  const folded = wasm.toString().trimEnd().split('\n');
  lines.forEach((line, at) => expect(JSON.parse(folded[at]!)).toEqual(JSON.parse(line).at(-1)));
});
