import { execFileSync, spawn } from 'node:child_process';
import { describe, expect, test, vi } from 'vitest';
import { CommandError, run } from '../src/command.js';

// A program of this run only: another run of these tests may be beside it.
const seconds = (n) => `${1_000_000 * n + process.pid}`;
const alive = (n) => { try { return execFileSync('pgrep', ['-f', `sleep ${seconds(n)}$`], { encoding: 'utf8' }).trim() !== ''; } catch { return false; } };
const until = (n, isAlive) => vi.waitFor(() => expect(alive(n)).toBe(isAlive), 25_000);

describe('a program', () => {
  test('hands over its output, whole or line by line', async () => {
    expect(await run('printf', ['a\\nb'])).toBe('a\nb');
    const lines = [];
    await run('printf', ['a\\nb'], { onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['a', 'b']);
  });
  test('that fails says how', async () => {
    const error = await run('bash', ['-c', 'echo first >&2; echo no such page >&2; exit 3']).catch((one) => one);
    expect(error).toBeInstanceOf(CommandError);
    expect(error.message).toBe('bash ended with 3: no such page');
  });
  test('ends when its job is cancelled', async () => {
    const cancel = new AbortController();
    const running = run('sleep', [seconds(1)], { signal: cancel.signal });
    await until(1, true);
    cancel.abort();
    await expect(running).rejects.toThrow();
    await until(1, false);
  });
  test('does not outlive the process that started it', async () => {
    const script = `import { run } from '${new URL('../src/command.js', import.meta.url).pathname}'; await run('sleep', ['${seconds(2)}']);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await until(2, true);
    parent.kill('SIGKILL');
    await until(2, false);
  });
});
