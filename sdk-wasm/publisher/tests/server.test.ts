// Against the real server over real sockets. What the README shows: tests/e2e/readme.test.js.
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';

import { RealServer, secret } from '../../tests/support/real_server.js';
import { Gateway } from '../src/compat.js';
import { Jobwire, type JobwireOptions, type PublisherEvents, type Receipt } from '../src/index.js';

const server = new RealServer();
const publishers: Jobwire[] = [];
let number = 0;

beforeAll(() => server.start());
afterAll(() => server.remove());
afterEach(async () => {
  for (const publisher of publishers.splice(0)) await publisher.close({ timeoutMs: 0 });
});

function publisher(options: Partial<JobwireOptions> = {}): Jobwire {
  const made = new Jobwire({ url: server.url, secret, log: () => {}, backoff: { firstMs: 20, mostMs: 200 }, ...options });
  publishers.push(made);
  return made;
}
const newId = (): string => `job-${++number}`;

async function get(path: string, token: string): Promise<{ status: number; body: Record<string, any> }> {
  const response = await fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as Record<string, any> };
}

const next = <N extends keyof PublisherEvents>(of: Jobwire, name: N): Promise<PublisherEvents[N]> =>
  new Promise((resolve) => void of.on(name, resolve));

it('reports a whole life, which the owner may read and nobody else', async () => {
  const jobwire = publisher({ key: server.token('backend', '--role', 'service') });
  const job = await jobwire.create({ type: 'pdf', userId: 'alice', queue: 'large', priority: 2, ref: 'file:42', metadata: { title: 'Bericht – 報告' }, payload: { path: '/tmp/x' } });
  void job.started({ workerId: 'w1' });
  void job.progress(41.666, 'pages', 'page 5 of 12');
  void job.log('a line', { metadata: { lines: 1 } });
  void job.updated('warming up');
  const told = job.completed({ pages: 12 });
  // A question knows what was reported before it.
  expect(await job.state()).toMatchObject({
    id: job.id, type: 'pdf', userId: 'alice', queue: 'large', priority: 2, ref: 'file:42', status: 'completed', progress: 100,
    statusText: 'warming up', stage: 'pages', result: { pages: 12 }, metadata: { title: 'Bericht – 報告', lines: 1 },
  });
  expect(await told).toEqual({ status: 'accepted', cancelRequested: false });
  expect((await jobwire.history(job.id)).map(({ type, progress }) => [type, progress])).toEqual([
    ['queued', undefined], ['started', undefined], ['progress', 41.67], ['log', undefined], ['updated', undefined], ['completed', undefined],
  ]);
  expect((await jobwire.history(job.id, 2)).map(({ type }) => type)).toEqual(['updated', 'completed']);

  const path = `/jobs/${job.id}`;
  expect((await get(path, jobwire.tokenFor({ user: 'alice', expiresIn: '5m' }))).body).toMatchObject({ status: 'completed' });
  expect((await get(path, jobwire.tokenFor({ job: job.id }))).status).toBe(200);
  expect((await get(path, jobwire.tokenFor({ user: 'root', role: 'admin' }))).status).toBe(200);
  expect((await get(path, jobwire.tokenFor({ user: 'bob' }))).status).toBe(404);
  expect((await get(path, jobwire.tokenFor({ job: 'another' }))).status).toBe(404);
});

it('creates a job once, however often it is asked to; another one of that id is refused', async () => {
  const id = newId();
  const [one, two] = [publisher(), publisher()];
  await one.create({ id, type: 'pdf', userId: 'alice', payload: { n: 1 } });
  await two.create({ id, type: 'pdf', userId: 'alice', payload: { n: 1 } });
  await expect(two.create({ id, type: 'video', userId: 'bob' })).rejects.toMatchObject({ code: 'event_id_reused', jobId: id });
  expect(await one.history(id)).toHaveLength(1);
});

it('runs work that an owner cancels, whether it reports or is silent', async () => {
  const jobwire = publisher({ checkMs: 50 });
  const owner = jobwire.tokenFor({ user: 'alice' });
  const cancel = (id: string): Promise<unknown> =>
    fetch(`${server.url}/api/v1/jobs/${id}/cancel`, { method: 'POST', headers: { authorization: `Bearer ${owner}` } });
  for (const isSilent of [true, false]) {
    const job = await jobwire.create({ type: 'pdf', userId: 'alice' });
    const ran = job.run(async ({ signal, progress }) => {
      await jobwire.flush();
      await cancel(job.id);
      if (!isSilent) progress(50);
      return new Promise((_, reject) => void signal.addEventListener('abort', () => reject(signal.reason as Error)));
    });
    await expect(ran).rejects.toMatchObject({ name: 'JobStopped', why: 'cancel-requested' });
    await jobwire.flush();
    expect(await job.state()).toMatchObject({ status: 'cancelled' });
  }
});

