// A Jobwire server under a page: on one port for as long as the test lasts, however often it is killed.
import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../web-demo/backend/src/ports.js';
import { start } from '../fixture.js';

const runs = fileURLToPath(new URL('../../../build/interop', import.meta.url));
const secret = 'a secret that only this test and its server know';
const apiKey = 'the-key-of-the-back-end';

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as any back end signs it; `expiresIn` in seconds. */
export function token(claims, { expiresIn = 600, key = secret } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ iat: now, exp: now + expiresIn, ...claims })}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** The access of a back end that speaks of no user: for development. */
export const dev = ['--dev'];

export class Server {
  /** On a durable store. @param {{args?: string[], env?: Record<string, string>}} options */
  static async start({ args = [], env = {} } = {}) {
    await mkdir(runs, { recursive: true });
    const server = new Server();
    server.dataDir = await mkdtemp(`${runs}/run-`);
    server.env = { JOBWIRE_API_KEY: `back-end:${apiKey}`, ...(env.ACCESS_TOKEN_SECRET ? {} : { JOBWIRE_SECRET: secret }), ...env };
    server.args = ['--data-dir', server.dataDir, '--log-level', 'warn', ...args];
    server.port = await freePort();
    await server.begin();
    return server;
  }

  async begin(port = this.port) {
    this.process = await start('jobwire-server', ['--port', String(port), ...this.args], this.env);
    this.url ??= this.process.url;
  }

  kill() { return this.process.kill(); }
  /** As an operator does: it says goodbye to those who are there. */
  stop() { return this.process.stop(); }

  async end() {
    await this.kill();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** What is published here, no page can hear: the server is away from its port for as long. */
  async elsewhere(publish) {
    await this.begin(await freePort());
    await publish();
    await this.kill();
  }

  async ask(path, { method = 'GET', body } = {}) {
    const response = await fetch(this.process.url + path, {
      method, headers: { authorization: `Bearer ${apiKey}`, ...(body ? { 'content-type': 'application/json' } : {}) }, body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  async publish(...events) {
    const { verdicts } = await this.ask('/api/v1/events', { method: 'POST', body: events });
    const refused = verdicts.filter((verdict) => verdict.status !== 'appended');
    if (refused.length > 0) throw new Error(`refused: ${JSON.stringify(refused)}`);
  }
}

/** A server for as long as `use` takes. */
export async function withServer(options, use) {
  const server = await Server.start(options);
  try {
    await use(server);
  } finally {
    await server.end();
  }
}

export { secret };
