// Socket.IO's connection state recovery across a server that is killed, and one that is stopped.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CutLine } from '../cut_line.js';
import { Server, token } from '../pages/server.js';
import { Page } from './page.js';

const auth = { token: token({ sub: 'alice' }) };
const owned = (jobId, event) => ({ jobId, job: { userId: 'alice', type: 'report' }, ...event });
let server;
let page;

beforeEach(async () => { server = await Server.start(); });
afterEach(async () => {
  page.close();
  await server.end();
});

describe.each([['websocket'], ['polling']])('over %s', (transport) => {
  test('a page that had heard something gets what it missed, in the rooms that it had joined', async () => {
    page = new Page(`${server.url}/jobs`, { auth, transports: [transport] });
    await page.next('connect');
    const id = page.socket.id;
    await server.publish(owned('j1', { type: 'started' }), owned('other', { type: 'started' }));
    expect(await page.socket.emitWithAck('subscribe:jobs', { jobId: 'j1' })).toMatchObject({ success: true, room: 'job:j1' });
    await server.publish(owned('j1', { type: 'progress', progress: 40 }));
    await page.next('job:progress', ({ progress }) => progress === 40);
    await server.kill();
    await page.next('disconnect');
    await server.elsewhere(() => server.publish(owned('j1', { type: 'completed', result: { pages: 24 } }), owned('other', { type: 'completed' })));
    await server.begin();
    await page.next('connect');
    expect(page.socket.recovered).toBe(true);
    expect(page.socket.id).toBe(id);
    expect((await page.next('job:completed')).result).toEqual({ pages: 24 });
    await server.publish(owned('j1', { type: 'retried' }));
    await page.next('job:update', ({ status }) => status === 'queued');
    expect(page.names()).toEqual([]);
  });

  test('so does one whose server is killed as soon as it has acknowledged a subscription', async () => {
    page = new Page(`${server.url}/jobs`, { auth, transports: [transport] });
    await page.next('connect');
    const id = page.socket.id;
    await page.socket.emitWithAck('subscribe:jobs', { jobId: 'j1' });
    await server.kill();
    await page.next('disconnect');
    await server.elsewhere(() => server.publish(owned('j1', { type: 'completed', result: 7 })));
    await server.begin();
    await page.next('connect');
    expect(page.socket.recovered).toBe(true);
    expect(page.socket.id).toBe(id);
    expect((await page.next('job:completed')).result).toBe(7);
  });

  test('a page that had heard nothing yet does too', async () => {
    page = new Page(`${server.url}/queue`, { auth, transports: [transport] });
    await page.next('connect');
    await server.kill();
    await page.next('disconnect');
    await server.elsewhere(() => server.publish(owned('j1', { type: 'started' }), owned('j1', { type: 'completed' })));
    await server.begin();
    await page.next('connect');
    expect(page.socket.recovered).toBe(true);
    await page.next('queue-update', ({ eventType }) => eventType === 'job-completed');
  });
});

describe('cut exactly between an acknowledgement and the state that follows it', () => {
  // The acknowledgement's packet, as the protocol writes it: type 3, then the namespace.
  const isAcknowledgement = (message) => message.startsWith('43/jobs,');
  let line;
  beforeEach(async () => { line = await CutLine.before(server.url); });
  afterEach(() => line.close());

  test.each([['goes on', async () => {}], ['is killed too', async () => { await server.kill(); await server.begin(); }]])('a page is told it when it is back, where the server %s', async (_, meanwhile) => {
    await server.publish(owned('j1', { type: 'started' }), owned('j2', { type: 'progress', progress: 30 }));
    page = new Page(`${line.url}/jobs`, { auth, transports: ['websocket'] });
    await page.next('connect');
    await page.socket.emitWithAck('subscribe:jobs', { jobId: 'j1' });
    await page.next('job:update', ({ jobId }) => jobId === 'j1');  // now it has an offset to come back from
    await server.publish(owned('j1', { type: 'progress', progress: 10 }));
    await page.next('job:progress', ({ progress }) => progress === 10);
    line.cutAfter(isAcknowledgement);
    expect(await page.socket.emitWithAck('subscribe:jobs', { jobId: 'j2' })).toMatchObject({ success: true, room: 'job:j2' });
    await page.next('disconnect');
    expect(page.names()).toEqual([]);
    await meanwhile();
    line.mend();
    await page.next('connect');
    expect(page.socket.recovered).toBe(true);
    expect(await page.next('job:progress')).toMatchObject({ jobId: 'j2', progress: 30 });
    await server.publish(owned('j2', { type: 'completed', result: 1 }));
    await page.next('job:completed');
    expect(page.heard.filter(({ data }) => data?.jobId === 'j1')).toEqual([]);
  });
});

test('a server that is stopped sends its pages away, and the next one has them back', async () => {
  page = new Page(`${server.url}/queue`, { auth });
  await page.next('connect');
  await server.process.stop();
  await page.next('disconnect');
  await server.begin();
  await page.next('connect');
  expect(page.socket.recovered).toBe(true);
});

test('with recovery off a page begins anew, and is told how things stand', async () => {
  await server.end();
  server = await Server.start({ args: ['--socketio-recovery', 'off'] });
  page = new Page(`${server.url}/queue`, { auth });
  await page.next('connect');
  await server.publish(owned('j1', { type: 'started' }));
  await page.next('queue-update');
  await server.kill();
  await server.begin();
  await page.next('connect');
  expect(page.socket.recovered).toBeFalsy();
  expect((await page.next('queue-update')).eventType).toBe('job-progress');
});

test("another user's page does not get it back with the same pid", async () => {
  page = new Page(`${server.url}/queue`, { auth });
  await page.next('connect');
  await server.publish(owned('j1', { type: 'started' }));
  await page.next('queue-update');
  const { _pid: pid, _lastOffset: offset, id } = page.socket;
  page.close();
  page = new Page(`${server.url}/queue`, { auth: { token: token({ sub: 'bob' }), pid, offset } });
  await page.next('connect');
  expect(page.socket.id).not.toBe(id);
  expect(page.names()).toEqual([]);
});