it('tells what the server refuses, by field, and goes on', async () => {
  const jobwire = publisher();
  const errors: PublisherEvents['error'][] = [];
  jobwire.on('error', (error) => errors.push(error));
  const job = jobwire.job(newId());
  expect(await job.started({ job: { queue: '..' } })).toMatchObject({ status: 'accepted' }); // without it
  const receipts = await Promise.all([
    job.progress(undefined),
    job.log('m'.repeat(10_000), { stage: 'ü'.repeat(10_000) }),
    job.failed(new Error('e'.repeat(10_000))),
    job.log('too late'),
  ]);
  expect(receipts.map(({ status }) => status)).toEqual(['refused', 'accepted', 'accepted', 'refused']);
  expect(errors.map(({ code, jobId }) => [code, jobId])).toEqual([['bad_request', job.id], ['bad_request', job.id], ['conflict', job.id]]);
  expect(errors[0]!.field).toContain('queue');
  const owned = await jobwire.create({ type: 'pdf', userId: 'alice' });
  expect(await owned.run(async () => (await jobwire.flush(), 'done'), { job: { userId: 'bob' } })).toBe('done');
  await jobwire.flush();
  expect(await owned.state()).toMatchObject({ status: 'completed', userId: 'alice', result: 'done' });
  expect(errors.at(-1)).toMatchObject({ code: 'conflict', field: 'job.userId' });
});

it.each([70_000, 2_000_000, 5_000_000])('a job whose result of %i bytes is too large ends without it', async (size) => {
  const jobwire = publisher();
  const told = next(jobwire, 'error');
  const job = jobwire.job(newId());
  expect(await job.completed('x'.repeat(size), { message: 'done' })).toMatchObject({ status: 'accepted' });
  expect(await told).toMatchObject({ code: 'too_large', jobId: job.id, type: 'completed' });
  expect(await job.state()).toMatchObject({ status: 'completed', message: 'done' });
});

it('a large number of reports goes through in batches', async () => {
  const jobwire = publisher();
  const ids = Array.from({ length: 50 }, newId);
  const receipts: Promise<Receipt>[] = [];
  for (let n = 1; n <= 90; n += 1) for (const id of ids) receipts.push(jobwire.job(id).log(`${n}`, { metadata: { filler: 'x'.repeat(500) } }));
  expect((await Promise.all(receipts)).every(({ status }) => status === 'accepted')).toBe(true);
  for (const id of ids) expect((await jobwire.history(id)).map(({ message }) => Number(message))).toEqual(Array.from({ length: 90 }, (_, n) => n + 1));
});

it('lists jobs, page by page', async () => {
  const jobwire = publisher();
  for (let n = 0; n < 3; n += 1) await jobwire.create({ id: `listed-${n}`, type: 'pdf', userId: 'dora', ref: 'file:ü&=' });
  await jobwire.job('listed-1').started();
  const page = await jobwire.jobs({ user: 'dora', ref: 'file:ü&=', limit: 2 });
  const rest = await jobwire.jobs({ user: 'dora', limit: 2, before: page.next });
  expect([...page.jobs, ...rest.jobs].map(({ id }) => id)).toEqual(['listed-1', 'listed-2', 'listed-0']);
  expect((await jobwire.jobs({ user: 'dora', status: 'queued' })).jobs).toHaveLength(2);
  await expect(jobwire.jobs({ limit: -1 })).rejects.toMatchObject({ code: 'bad_request', field: 'limit' });
});

it('with a wrong key says so at once', async () => {
  const jobwire = publisher({ key: 'wrong', secret: undefined });
  expect(await jobwire.job(newId()).started()).toMatchObject({ status: 'refused', error: { code: 'unauthenticated', status: 401 } });
  await expect(jobwire.create({ type: 'pdf' })).rejects.toMatchObject({ code: 'unauthenticated' });
  await expect(jobwire.history('x')).rejects.toMatchObject({ code: 'unauthenticated' });
});

