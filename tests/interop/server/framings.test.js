// Every dialect in both framings: a plain WebSocket and Socket.IO's transports are told the same, field by field, through a
// job's whole life, and so is who joins late.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Wire } from '../fixture.js';
import { Server, token } from '../pages/server.js';
import { Page } from './page.js';

const alice = token({ sub: 'alice' });
let server;
beforeAll(async () => { server = await Server.start(); });
afterAll(() => server.end());

// What a connection is told, with `ask` before: each told() is [event, data], in order.
class PlainEnd {
  static async open(path, ask) {
    const end = new PlainEnd();
    end.told = [];
    end.wire = new Wire(`${server.url.replace('http', 'ws')}${path}`, { headers: { authorization: `Bearer ${alice}` } });
    end.wire.socket.on('message', (text) => end.told.push(JSON.parse(text)));
    await end.wire.opened;
    if (ask) end.wire.send(JSON.stringify({ event: ask[0], data: ask[1] }));
    return end;
  }
  events() { return this.told.filter(({ event }) => event).map(({ event, data }) => [event, data]); }
  answers() { return this.told.filter(({ event }) => !event); }
  close() { return this.wire.close(); }
}

class SocketEnd {
  static async open(path, ask, transports) {
    const end = new SocketEnd();
    end.page = new Page(server.url + path, { auth: { token: alice }, transports });
    await end.page.next('connect');
    end.acknowledged = ask ? [await end.page.socket.emitWithAck(...ask)] : [];
    return end;
  }
  events() { return this.page.heard.map(({ event, data }) => [event, data]); }
  answers() { return this.acknowledged; }
  close() { this.page.close(); }
}

const openAll = (path, ask) => Promise.all([
  PlainEnd.open(path, ask), SocketEnd.open(path, ask, ['websocket']), SocketEnd.open(path, ask, ['polling']), SocketEnd.open(path, ask, ['polling', 'websocket']),
]);

const life = [
  { type: 'queued', job: { type: 'report', userId: 'alice' } }, { type: 'started', workerId: 'w1' }, { type: 'progress', progress: 40, stage: 'pages', message: 'page 10 of 24' },
  { type: 'log', message: 'half way' }, { type: 'updated', status: 'warming up', data: { mode: 'fast' } }, { type: 'stalled' }, { type: 'resumed' },
  { type: 'failed', error: { message: 'it broke', code: 'E_BROKEN' } }, { type: 'retried' }, { type: 'started' }, { type: 'progress', progress: 10 },
  { type: 'completed', result: { pages: 24 } },
];

const dialects = {
  queue: {
    path: '/queue', ask: () => undefined, what: ([, { eventType }]) => eventType,
    life: ['job-queued', 'job-started', 'job-progress', 'job-failed', 'job-queued', 'job-started', 'job-progress', 'job-completed'],
    underWay: ['job-progress'], cancelled: 'job-cancelled', over: [],
  },
  jobs: {
    path: '/jobs', ask: (id) => ['subscribe:jobs', { jobId: id }], answer: (id) => ({ success: true, room: `job:${id}`, message: `Subscribed to job:${id}` }),
    what: ([event, { status }]) => (event === 'job:update' ? `${event} ${status}` : event),
    life: ['job:update queued', 'job:update started', 'job:progress', 'job:update warming up', 'job:error', 'job:update queued', 'job:update started', 'job:progress', 'job:completed'],
    underWay: ['job:update warming up', 'job:progress'], cancelled: 'job:error', over: ['job:completed'],
  },
  'analysis and pdf': {
    path: '/', ask: () => undefined, what: ([event]) => event, passed: ['queue-status'],
    life: ['job-queued', 'analysis:started', 'job-started', 'job-progress', 'analysis:failed', 'job-failed', 'job-queued', 'analysis:started', 'job-started', 'job-progress', 'analysis:completed', 'job-completed'],
    underWay: ['analysis:started', 'job-progress'], cancelled: 'job-failed', over: [],
  },
  'file-processing': {
    path: '/file-processing', ask: (id) => ['subscribe:file', { fileId: id }], answer: (id) => ({ success: true, fileId: id }),
    what: ([event]) => event, passed: ['subscribed'],
    life: ['processing:started', 'processing:progress', 'processing:failed', 'processing:started', 'processing:progress', 'processing:completed'],
    underWay: ['processing:started', 'processing:progress'], cancelled: 'processing:failed', over: ['processing:completed'],
  },
};

