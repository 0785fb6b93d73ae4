import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Jobwire } from '@jobwire/publisher';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createJournal, sweep } from '../src/journal.js';
import { createLanes } from '../src/lanes.js';
import { createWorker } from '../src/worker.js';
import { fakeJobwire } from './fake_jobwire.js';
import { folder } from './samples.js';

let place;
let journal;
let server;
let publishers;
beforeEach(async () => {
  place = await folder();
  journal = createJournal(place.dir);
  server = await fakeJobwire();
  publishers = [];
});
afterEach(async () => {
  await Promise.all(publishers.map((jobwire) => jobwire.close({ timeoutMs: 0 })));
  await server.close();
  await place.drop();
});

/** The answers are waited for, however busy this machine is, but where Jobwire is away. */
function start({ patienceMs = 60_000 } = {}) {
  const jobwire = new Jobwire({ url: server.url, key: 'k', backoff: { firstMs: 5, mostMs: 20 }, log: () => {} });
  publishers.push(jobwire);
  return createWorker({ jobwire, journal, lanes: createLanes({ normal: 1 }), patienceMs, log: () => {} });
}
async function job(id, { text = 'The wire hums. The wire sings.', state = 'waiting', ...more } = {}) {
  const noted = { id, kind: 'text', name: 'a.txt', size: text.length, queue: 'normal', user: 'alice', state, createdAt: 1, ...more };
  await journal.open(id);
  await writeFile(journal.upload(id), text);
  await journal.save(noted);
  return noted;
}
const states = async () => Object.fromEntries((await journal.all()).map((one) => [one.id, one.state]));
const told = (id) => server.events.filter((event) => event.jobId === id);
const types = (id) => told(id).map((event) => event.type);
const untilTold = (...ids) => vi.waitFor(async () => { const now = await states(); for (const id of ids) expect(now[id]).toBe('told'); }, 25_000);

describe('a job', () => {
  test('is made, begins once, ends once, and its upload is not kept', async () => {
    await start().take(await job('a'));
    await untilTold('a');
    expect([types('a').slice(0, 2), types('a').at(-1)]).toEqual([['queued', 'started'], 'completed']);
    expect(types('a').filter((type) => type !== 'progress')).toHaveLength(3);
    expect(told('a').at(0)).toMatchObject({ job: { type: 'text', userId: 'alice', queue: 'normal' }, metadata: { name: 'a.txt' } });
    expect(told('a').at(-1)).toMatchObject({ result: { kind: 'text', sentences: 2 }, message: '6 words in 2 sentences' });
    expect(existsSync(journal.upload('a'))).toBe(false);
  });
  test('that cannot be done fails with its reason', async () => {
    await start().take(await job('a', { text: '...' }));
    await untilTold('a');
    expect(told('a').at(-1)).toMatchObject({ type: 'failed', error: { code: 'E_EMPTY', message: 'There is not one word in this text' } });
  });
  test('that Jobwire does not want is not worked on', async () => {
    server.verdictFor = () => ({ status: 'rejected', error: { code: 'gone', message: 'it was removed' } });
    await expect(start().take(await job('a'))).rejects.toThrow('it was removed');
    expect(await states()).toEqual({ a: 'waiting' });
    expect(types('a')).toEqual(['queued']);
  });
  test('stops when a reply says that a cancel was asked for, and says so', async () => {
    server.cancelFor = (event) => event.type === 'started';
    await start().take(await job('a'));
    await untilTold('a');
    expect(types('a').slice(-2)).toEqual(['log', 'cancelled']);
    expect(told('a').at(-2).stage).toBe('stopping');
    expect(types('a')).not.toContain('completed');
  });
  test('that has ended elsewhere is not worked on any longer, and nothing more is said of it', async () => {
    server.verdictFor = (event) => (event.type === 'started' ? { status: 'rejected', error: { code: 'conflict', message: 'it has ended' } } : undefined);
    await start().take(await job('a'));
    await untilTold('a');
    expect(types('a')).toEqual(['queued', 'started']);
  });
  test('that waits is cancelled without ever beginning', async () => {
    const worker = start();
    await worker.take(await job('a'));
    await worker.take(await job('b'));
    expect(worker.waiting).toBe(1);
    await worker.cancelWaiting('b');
    await worker.cancelWaiting('unknown');
    await untilTold('a', 'b');
    expect(types('b')).toEqual(['queued', 'cancelled']);
  });
});

describe('a restart of the back end', () => {
  test('fails what was running, takes up what waited, and tells the ends that were not heard', async () => {
    await job('running', { state: 'running' });
    await job('waiting');
    await job('ended', { state: 'ended', end: { type: 'completed', result: 1 } });
    await start().resume();
    await untilTold('running', 'waiting', 'ended');
    // Jobwire may not have heard of any of them: the process may have died between its own note and the telling.
    for (const id of ['running', 'waiting', 'ended']) expect(told(id)[0]).toMatchObject({ type: 'queued', job: { userId: 'alice' } });
    expect(told('running').slice(1)).toEqual([expect.objectContaining({ type: 'failed', error: { code: 'E_WORKER_RESTARTED', message: expect.any(String) } })]);
    expect(types('waiting').at(-1)).toBe('completed');
    expect(types('ended')).toEqual(['queued', 'completed']);
  });
  test('forgets what waited where Jobwire does not want it any more', async () => {
    await job('waiting');
    server.verdictFor = () => ({ status: 'rejected', error: { code: 'gone', message: 'it was removed' } });
    await start().resume();
    await vi.waitFor(async () => expect(await states()).toEqual({}), 25_000);
  });
  test('while Jobwire is away holds up no work and loses no end', async () => {
    server.isAway = true;
    await start({ patienceMs: 50 }).take(await job('a'));
    await vi.waitFor(async () => expect((await states()).a).toBe('ended'), 25_000);
    await publishers[0].close({ timeoutMs: 0 });
    server.isAway = false;
    await start().resume();
    await untilTold('a');
    expect(told('a').map((event) => [event.type, event.eventId])).toEqual([['queued', 'created'], ['completed', 'a:end']]);
  });
});

describe('the sweep', () => {
  test('removes what is old, then the oldest of what is too much, and nothing that is in hand', async () => {
    await job('old', { state: 'told', endedAt: 1_000, createdAt: 1 });
    await job('new', { state: 'told', endedAt: 9_000, createdAt: 2, text: 'x'.repeat(4_000) });
    await job('newer', { state: 'told', endedAt: 9_500, createdAt: 3, text: 'x'.repeat(4_000) });
    await job('busy', { state: 'running', createdAt: 0 });
    expect(await sweep(journal, { keepMs: 5_000, keepBytes: 1e6, now: 10_000 })).toEqual(['old']);
    expect(await sweep(journal, { keepMs: 5_000, keepBytes: 6_000, now: 10_000 })).toEqual(['new']);
    expect(Object.keys(await states()).sort()).toEqual(['busy', 'newer']);
  });
});
