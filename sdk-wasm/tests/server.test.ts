// Against the real server over real sockets.
import { readFileSync } from 'node:fs';

import { connect, type ConnectOptions, type JobwireClient, type WebSocketConstructor } from '@jobwire/client';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';

import { wasmFile } from '../scripts/aliases.mjs';
import { RealServer } from './support/real_server.js';

const server = new RealServer();
const wasm = new WebAssembly.Module(readFileSync(wasmFile));
const clients: JobwireClient[] = [];
let number = 0;

beforeAll(() => server.start());
afterAll(() => server.remove());
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

function as(user: string, options: ConnectOptions = {}): JobwireClient {
  const timing = { backoffBaseMs: 20, backoffCapMs: 200, pollWaitMs: 1000, climbIntervalMs: 100 };
  const token = server.token(user);
  const client = connect({ url: server.url, token, wasm, WebSocket: WebSocket as unknown as WebSocketConstructor, timing, ...options });
  clients.push(client);
  return client;
}

const newId = () => `job-${++number}`;

it('follows a job from its creation to its result', async () => {
  const id = newId();
  const client = as('alice');
  const mine = client.jobs({ ref: id });
  mine.subscribe(() => {});
  const ended: string[] = [];
  client.onEnd((job) => ended.push(job.id));
  const finished = client.job(id).finished();
  await server.create({ id, userId: 'alice', ref: id, metadata: { title: 'Bericht – 報告' } });
  await vi.waitFor(() => expect(mine.getSnapshot().jobs[0]).toMatchObject({ status: 'queued', metadata: { title: 'Bericht – 報告' } }), 5000);
  await server.post(`/jobs/${id}/events`, { type: 'progress', progress: 41.5, stage: 'pages', message: 'page 5' });
  await vi.waitFor(() => expect(mine.getSnapshot().jobs[0]).toMatchObject({ status: 'active', progress: 41.5, stage: 'pages' }), 5000);
  await server.post(`/jobs/${id}/events`, { type: 'completed', result: { pages: [1, 2], text: 'ü' } });
  expect(await finished).toEqual({ pages: [1, 2], text: 'ü' });
  await vi.waitFor(() => expect(ended).toEqual([id]), 5000);
  expect(client.connection.getSnapshot()).toMatchObject({ state: 'online', user: 'alice', role: 'user' });
});

it('asks for a cancel, of which the back end hears; what is not there or not one\'s own cannot be cancelled', async () => {
  const id = newId();
  await server.create({ id, userId: 'alice' });
  await server.post(`/jobs/${id}/events`, { type: 'started' });
  const client = as('alice');
  const job = client.job(id);
  job.subscribe(() => {});
  await vi.waitFor(() => expect(job.getSnapshot().job).toBeDefined(), 5000);
  await job.cancel('wrong file');
  expect(await server.post(`/jobs/${id}/events`, { type: 'progress', progress: 3 })).toMatchObject({ cancelRequested: true });
  await vi.waitFor(() => expect(job.getSnapshot().job).toMatchObject({ isCancelling: true, cancelReason: 'wrong file' }), 5000);
  await server.post(`/jobs/${id}/events`, { type: 'cancelled' });
  await vi.waitFor(() => expect(job.getSnapshot().job).toMatchObject({ status: 'cancelled', isCancelling: false }), 5000);
  await expect(job.cancel()).rejects.toMatchObject({ code: 'conflict' });
  await expect(as('bob').cancel(id)).rejects.toMatchObject({ code: 'not_found' });
});

it('shows nobody another\'s jobs', async () => {
  const id = newId();
  await server.create({ id, userId: 'alice' });
  const client = as('bob');
  const job = client.job(id);
  const list = client.jobs({ user: 'alice' });
  job.subscribe(() => {});
  list.subscribe(() => {});
  await vi.waitFor(() => expect(list.getSnapshot()).toMatchObject({ isPending: false, error: { code: 'forbidden' } }), 5000);
  await server.post(`/jobs/${id}/events`, { type: 'progress', progress: 50 });
  const own = newId();
  const finished = client.job(own).finished();
  await server.create({ id: own, userId: 'bob' });
  await server.post(`/jobs/${own}/events`, { type: 'completed', result: 1 });
  expect(await finished).toBe(1);
  expect(job.getSnapshot()).toMatchObject({ job: undefined, isPending: true });
});

it.each([true, false])('knows that a list begins with the newest of many (WebSocket: %s)', async (websocket) => {
  const user = `many-${websocket}`;
  const events = Array.from({ length: 600 }, (_, at) => ({ type: 'progress', jobId: `${user}-${at}`, progress: 1, job: { userId: user } }));
  await server.post('/events', events.slice(0, 300));
  const client = as(user, { transports: { websocket } });
  const mine = client.jobs();
  mine.subscribe(() => {});
  await vi.waitFor(() => expect(mine.getSnapshot().jobs).toHaveLength(300), 5000);
  expect(mine.getSnapshot().isTruncated).toBe(false);
  client.close();
  await server.post('/events', events.slice(300));
  const later = as(user, { transports: { websocket } }).jobs();
  later.subscribe(() => {});
  await vi.waitFor(() => expect(later.getSnapshot()).toMatchObject({ isPending: false, isTruncated: true }), 5000);
  expect(later.getSnapshot().jobs).toHaveLength(500);
});

