// Processes of the build, on free ports, and what is asked of them over bare sockets.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';

const root = fileURLToPath(new URL('../../', import.meta.url));

// Starts a program that prints "listening on URL"; stop() ends it.
export async function start(program, args, env = {}) {
  const child = spawn(`${root}build/${program}`, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (text) => { errors = (errors + text).slice(-4000); });
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^listening on (\S+)/.exec(line);
      if (found) resolve(found[1]);
    });
    ended.then(([code]) => reject(new Error(`${program} ended with ${code}: ${errors}`)));
  });
  const end = (signal) => () => { child.kill(signal); return ended; };
  return { url, stop: end('SIGTERM'), kill: end('SIGKILL') };
}

// A WebSocket whose messages are awaited in order: none is missed between two awaits.
export class Wire {
  constructor(url, options = {}) {
    this.socket = new WebSocket(url, options);
    this.queue = [];
    this.waiting = [];
    this.socket.binaryType = 'arraybuffer';
    this.socket.on('message', (data, binary) => this.#arrived(binary ? new Uint8Array(data) : data.toString()));
    this.closed = new Promise((resolve) => this.socket.on('close', (code) => resolve(code)));
    this.refused = new Promise((resolve) => this.socket.on('unexpected-response', (_, response) => resolve(response.statusCode)));
    this.socket.on('error', () => {});
    this.opened = new Promise((resolve) => this.socket.on('open', resolve));
  }

  #arrived(message) {
    const next = this.waiting.shift();
    next ? next(message) : this.queue.push(message);
  }

  send(message) { this.socket.send(message); }
  next() { return this.queue.length > 0 ? Promise.resolve(this.queue.shift()) : new Promise((resolve) => this.waiting.push(resolve)); }
  // The next that is no heartbeat; heartbeats are answered, as a client does.
  async said() {
    for (;;) {
      const message = await this.next();
      if (message !== '2') return message;
      this.send('3');
    }
  }
  close() { this.socket.close(); return this.closed; }
}
