// The server itself, as a process of its own on a free port.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { sdk } from '../../scripts/aliases.mjs';

const binary = join(sdk, '../build/jobwire-server');
/** What tokens are verified with. */
export const secret = 'a secret of the tests, long enough to be one';
const env = { PATH: process.env['PATH'], JOBWIRE_SECRET: secret };

export class RealServer {
  url = '';
  #port = 0;
  #process: ChildProcess | undefined;
  #folder = mkdtempSync(join(tmpdir(), 'jobwire-sdk-'));

  /** The same port and store each time. */
  async start(): Promise<void> {
    if (!existsSync(binary)) throw new Error(`${binary} is not built: cmake --build --preset native --target jobwire-server`);
    const child = spawn(binary, ['--port', String(this.#port), '--data-dir', this.#folder], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    child.stderr.resume();
    for await (const line of createInterface({ input: child.stdout })) {
      const [, url, port] = /^listening on (http:\/\/\S+:(\d+))/.exec(line) ?? [];
      if (!url) continue;
      this.url = url;
      this.#port = Number(port);
      child.stdout.resume();
      return;
    }
    throw new Error('the server ended before it listened');
  }

  /** As a power cut would: nothing is said, nothing is flushed. */
  kill(): Promise<void> {
    return new Promise((ended) => {
      this.#process!.once('exit', () => ended());
      this.#process!.kill('SIGKILL');
    });
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }

  token(user: string, ...options: string[]): string {
    return execFileSync(binary, ['token', '--user', user, ...options], { env, encoding: 'utf8' }).trim();
  }

  create(job: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.post('/jobs', { type: 'pdf', ...job });
  }

  async post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#service}` },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }

  #service = this.token('backend', '--role', 'service');
}