it('survives the server\'s sudden death, and misses nothing', async () => {
  const ids = Array.from({ length: 20 }, newId);
  for (const id of ids) await server.create({ id, userId: 'carol' });
  const client = as('carol');
  const mine = client.jobs();
  mine.subscribe(() => {});
  await vi.waitFor(() => expect(mine.getSnapshot().jobs).toHaveLength(ids.length), 5000);
  const ended = new Set<string>();
  client.onEnd((job) => {
    expect(ended.has(job.id)).toBe(false);
    ended.add(job.id);
  });
  for (const id of ids.slice(0, 10)) await server.post(`/jobs/${id}/events`, { type: 'progress', progress: 30 });
  await server.kill();
  await vi.waitFor(() => expect(mine.getSnapshot()).toMatchObject({ isStale: true, isPending: false }), 5000);
  expect(mine.getSnapshot().jobs).toHaveLength(ids.length);
  await server.start();
  for (const id of ids) await server.post(`/jobs/${id}/events`, { type: 'completed', result: id });
  await vi.waitFor(() => expect(mine.getSnapshot().jobs.filter(({ isFinished }) => isFinished)).toHaveLength(ids.length), 10_000);
  expect(mine.getSnapshot().jobs.map(({ result }) => result).sort()).toEqual([...ids].sort());
  await vi.waitFor(() => expect(ended.size).toBe(ids.length), 5000);
});

it('polls where WebSocket is blocked, and climbs back when it is not', async () => {
  let isBlocked = true;
  const Blockable = class extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(isBlocked ? 'ws://127.0.0.1:1/' : url, protocols);
    }
  };
  const id = newId();
  const client = as('dave', { WebSocket: Blockable as unknown as WebSocketConstructor });
  const mine = client.jobs();
  mine.subscribe(() => {});
  await vi.waitFor(() => expect(client.connection.getSnapshot()).toMatchObject({ state: 'polling', user: 'dave' }), 5000);
  await server.create({ id, userId: 'dave' });
  await server.post(`/jobs/${id}/events`, { type: 'progress', progress: 10 });
  await vi.waitFor(() => expect(mine.getSnapshot().jobs).toMatchObject([{ id, progress: 10 }]), 5000);
  isBlocked = false;
  await vi.waitFor(() => expect(client.connection.getSnapshot().state).toBe('online'), 10_000);
  await server.post(`/jobs/${id}/events`, { type: 'progress', progress: 20 });
  await vi.waitFor(() => expect(mine.getSnapshot().jobs).toMatchObject([{ id, progress: 20 }]), 5000);
});

it('shows one inbox on all devices, and after the server\'s sudden death', async () => {
  const laptop = as('frank');
  const phone = as('frank', { transports: { websocket: false } });
  const heard: unknown[] = [];
  phone.onMessage('hello', (data) => heard.push(data));
  for (const { notifications } of [laptop, phone]) {
    notifications.subscribe(() => {});
    await vi.waitFor(() => expect(notifications.getSnapshot().isPending).toBe(false), 5000);
  }
  const id = newId();
  await server.create({ id, userId: 'frank', type: 'video-analysis' });
  await server.post(`/jobs/${id}/events`, { type: 'completed' });
  await server.post('/users/frank/notifications', { id: 'welcome', title: 'Welcome', data: { n: 1 } });
  await server.post('/users/frank/messages', { name: 'hello', data: [1] });
  for (const { notifications } of [laptop, phone]) {
    await vi.waitFor(() => expect(notifications.getSnapshot()).toMatchObject({
      unread: 2,
      notifications: [
        { id: 'welcome', title: 'Welcome', data: { n: 1 }, read: false },
        { type: 'success', title: 'Analysis Complete!', jobId: id, action: { label: 'View Results', url: `/jobs/${id}` } },
      ],
    }), 5000);
  }
  await vi.waitFor(() => expect(heard).toEqual([[1]]), 5000);
  await phone.notifications.read('welcome');
  await vi.waitFor(() => expect(laptop.notifications.getSnapshot()).toMatchObject({ unread: 1, notifications: [{ read: true }, { read: false }] }), 5000);
  await server.kill();
  await server.start();
  await vi.waitFor(() => expect(laptop.connection.getSnapshot().isLive).toBe(true), 10_000);
  await laptop.notifications.readAll();
  for (const { notifications } of [laptop, phone]) await vi.waitFor(() => expect(notifications.getSnapshot().unread).toBe(0), 10_000);
  expect(as('gina').notifications.getSnapshot().notifications).toEqual([]);
});

it('renews a token in place before it is missed', async () => {
  const reasons: string[] = [];
  const tokens = [server.token('erin', '--expires', '1s'), server.token('erin', '--expires', '1h')];
  const client = as('erin', { token: undefined, getToken: (reason) => (reasons.push(reason), tokens.shift() ?? server.token('erin')) });
  const job = client.job(newId());
  job.subscribe(() => {});
  await vi.waitFor(() => expect(client.connection.getSnapshot().state).toBe('online'), 5000);
  await vi.waitFor(() => expect(reasons.length).toBeGreaterThan(1), 10_000);
  await server.create({ id: job.id, userId: 'erin' });
  await vi.waitFor(() => expect(job.getSnapshot().job).toBeDefined(), 10_000);
});
