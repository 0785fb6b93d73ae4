import { execFileSync, spawn } from 'node:child_process';
import { describe, expect, test, vi } from 'vitest';
import { CommandError, run } from '../src/command.js';

const alive = (mark) => { try { return execFileSync('pgrep', ['-f', mark], { encoding: 'utf8' }).trim() !== ''; } catch { return false; } };

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
    const running = run('sleep', ['1234.5'], { signal: cancel.signal });
    await vi.waitFor(() => expect(alive('sleep 1234.5$')).toBe(true));
    cancel.abort();
    await expect(running).rejects.toThrow();
    await vi.waitFor(() => expect(alive('sleep 1234.5$')).toBe(false));
  });
  test('does not outlive the process that started it', async () => {
    const script = `import { run } from '${new URL('../src/command.js', import.meta.url).pathname}'; await run('sleep', ['1234.7']);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await vi.waitFor(() => expect(alive('sleep 1234.7$')).toBe(true), 5_000);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(alive('sleep 1234.7$')).toBe(false), 5_000);
  });
});