it('loses and doubles nothing when the server is killed and started again under it', async () => {
  const jobwire = publisher();
  const jobs = Array.from({ length: 20 }, () => jobwire.job(newId()));
  const reports = 80;
  const away = next(jobwire, 'away');
  const receipts: Promise<Receipt>[] = [];
  let accepted = 0;
  let isEnough!: () => void;
  const enough = new Promise<void>((resolve) => (isEnough = resolve));
  const report = async (n: number): Promise<void> => {
    const batch = jobs.map((job) => job.log(`${n}`));
    receipts.push(...batch);
    for (const receipt of await Promise.all(batch)) if (receipt.status === 'accepted') accepted += 1;
    if (accepted >= 15 * jobs.length) isEnough();
  };
  const rounds: Promise<void>[] = [];
  // Until it is killed each round waits for the one before, so that the kill comes between many requests; then all at once.
  let isKilled = false;
  const reporting = (async () => {
    for (let n = 1; n <= reports; n += 1) {
      const round = report(n);
      rounds.push(round);
      if (!isKilled) await Promise.race([round, away]);
    }
  })();
  await enough;
  const killed = server.kill();
  isKilled = true;
  await killed;
  await reporting;
  await away;
  const back = next(jobwire, 'back');
  await server.start();
  await back;
  await Promise.all(rounds);
  expect(await jobwire.flush()).toBe(true);
  expect((await Promise.all(receipts)).every(({ status }) => status === 'accepted')).toBe(true);
  for (const { id } of jobs) {
    expect((await jobwire.history(id)).map(({ message }) => Number(message))).toEqual(Array.from({ length: reports }, (_, n) => n + 1));
  }
});

it('sends messages to a user, a channel and everybody, once each', async () => {
  const jobwire = publisher();
  const id = newId();
  await jobwire.create({ id, type: 'pdf', userId: 'alice' });
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`, 'jobwire.v1');
  const heard: unknown[] = [];
  await new Promise<void>((live) => {
    socket.on('open', () => socket.send(JSON.stringify({ event: 'hello', data: { token: jobwire.tokenFor({ user: 'alice' }), channels: [`job:${id}`] } })));
    socket.on('message', (text: Buffer) => {
      const { event, data } = JSON.parse(text.toString()) as { event: string; data: { synced?: boolean } };
      if (event === 'message') heard.push(data);
      if (event === 'changes' && data.synced) live();
    });
  });
  const receipts = [
    jobwire.user('bob').send('secret', { text: 'not for alice' }),
    jobwire.user('alice').send('invoice', { n: 1 }, { id: 'invoice-1' }),
    jobwire.user('alice').send('invoice', { n: 1 }, { id: 'invoice-1' }),
    jobwire.channel(`job:${id}`).send('note', { text: 'ü' }),
    jobwire.broadcast('news'),
  ];
  expect((await Promise.all(receipts)).map(({ status }) => status)).toEqual(Array(5).fill('accepted'));
  await vi.waitFor(() => expect(heard).toContainEqual({ name: 'news', data: null }));
  expect(heard).toEqual([{ name: 'invoice', data: { n: 1 } }, { name: 'note', data: { text: 'ü' } }, { name: 'news', data: null }]);
  expect(await jobwire.channel('nowhere').send('note')).toMatchObject({ status: 'refused', error: { field: 'channel' } });
  socket.close();
});

it('puts a notification into an inbox, once', async () => {
  const jobwire = publisher();
  const carol = jobwire.user('carol');
  const notification = { id: 'ready', type: 'success', title: 'Your report is ready', action: { label: 'Open', url: '/reports/7' }, data: { n: 7 } } as const;
  const receipts = await Promise.all([carol.notify(notification), carol.notify(notification), carol.notify({ title: 'x', action: { label: 'y', url: 'javascript:1' } })]);
  expect(receipts.map(({ status, error }) => [status, error?.field])).toEqual([['accepted', undefined], ['accepted', undefined], ['refused', 'action.url']]);
  const { body } = await get('/notifications', jobwire.tokenFor({ user: 'carol' }));
  expect(body).toMatchObject({ unread: 1, notifications: [notification] });
});

it('speaks the old names', async () => {
  const gateway = new Gateway(publisher());
  const id = newId();
  await gateway.emitJobUpdate(id, 'started', { message: 'Job processing started' });
  await gateway.emitJobProgress(id, 25, 'Processing step 1');
  await gateway.emitJobError(id, new Error('first try'));
  await gateway.emitJobUpdate(id, 'started', { message: 'again' });
  await gateway.emitJobCompleted(id, { count: 3 });
  expect(gateway.emitToRoom('alice', 'analysis:started', { interviewId: `${id}-interview`, message: 'Analysis started' })).toBe(true);
  const { connected, timestamp } = await gateway.getConnectionStats();
  expect([connected, Date.parse(timestamp) > 0]).toEqual([0, true]);
  await publishers[0]!.flush();
  expect((await gateway.getJobHistory(id)).map(({ status, progress, result, error }) => [status, progress ?? result ?? error])).toEqual([
    ['completed', { count: 3 }],
    ['started', undefined],
    ['queued', undefined],
    ['failed', 'first try'],
    ['in_progress', 25],
    ['started', undefined],
  ]);
  expect((await get(`/jobs/${id}-interview`, publishers[0]!.tokenFor({ user: 'alice' }))).body).toMatchObject({ status: 'active', ref: `interview:${id}-interview` });
});
