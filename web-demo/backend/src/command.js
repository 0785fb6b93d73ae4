// Runs a program, line by line, and ends it when its job is cancelled.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

// A program must not outlive this process, however it ends (prctl(2), PR_SET_PDEATHSIG; util-linux, so on every Debian).
const SETPRIV = '/usr/bin/setpriv';
const prefix = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL'] : [];

/** `spawn`, for a child that ends with this process. */
export function spawnBound(program, args, options) {
  const [command, ...rest] = [...prefix, program, ...args];
  return spawn(command, rest, options);
}

export class CommandError extends Error {
  constructor(program, code, stderr) {
    super(`${program} ended with ${code}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    this.program = program;
    this.stderr = stderr;
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {{signal?: AbortSignal, onLine?: (line: string) => void, binary?: boolean}} [options]
 *   With `onLine` each line of stdout is handed over as it comes and none is kept.
 * @returns {Promise<string | Buffer>} stdout
 */
export async function run(program, args, { signal, onLine, binary = false } = {}) {
  signal?.throwIfAborted();
  const child = spawnBound(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { stderr = (stderr + text).slice(-4000); });
  const chunks = [];
  if (onLine) createInterface({ input: child.stdout }).on('line', onLine);
  else child.stdout.on('data', (chunk) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit, killed) => resolve(exit ?? killed));
  });
  if (code !== 0) throw new CommandError(program, code, stderr);
  return binary ? Buffer.concat(chunks) : Buffer.concat(chunks).toString('utf8');
}
