import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createJournal, sweep } from '../src/journal.js';
import { createLanes } from '../src/lanes.js';
import { createPublisher } from '../src/publisher.js';
import { createWorker } from '../src/worker.js';
import { folder } from './samples.js';

let place;
let journal;
let told;
let cancelFor;
let answering;
let made;
beforeEach(async () => {
  place = await folder();
  journal = createJournal(place.dir);
  told = [];
  cancelFor = () => false;
  answering = true;
  made = [];
});
afterEach(() => place.drop());

function start() {
  const fetch = async (url, init) => {
    if (!answering) throw new TypeError('fetch failed');
    const events = JSON.parse(init.body);
    told.push(...events);
    return Response.json({ verdicts: events.map((event) => ({ status: 'appended', cancelRequested: cancelFor(event) })) });
  };
  const publisher = createPublisher({ url: 'http://j', apiKey: 'k', fetch, warn: () => {} });
  return createWorker({ publisher, journal, lanes: createLanes({ normal: 1 }), jobwire: { createJob: async (one) => { made.push(one); } }, log: () => {} });
}
async function job(id, { text = 'The wire hums. The wire sings.', state = 'waiting', ...more } = {}) {
  const noted = { id, kind: 'text', name: 'a.txt', size: text.length, queue: 'normal', user: 'alice', state, createdAt: 1, ...more };
  await journal.open(id);
  await writeFile(journal.upload(id), text);
  await journal.save(noted);
  return noted;
}
const states = async () => Object.fromEntries((await journal.all()).map((one) => [one.id, one.state]));
const types = (id) => told.filter((event) => event.jobId === id).map((event) => event.type);
const untilTold = (...ids) => vi.waitFor(async () => { const now = await states(); for (const id of ids) expect(now[id]).toBe('told'); }, 5_000);

describe('a job', () => {
  test('begins once, ends once, and its upload is not kept', async () => {
    start().take(await job('a'));
    await untilTold('a');
    expect([types('a').at(0), types('a').at(-1)]).toEqual(['started', 'completed']);
    expect(types('a').filter((type) => type !== 'progress')).toHaveLength(2);
    expect(told.at(-1).result).toMatchObject({ kind: 'text', sentences: 2 });
    expect(existsSync(journal.upload('a'))).toBe(false);
  });
  test('that cannot be done fails with its reason', async () => {
    start().take(await job('a', { text: '...' }));
    await untilTold('a');
    expect(told.at(-1)).toMatchObject({ type: 'failed', error: { code: 'E_EMPTY', message: 'There is not one word in this text' } });
  });
  test('stops when a verdict says that a cancel was asked for, and says so', async () => {
    cancelFor = (event) => event.type === 'started';
    start().take(await job('a'));
    await untilTold('a');
    expect(types('a').slice(-2)).toEqual(['log', 'cancelled']);
    expect(told.at(-2).stage).toBe('stopping');
    expect(types('a')).not.toContain('completed');
  });
  test('that waits is cancelled without ever beginning', async () => {
    const worker = start();
    const [first, second] = [await job('a'), await job('b')];
    worker.take(first);
    worker.take(second);
    await worker.cancelWaiting(second);
    await untilTold('a', 'b');
    expect(types('b')).toEqual(['cancelled']);
  });
});

describe('a restart of the back end', () => {
  test('fails what was running, takes up what waited, and tells the ends that were not heard', async () => {
    await job('running', { state: 'running' });
    await job('waiting');
    await job('ended', { state: 'ended', end: { type: 'completed', eventId: 'ended:end', result: 1 } });
    await start().resume();
    await untilTold('running', 'waiting', 'ended');
    expect(told.find((event) => event.jobId === 'running')).toMatchObject({ type: 'failed', error: { code: 'E_WORKER_RESTARTED' } });
    expect(types('waiting').at(-1)).toBe('completed');
    expect(types('ended')).toEqual(['completed']);
    // Jobwire may not have heard of what waited: the process may have died between its own note and the call.
    expect(made).toEqual([expect.objectContaining({ id: 'waiting', type: 'text', userId: 'alice', queue: 'normal' })]);
  });
  test('while Jobwire is away loses no end', async () => {
    answering = false;
    start().take(await job('a'));
    await vi.waitFor(async () => expect((await states()).a).toBe('ended'), 5_000);
    answering = true;
    await start().resume();
    await untilTold('a');
    expect(told.filter((event) => event.type === 'completed').map((event) => event.eventId)).toContain('a:end');
    expect(new Set(told.filter((event) => event.type === 'completed').map((event) => event.eventId)).size).toBe(1);
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
