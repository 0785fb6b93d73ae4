// wscat in a terminal, as a person types into it: the dialects' plain WebSocket framing.
import { stripVTControlCharacters } from 'node:util';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { spawnBound } from '../../../web-demo/backend/src/command.js';
import { atHand, block } from './blocks.js';
import { dev, Server, token } from './server.js';
import { at } from './site.js';
import { until } from './tab.js';

const program = createRequire(import.meta.url).resolve('wscat/bin/wscat');
const terminals = new Set();

/** script(1) gives it the terminal without which it would print no "Connected" and no "<". */
class Terminal {
  constructor(...args) {
    const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
    this.child = spawnBound('script', ['-qefc', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.text = '';
    this.child.stdout.setEncoding('utf8').on('data', (text) => { this.text += text; });
    this.ended = new Promise((resolve) => { this.child.once('exit', resolve); });
    terminals.add(this);
  }
  // What a person sees from the left margin on.
  lines() { return stripVTControlCharacters(this.text).split(/[\r\n]+/); }
  says(line) { return until(() => this.lines(), (lines) => expect(lines).toContainEqual(line)); }
  connected() { return this.says('Connected (press CTRL+C to quit)'); }
  type(line) { this.child.stdin.write(`${line}\n`); }
  messages() { return this.lines().filter((line) => line.startsWith('< ')).map((line) => JSON.parse(line.slice(2))); }
  gets(...messages) { return until(() => this.messages(), (got) => expect(got.slice(-messages.length)).toMatchObject(messages)); }
  interrupt() { this.child.stdin.write('\x03'); return this.ended; }
}

let server;
beforeEach(async () => { server = await Server.start({ args: dev }); });
afterEach(async () => {
  for (const each of terminals) each.child.kill('SIGKILL');
  terminals.clear();
  await server.end();
});

const ws = (path) => `${server.url.replace('http', 'ws')}${path}`;

// A session as a write-up has it: a comment a line, the command, lines that are typed (>) and lines that come (<).
function session(text) {
  const lines = at(text, server.url).split('\n');
  const after = (mark) => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));
  return { args: after('wscat ')[0].split(' '), typed: after('> '), comes: after('< ').map((line) => JSON.parse(line)) };
}

async function followsAFile({ args, typed, comes: [progress] }) {
  const terminal = new Terminal(...args);
  await terminal.connected();
  for (const line of typed) terminal.type(line);
  const jobId = JSON.parse(typed[0]).data.fileId;
  await terminal.gets({ event: 'subscribed', data: { fileId: jobId } });
  await server.publish({ type: 'queued', jobId, job: { type: 'video' } }, { type: 'started', jobId });
  await terminal.gets({ event: 'processing:started', data: { fileId: jobId } });
  await server.publish({ type: 'progress', jobId, progress: progress.data.progress, message: progress.data.message });
  await terminal.gets(progress);
  await server.publish({ type: 'completed', jobId, result: { duration: 12 } });
  await terminal.gets({ event: 'processing:completed', data: { fileId: jobId, result: { duration: 12 } } });
  expect(await terminal.interrupt()).toBe(0);
}

const ours = `
wscat -c ws://localhost:3001/file-processing
> {"event":"subscribe:file","data":{"fileId":"film-7"}}
< {"event":"processing:progress","data":{"fileId":"film-7","progress":35,"status":"processing","message":"Cutting"}}`;

const sessions = [['as we write it', () => ours], ...(atHand ? [['as another system has written it down', () => block('wscat -c', '/file-processing')]] : [])];

describe('wscat', () => {
  test.each(sessions)('a session that follows a file, %s', (_, text) => followsAFile(session(text())));

  test('the acknowledgement of a subscription is that object by itself; then comes how the job stands', async () => {
    const jobId = 'test-123';
    await server.publish({ type: 'progress', jobId, progress: 40, message: 'Reading the pages', job: { type: 'report' } });
    const terminal = new Terminal('-c', ws('/jobs'));
    await terminal.connected();
    terminal.type(JSON.stringify({ event: 'subscribe:jobs', data: { jobId } }));
    await terminal.gets(
      { success: true, room: `job:${jobId}`, message: `Subscribed to job:${jobId}` },
      { event: 'job:update', data: { jobId, status: 'started' } },
      { event: 'job:progress', data: { jobId, status: 'in_progress', progress: 40, message: 'Reading the pages' } },
    );
    await server.publish({ type: 'failed', jobId, error: 'it broke' });
    await terminal.gets({ event: 'job:error', data: { jobId, status: 'failed', error: 'it broke' } });
    terminal.type(JSON.stringify({ event: 'unsubscribe:jobs', data: { jobId } }));
    await terminal.gets({ success: true, room: `job:${jobId}`, message: `Unsubscribed from job:${jobId}` });
    expect(await terminal.interrupt()).toBe(0);
  });

  test('nonsense is answered in words, and the session goes on', async () => {
    const terminal = new Terminal('-c', ws('/jobs'));
    await terminal.connected();
    for (const line of ['hello?', '{"event":7}', '{"event":"subscribe:jobs","data":{"jobId":7}}']) {
      const before = terminal.messages().length;
      terminal.type(line);
      await until(() => terminal.messages(), (got) => expect(got.length).toBe(before + 1));
    }
    expect(terminal.messages().at(-1)).toEqual({ success: false, room: '', message: 'jobId must be a string' });
    terminal.type('{"event":"subscribe:jobs","data":{"jobId":"j1"}}');
    await terminal.gets({ success: true, room: 'job:j1' });
  });

  test('is told when the server is killed; a new session on the next one begins with how the job stands', async () => {
    const jobId = 'film-7';
    const follow = JSON.stringify({ event: 'subscribe:file', data: { fileId: jobId } });
    const first = new Terminal('-c', ws('/file-processing'));
    await first.connected();
    first.type(follow);
    await first.gets({ event: 'subscribed' });
    await server.publish({ type: 'started', jobId });
    await first.gets({ event: 'processing:started' });
    await server.kill();
    await first.says('Disconnected (code: 1006, reason: "")');
    await server.elsewhere(() => server.publish({ type: 'completed', jobId, result: { duration: 12 } }));
    await server.begin();
    const second = new Terminal('-c', ws('/file-processing'));
    await second.connected();
    second.type(follow);
    await second.gets({ event: 'subscribed', data: { fileId: jobId } }, { event: 'processing:completed', data: { result: { duration: 12 } } });
  });

  test('comes with a token in a header, and hears of its own user only', async () => {
    const terminal = new Terminal('-c', ws('/queue'), '-H', `Authorization: Bearer ${token({ sub: 'alice' })}`);
    await terminal.connected();
    await server.publish({ type: 'started', jobId: 'bobs', job: { type: 'report', userId: 'bob' } }, { type: 'started', jobId: 'alices', job: { type: 'report', userId: 'alice' } });
    await terminal.gets({ event: 'queue-update', data: { eventType: 'job-started', jobId: 'alices', userId: 'alice' } });
    expect(terminal.messages().length).toBe(1);
  });
});
