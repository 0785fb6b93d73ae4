// Starts the servers that are measured, each fresh for each scenario, on a free port of loopback.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const programs = join(root, 'build/release/tests/bench');
const jobwireServer = join(root, 'build/release/jobwire-server');
const secret = 'bench-secret-of-at-least-32-bytes!';

// The first line of output that `pattern` matches; its first group is the port.
function portFrom(child, pattern) {
  return new Promise((done, fail) => {
    let text = '';
    const read = (bytes) => {
      text += bytes;
      const found = pattern.exec(text);
      if (found) done(Number(found[1]));
    };
    child.stdout.on('data', read);
    child.stderr?.on('data', read);
    child.on('error', fail);
    child.on('exit', (code) => fail(new Error(`${child.spawnfile} ended with ${code}: ${text}`)));
  });
}

// Ends the server, and tells where it had ended by itself.
function stopper(child, cleanUp = () => {}) {
  const ended = new Promise((done) => child.once('exit', (code, signal) => done(signal ?? code)));
  return async () => {
    const alive = child.exitCode === null && child.signalCode === null;
    if (alive) child.kill('SIGKILL');
    const how = await ended;
    cleanUp();
    if (!alive) throw new Error(`${child.spawnfile} ended by itself: ${how}`);
  };
}

async function startPlain(command, args, wire, countsWrites = false) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await portFrom(child, /^(\d+)\n/);
  return { pid: child.pid, port, stop: stopper(child), clientArguments: [`wire=${wire}`, ...(countsWrites ? [`metrics=${port}`] : [])] };
}

function token(...args) {
  return execFileSync(jobwireServer, ['token', ...args], { env: { ...process.env, JOBWIRE_SECRET: secret }, encoding: 'utf8' }).trim();
}

async function startJobwire(store, wire = 'jobwire') {
  const folder = mkdtempSync(join(root, 'build/bench/data-'));
  const child = spawn(jobwireServer, ['serve', '--port', '0', '--store', store, '--data-dir', folder, '--public-metrics'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, JOBWIRE_SECRET: secret } });
  const port = await portFrom(child, /127\.0\.0\.1:(\d+)/);
  return {
    pid: child.pid, port, stop: stopper(child, () => rmSync(folder, { recursive: true, force: true })),
    clientArguments: [`metrics=${port}`, `wire=${wire}`, 'channel=user:bench', `token=${token('--user', 'bench')}`, `service=${token('--user', 'bench-service', '--role', 'service')}`],
  };
}

export const servers = {
  floor: () => startPlain(join(programs, 'bench_floor'), [], 'raw', true),
  jobwire: () => startJobwire('memory'),
  'jobwire (SQLite)': () => startJobwire('sqlite'),
  'jobwire (Socket.IO)': () => startJobwire('memory', 'dialect'),
  ws: () => startPlain(process.execPath, [join(root, 'tests/bench/peers/ws.mjs')], 'raw'),
  'socket.io': () => startPlain(process.execPath, [join(root, 'tests/bench/peers/socketio.mjs')], 'socket.io'),
};