let made = 0;
describe.each(Object.entries(dialects))('%s', (_, { path, ask, answer, what, passed = [], life: told, underWay, cancelled, over }) => {
  const id = `life-${++made}`;
  const publish = (event, jobId = id) => server.publish({ jobId, ...event });
  // Of this job, without what is told again as its place in the queue becomes known.
  const of = (end, jobId) => end.events().filter(([event, data]) => !passed.includes(event) && (data?.jobId ?? data?.fileId) === jobId);
  const names = (end, jobId = id) => of(end, jobId).map(what).filter((name, at, all) => name !== all[at - 1]);
  const reach = (ends, names_, jobId) => expect.poll(() => ends.map((end) => names(end, jobId)), { timeout: 10_000 }).toEqual(ends.map(() => names_));
  const closeAll = (ends) => Promise.all(ends.map((end) => end.close()));

  test('tells a whole life alike in every framing, and who joins late how it stands', async () => {
    const ends = await openAll(path, ask(id));
    if (answer) await expect.poll(() => ends.map((end) => end.answers())).toEqual(ends.map(() => [answer(id)]));
    let late;
    // Reports come every 100 ms, what ends a job at once.
    const reachUpTo = (end) => reach(ends, told.slice(0, told.findIndex((name) => end.test(name))));
    for (const event of life) {
      if (event.type === 'completed') await reachUpTo(/completed/);
      await publish(event);
      if (event.type === 'updated') await reachUpTo(/fail|error/);
      if (event.type === 'resumed') {
        late = await openAll(path, ask(id));
        await reach(late, underWay);
      }
    }
    await reach(ends, told);
    for (const end of ends) expect(of(end, id).filter((one) => !/queued/.test(what(one)))).toEqual(of(ends[0], id).filter((one) => !/queued/.test(what(one))));
    const after = await openAll(path, ask(id));
    await reach(after, over);
    for (const end of after) expect(of(end, id)).toEqual(of(after[0], id));
    await closeAll([...ends, ...late, ...after]);
  });

  test('tells a cancelled job alike', async () => {
    const jobId = `${id}-cancelled`;
    const ends = await openAll(path, ask(jobId));
    await publish(life[0], jobId);
    await publish(life[1], jobId);
    await publish({ type: 'cancelled', reason: 'not needed' }, jobId);
    await expect.poll(() => ends.map((end) => names(end, jobId).at(-1)), { timeout: 10_000 }).toEqual(ends.map(() => cancelled));
    for (const end of ends) expect(JSON.stringify(of(end, jobId).at(-1)[1])).toContain('not needed');
    await closeAll(ends);
  });
});

test('the inbox is told alike too', async () => {
  const ends = await openAll('/notifications');
  await server.publish({ jobId: 'inbox', type: 'completed', job: { type: 'report', userId: 'alice' } });
  const notified = (end) => end.events().filter(([event, data]) => event === 'notification' && data.jobId === 'inbox');
  await expect.poll(() => ends.map((end) => notified(end).length), { timeout: 10_000 }).toEqual(ends.map(() => 1));
  for (const end of ends) expect(notified(end)).toEqual(notified(ends[0]));
  ends[0].wire.send('{"event":"mark-as-read","data":{"notificationId":"inbox:1"}}');
  const read = (end) => end.events().filter(([event, data]) => event === 'notification-read' && data.id === 'inbox:1');
  await expect.poll(() => ends.map((end) => read(end).length), { timeout: 10_000 }).toEqual(ends.map(() => 1));
  expect(ends[0].answers()).toEqual([{ success: true, read: 1, count: expect.any(Number) }]);
  await Promise.all(ends.map((end) => end.close()));
});
