// `make run`: starts Jobwire and the demo's back end, prints one URL, stops everything on Ctrl-C. A server that dies is started
// again: what it had acknowledged is on disk, and the page notices nothing but a pause.
//   node web-demo/backend/run.mjs [--port 7070] [--data-dir data]      (or PORT= and DATA_DIR= in the environment)
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { checkPort } from './src/ports.js';
import { createStack } from './src/stack.js';

const { values } = parseArgs({ options: { port: { type: 'string' }, 'data-dir': { type: 'string' } } });
const port = Number(values.port || process.env.PORT || 7070);
const backendPort = Number(process.env.BACKEND_PORT || port + 1);
const dataDir = path.resolve(values['data-dir'] || process.env.DATA_DIR || 'data');
const AGAIN_MS = 1_000;
const TWICE_MS = 500;
const STOP_MS = 12_000;  // Jobwire drains for up to ten seconds

const say = (text) => console.log(text);
let stopping = false;
const running = new Map();

async function keep(name, start) {
  const part = await start();
  running.set(name, part);
  void part.ended.then(async (how) => {
    await sleep(100);  // Ctrl-C ends the parts as well as this program
    while (!stopping) {
      say(`${name} ended (${how}); starting it again`);
      await sleep(AGAIN_MS);
      const again = !stopping && await keep(name, start).catch((error) => { how = error.message; });
      if (again) return say(`${name} is back, process ${again.pid}`);
    }
  });
  return part;
}

async function stop(code) {
  if (stopping) return;
  stopping = true;
  // The back end first, so that what it still has to say is taken.
  for (const name of ['the back end', 'Jobwire']) await end(name);
  process.exit(code);
}

/** Asks it to, and does not wait for ever. */
async function end(name) {
  const part = running.get(name);
  const patience = setTimeout(() => { say(`${name} does not stop: it is killed`); void part?.stop('SIGKILL'); }, STOP_MS);
  await part?.stop();
  clearTimeout(patience);
}

// Asked a second time, at once; what makes one signal two (a shell, npm) is not a second time.
let asked = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    asked ||= Date.now();
    if (!stopping) say('\nstopping');
    else if (Date.now() - asked > TWICE_MS) for (const part of running.values()) void part.stop('SIGKILL');
    void stop(0);
  });
}

try {
  if (!Number.isInteger(port) || port < 1 || port > 65_534) throw new Error(`PORT must be a number from 1 to 65534, not ${values.port ?? process.env.PORT}`);
  await checkPort(port, { instead: `PORT=${port + 10}` });
  await checkPort(backendPort, process.env.BACKEND_PORT
    ? { use: ' (of the back end)', instead: `BACKEND_PORT=${backendPort + 10}` }
    : { use: ' (of the back end: the one above PORT)', instead: `PORT=${port + 10}` });
  const stack = await createStack({
    dataDir, port, backendPort,
    onOutput: (who, line) => { if (who === 'back end' || /"level":"(warn|error)|\b(warning|error)\b/i.test(line)) say(`${who}: ${line}`); },
  });
  const jobwire = await keep('Jobwire', stack.startServer);
  await keep('the back end', stack.startBackend);
  say(`
  Jobwire is at  http://localhost:${port}

  Open it in two windows, hand in a file, and try to break it: kill -9 ${jobwire.pid}
  Its data is in ${dataDir}; Ctrl-C stops everything.
`);
} catch (error) {
  console.error(`make run: ${error.message}`);
  await stop(1);
}
