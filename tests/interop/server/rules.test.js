// Rules of Socket.IO and of the dialects that hold of the real server: what a page may have on one connection, of its
// payloads, from other origins, as an admin, and by the operator's file.
import { writeFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { Server, token } from '../pages/server.js';
import { Page } from './page.js';

const alice = token({ sub: 'alice' });
const admin = token({ sub: 'boss', role: 'admin' });
let server;
const pages = [];
const open = (path, options = {}) => {
  const page = new Page(server.url + path, { auth: { token: alice }, ...options });
  pages.push(page);
  return page;
};
const report = (jobId, event) => ({ jobId, job: { userId: 'alice', type: 'report' }, ...event });

afterEach(async () => {
  for (const page of pages.splice(0)) page.close();
  await server?.end();
});

test.each([['websocket'], ['polling']])('all namespaces on one connection, by %s: each tells its own, and leaving one leaves the others', async (transport) => {
  server = await Server.start();
  const page = open('/queue', { transports: [transport] });
  const events = [];
  const rooms = Object.fromEntries(['/jobs', '/file-processing', '/notifications', '/'].map((name) => {
    const socket = page.socket.io.socket(name, { auth: { token: alice } });
    socket.onAny((event) => events.push(`${name} ${event}`));
    return [name, socket];
  }));
  await page.next('connect');
  await Promise.all(Object.values(rooms).map((socket) => socket.connected || new Promise((resolve) => socket.on('connect', resolve))));
  expect((await server.ask('/api/v1/websocket/stats')).data.connected).toBe(1);
  expect(await rooms['/jobs'].emitWithAck('subscribe:jobs', { jobId: 'j' })).toMatchObject({ success: true });
  expect(await rooms['/file-processing'].emitWithAck('subscribe:file', { fileId: 'j' })).toMatchObject({ success: true });
  await server.publish(report('j', { type: 'started' }));
  await page.next('queue-update');
  await expect.poll(() => events).toEqual(expect.arrayContaining(['/jobs job:update', '/file-processing processing:started', '/ job-started', '/ analysis:started', '/notifications notification']));
  rooms['/jobs'].disconnect();
  events.length = 0;
  await server.publish(report('j', { type: 'completed' }));
  await page.next('queue-update', ({ eventType }) => eventType === 'job-completed');
  await expect.poll(() => events).toEqual(expect.arrayContaining(['/file-processing processing:completed', '/ job-completed', '/notifications notification']));
  expect(events.filter((event) => event.startsWith('/jobs'))).toEqual([]);
  for (const socket of Object.values(rooms)) socket.disconnect();
});

test('the handshake says maxPayload and heartbeat, and a larger body is 413', async () => {
  server = await Server.start({ args: ['--heartbeat', '10s'] });
  const polling = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const { sid, ...said } = JSON.parse((await (await fetch(polling)).text()).slice(1));
  expect(said).toEqual({ upgrades: ['websocket'], pingInterval: 10_000, pingTimeout: 20_000, maxPayload: 1_000_000 });
  expect((await fetch(`${polling}&sid=${sid}`, { method: 'POST', body: `4${'x'.repeat(1_000_000)}` })).status).toBe(413);
});

test.each([['websocket'], ['polling']])('bytes among the arguments are taken and acknowledged, by %s', async (transport) => {
  server = await Server.start();
  const page = open('/jobs', { transports: [transport] });
  await page.next('connect');
  expect(await page.socket.emitWithAck('subscribe:jobs', { jobId: 'j', extra: Buffer.from([1, 2, 3]) }, Buffer.from([4]))).toMatchObject({ success: true, room: 'job:j' });
  expect(await page.socket.emitWithAck('subscribe:jobs', Buffer.from([1]))).toMatchObject({ success: true, room: 'user:alice' });
  expect(page.socket.connected).toBe(true);
});

test('polling across origins, with credentials: preflight, handshake and POST name the page; others get nothing', async () => {
  server = await Server.start({ args: ['--allow-origin', 'https://app.example', '--allow-credentials'] });
  const polling = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const origin = 'https://app.example';
  const allows = (answer) => {
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('vary')).toContain('Origin');
    return answer;
  };
  const preflight = (from) => fetch(polling, { method: 'OPTIONS', headers: { origin: from, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' } });
  expect(allows(await preflight(origin)).headers.get('access-control-allow-headers')).toBe('content-type');
  const { sid } = JSON.parse((await allows(await fetch(polling, { headers: { origin } })).text()).slice(1));
  expect(await allows(await fetch(`${polling}&sid=${sid}`, { method: 'POST', body: `40/queue,${JSON.stringify({ token: alice })}`, headers: { origin } })).text()).toBe('ok');
  expect(await allows(await fetch(`${polling}&sid=${sid}`, { headers: { origin } })).text()).toMatch(/^40\/queue,/);
  const stranger = await preflight('https://evil.example');
  expect(stranger.status).toBe(403);
  expect(stranger.headers.get('access-control-allow-origin')).toBe(null);
  expect((await fetch(`${polling}&sid=${sid}`, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
});

test('an admin is told system-metrics until it leaves; others are refused, and not by auth-error', async () => {
  server = await Server.start();
  await server.publish(report('j', { type: 'started', workerId: 'w1' }));
  const boss = open('/', { auth: { token: admin, dialect: 'pdf' } });
  await boss.next('connect');
  boss.socket.emit('request-system-metrics');
  const metrics = await boss.next('system-metrics');
  expect(metrics).toMatchObject({
    workers: [{ workerId: 'w1', status: 'active', jobs: ['j'] }],
    queues: { premium: { waiting: 0, active: 0, avgWaitTime: 0 }, normal: expect.any(Object), large: expect.any(Object), totalWorkers: 1, activeWorkers: 1 },
    performance: { totalJobsProcessed: 0, averageProcessingTime: 0, errorRate: 0, throughputPerHour: 0 },
  });
  expect(metrics.system.totalMemoryUsage).toBeGreaterThan(1_000_000);
  expect(new Date(metrics.timestamp).toISOString()).toBe(metrics.timestamp);
  boss.socket.emit('subscribe-admin');
  for (let i = 0; i < 3; ++i) await boss.next('system-metrics');
  expect(await boss.socket.emitWithAck('unsubscribe-admin', null)).toEqual({ success: true });
  boss.heard.length = 0;
  const page = open('/', { auth: { token: alice, dialect: 'pdf' } });
  await page.next('connect');
  page.socket.emit('subscribe-admin');
  expect(await page.next('exception')).toMatchObject({ status: 'error', code: 'forbidden' });
  page.socket.emit('request-system-metrics');
  expect(await page.next('exception')).toMatchObject({ code: 'forbidden' });
  expect([...page.names(), ...boss.names()].filter((event) => event === 'system-metrics' || event === 'auth-error')).toEqual([]);
});

test("the file's stage plans give percentage and text to who names only the stage, and the other way round", async () => {
  server = await Server.start();
  const file = `${server.dataDir}/jobwire.toml`;
  await writeFile(file, 'stage-plan = ["podcast: started=5 Listening; chapters=50 Finding chapters, one by one; completed=100 Done", "transcript:"]\n');
  server.args.push('--config', file);
  await server.kill();
  await server.begin();
  const page = open('/queue');
  await page.next('connect');
  const told = async (jobId, event) => {
    await server.publish(report(jobId, { ...event, job: { userId: 'alice', type: jobId } }));
    const { progress, stage } = await page.next('queue-update', (update) => update.eventType !== 'job-queued');
    return [progress, stage];
  };
  expect(await told('podcast', { type: 'started' })).toEqual([5, 'Listening']);
  expect(await told('podcast', { type: 'progress', stage: 'chapters' })).toEqual([50, 'Finding chapters, one by one']);
  expect(await told('podcast', { type: 'completed' })).toEqual([100, 'Done']);
  expect(await told('youtube-video', { type: 'started' })).toEqual([10, 'Job processing started']);
  expect(await told('youtube-video', { type: 'progress', progress: 82 })).toEqual([82, 'Generating thumbnails']);
  expect(await told('transcript', { type: 'started' })).toEqual([0, 'Job processing started']);
  expect(await told('transcript', { type: 'progress', progress: 70 })).toEqual([70, 'Job processing started']);
});
