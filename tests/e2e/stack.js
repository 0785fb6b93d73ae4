// A whole demo for one test file: its own ports, its own data under build/e2e, removed at the end.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../web-demo/backend/src/ports.js';
import { createStack } from '../../web-demo/backend/src/stack.js';

export const build = fileURLToPath(new URL('../../build', import.meta.url));

export async function startStack(options = {}) {
  await mkdir(path.join(build, 'e2e'), { recursive: true });
  const dataDir = await mkdtemp(path.join(build, 'e2e/run-'));
  const output = [];
  const [port, backendPort] = [await freePort(), await freePort()];
  const stack = await createStack({ dataDir, port, backendPort, onOutput: (who, line) => output.push(`${who}: ${line}`), ...options });
  const parts = { jobwire: await stack.startServer(), backend: undefined };
  parts.backend = await stack.startBackend();
  return {
    ...stack,
    output,
    killServer: () => parts.jobwire.stop('SIGKILL'),
    restartServer: async () => { parts.jobwire = await stack.startServer(); },
    killBackend: () => parts.backend.stop('SIGKILL'),
    restartBackend: async () => { parts.backend = await stack.startBackend(); },
    /** What the server itself says. */
    async ask(route, persona = 'alice') {
      const session = await fetch(`${stack.backendUrl}/session`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ persona }),
      }).then((answer) => answer.json());
      return fetch(`${stack.url}/api/v1${route}`, { headers: { authorization: `Bearer ${session.token}` } }).then((answer) => answer.json());
    },
    async stop() {
      await parts.backend.stop();
      const how = await parts.jobwire.stop();
      await rm(dataDir, { recursive: true, force: true });
      return how;
    },
  };
}
