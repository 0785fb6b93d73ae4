import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { defineJob, JobwireError, type JobwireClient } from '@jobwire/client';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { wasmFile } from '../scripts/aliases.mjs';
import { closeClients, connectTo, FakeServer } from './support/fake_server.js';
import { following } from './support/following.js';

afterEach(() => {
  closeClients();
  vi.unstubAllGlobals();
});

describe('job(id)', () => {
  it('is pending until the first answer, then shows the whole job', async () => {
    const server = new FakeServer();
    server.put({
      id: '1', type: 'pdf', queue: 'large', userId: 'alice', ref: 'file:7', parentId: 'p', progress: 12.5, stage: 'pages',
      message: 'page 3 of 24', stages: [{ name: 'pages', startedAt: 5 }], priority: 3, metadata: { title: 'Müller – 報告' },
    });
    const handle = connectTo(server).job('1');
    expect(handle.getSnapshot()).toEqual({ job: undefined, isPending: true, isStale: false, error: undefined });
    handle.subscribe(() => {});
    await vi.waitFor(() => expect(handle.getSnapshot().isPending).toBe(false));
    expect(handle.getSnapshot().job).toMatchObject({
      id: '1', type: 'pdf', queue: 'large', userId: 'alice', ref: 'file:7', parentId: 'p', status: 'active', progress: 12.5,
      stage: 'pages', message: 'page 3 of 24', stages: [{ name: 'pages', startedAt: 5 }], attempt: 1, priority: 3,
      metadata: { title: 'Müller – 報告' }, result: undefined, error: undefined, isFinished: false, isCancelling: false,
    });
  });

  it('folds events, and tells once per frame however many came', async () => {
    const { server, handle, notify } = await following();
    notify.mockClear();
    for (let at = 1; at <= 20; at++) server.event('1', { type: 'progress', progress: 20 + at }, { progress: 20 + at });
    await vi.waitFor(() => expect(handle.getSnapshot().job?.progress).toBe(40));
    expect(notify).toHaveBeenCalledTimes(1);
  });

  it('keeps references: the same snapshot until something changes, the same parts where they have not', async () => {
    const { server, handle } = await following('1', undefined, { metadata: { a: { b: [1] }, c: 1 }, result: { big: [1, 2] } });
    const before = handle.getSnapshot();
    expect(handle.getSnapshot()).toBe(before);
    const { metadata, stages, result } = before.job!;
    server.put({ id: '1', metadata: { a: { b: [1] }, c: 2 } });
    await vi.waitFor(() => expect(handle.getSnapshot()).not.toBe(before));
    const after = handle.getSnapshot().job!;
    expect(after.metadata).toEqual({ a: { b: [1] }, c: 2 });
    expect(after.metadata['a']).toBe(metadata['a']);
    expect(after.result).toBe(result);
    expect(after.stages).toBe(stages);
    expect(before.job!.metadata).toEqual({ a: { b: [1] }, c: 1 });
  });

  it('asks again when an event is missing, and is stale meanwhile', async () => {
    const { server, handle } = await following();
    server.jobs.get('1')!['seq'] = 5; // events 2 to 5 were lost
    server.event('1', { type: 'progress', progress: 80 }, { progress: 80 });
    await vi.waitFor(() => expect(handle.getSnapshot()).toMatchObject({ job: { progress: 80 }, isStale: false }));
    expect(server.live!.received).toContainEqual(expect.objectContaining({ event: 'sync', data: { jobIds: ['1'] } }));
  });

  it('shows what was last known while the connection is lost, and catches up', async () => {
    const { server, handle } = await following();
    server.webSocketWorks = server.httpWorks = false;
    server.cut();
    await vi.waitFor(() => expect(handle.getSnapshot()).toMatchObject({ job: { progress: 10 }, isStale: true }));
    server.put({ id: '1', progress: 60 });
    server.webSocketWorks = server.httpWorks = true;
    await vi.waitFor(() => expect(handle.getSnapshot()).toMatchObject({ job: { progress: 60 }, isStale: false }));
  });

  it('does not turn stale because another channel is joined', async () => {
    const { client, handle } = await following();
    const seen: boolean[] = [];
    handle.subscribe(() => seen.push(handle.getSnapshot().isStale));
    const other = client.job('2');
    other.subscribe(() => {});
    await vi.waitFor(() => expect(client.connection.getSnapshot().isLive).toBe(true));
    expect(seen).not.toContain(true);
  });

  it('says when the job was removed, and when it may not be followed', async () => {
    const { server, client, handle } = await following();
    server.remove('1');
    await vi.waitFor(() => expect(handle.getSnapshot()).toMatchObject({ job: undefined, isPending: false, error: { code: 'gone' } }));
    server.refused.add('job:secret');
    const refused = client.job('secret');
    refused.subscribe(() => {});
    await vi.waitFor(() => expect(refused.getSnapshot()).toMatchObject({ isPending: false, error: { code: 'forbidden' } }));
    await vi.waitFor(() => expect(client.job('x'.repeat(129)).getSnapshot().isPending).toBe(true));
  });

  it('takes an id that is a number, where there are no types to say otherwise', async () => {
    const { client } = await following('42');
    const id = 42 as unknown as string;
    expect(client.job(id)).toBe(client.job('42'));
    await client.job(id).cancel();
  });

  it('is one handle for all who hold it, and none when nobody does', async () => {
    const { client, handle } = await following();
    const collect = (setFlagsFromString('--expose-gc'), runInNewContext('gc') as () => void);
    const ofOld = [new WeakRef(client.job('old')), new WeakRef(client.jobs({ ref: 'old' }))];
    for (const one of ofOld) one.deref()!.subscribe(() => {})();
    expect(client.job('old')).toBe(ofOld[0]!.deref());
    await vi.waitFor(() => {
      collect();
      expect(ofOld.filter((one) => one.deref())).toHaveLength(0);
    }, 10_000);
    expect(client.job('1')).toBe(handle);
    // Whoever subscribes and keeps nothing is told.
    const told = vi.fn();
    client.job('new').subscribe(told);
    await new Promise((done) => setTimeout(done));
    collect();
    client.close();
    expect(told).toHaveBeenCalled();
  });

  it('refuses an id that breaks the rules, without troubling the server', async () => {
    const { server, client } = await following();
    const handle = client.job('x'.repeat(129));
    handle.subscribe(() => {});
    await vi.waitFor(() => expect(handle.getSnapshot()).toMatchObject({ isPending: false, error: { code: 'bad_request' } }));
    expect(JSON.stringify(server.live!.received)).not.toContain('xxx');
  });

  it('shows the newest estimate until the job has ended', async () => {
    const { server, handle } = await following();
    const estimate = () => handle.getSnapshot().job?.estimate;
    const estimates = { jobs: [{ jobId: 'stranger', wait: 1 }, { jobId: '1', queuePosition: 3, wait: 4000, learning: true }] };
    server.push('estimates', estimates);
    const first = { queuePosition: 3, waitMs: 4000, remainingMs: undefined, learning: true, silentMs: undefined };
    await vi.waitFor(() => expect(estimate()).toEqual(first));
    const shown = handle.getSnapshot();
    server.push('estimates', estimates);
    server.event('1', { type: 'progress', progress: 50 }, { progress: 50 });
    await vi.waitFor(() => expect(handle.getSnapshot().job?.progress).toBe(50));
    expect(estimate()).toBe(shown.job!.estimate); // the same news is no news
    server.push('estimates', { jobs: [{ jobId: '1', remaining: 2000 }] });
    await vi.waitFor(() => expect(estimate()).toMatchObject({ queuePosition: undefined, remainingMs: 2000, learning: false }));
    expect(handle.getSnapshot().job).toMatchObject({ progress: 50 });
    server.event('1', { type: 'completed' }, { status: 'completed' });
    await vi.waitFor(() => expect(handle.getSnapshot().job).toMatchObject({ status: 'completed', estimate: undefined }));
    server.push('estimates', { jobs: [{ jobId: '1', remaining: 1000 }] });
    server.put({ id: '1', message: 'later' });
    await vi.waitFor(() => expect(handle.getSnapshot().job).toMatchObject({ message: 'later', estimate: undefined }));
  });

  it('can be sent as JSON whole', async () => {
    const { handle } = await following('1', undefined, { metadata: { a: 1 } });
    expect(JSON.parse(JSON.stringify(handle.getSnapshot().job))).toMatchObject({ id: '1', metadata: { a: 1 }, progress: 10 });
  });

  it('keeps texts apart wherever in them a character is not ASCII', async () => {
    const { server, handle } = await following();
    const texts = ['ü', '報', '𝄞', '\ufeff'].flatMap((character) =>
      Array.from({ length: 20 }, (_, before) => 'a'.repeat(before) + character + 'z'.repeat(20 - before)));
    const told = { error: { message: texts[9], code: 'E' }, stages: texts.map((name, startedAt) => ({ name, startedAt })), type: texts[11], message: texts[79] };
    server.put({ id: '1', status: 'failed', ...told });
    await vi.waitFor(() => expect(handle.getSnapshot().job?.status).toBe('failed'));
    expect(handle.getSnapshot().job).toMatchObject(told);
  });

  it('survives text of every size, and memory that grows', async () => {
    const { server, handle } = await following();
    const result = Array.from({ length: 3000 }, (_, at) => `${at} – ü𝄞`);
    for (let at = 0; at < 40; at++) server.put({ id: `big${at}`, userId: 'alice', result });
    server.put({ id: '1', result, message: '𝄞'.repeat(500) });
    await vi.waitFor(() => expect(handle.getSnapshot().job?.result).toEqual(result));
    expect(handle.getSnapshot().job!.message).toBe('𝄞'.repeat(500));
  });
});

describe('channels', () => {
  it('are followed while somebody subscribes, and a little longer', async () => {
    const { server, handle, unsubscribe } = await following();
    expect(server.channels).toEqual(['job:1']);
    unsubscribe();
    const again = handle.subscribe(() => {}); // a React re-mount
    await new Promise((done) => setTimeout(done, 60));
    expect(server.live!.received.filter(({ event }) => event !== 'hello' && event !== 'subscribe')).toEqual([]);
    again();
    again();
    await vi.waitFor(() => expect(server.channels).toEqual([]));
  });

  it('are counted: two subscribers make one subscription', async () => {
    const { server, handle, unsubscribe } = await following();
    const second = handle.subscribe(() => {});
    unsubscribe();
    await new Promise((done) => setTimeout(done, 60));
    expect(server.channels).toEqual(['job:1']);
    second();
    await vi.waitFor(() => expect(server.channels).toEqual([]));
  });

  it('asked for in one turn are asked for in one message', async () => {
    const { server, client } = await following();
    for (const id of ['2', '3', '4']) client.job(id).subscribe(() => {});
    await vi.waitFor(() => expect(server.channels).toHaveLength(4));
    const subscribes = server.live!.received.filter(({ event }) => event === 'subscribe');
    expect(subscribes.at(-1)).toMatchObject({ data: { channels: ['job:2', 'job:3', 'job:4'] } });
  });
});

it('channels that linger make room for those that are used: nobody who scrolls fast is refused', async () => {
  const { server, client } = await following('1', undefined, {});
  const handles = (from: string) => Array.from({ length: 999 }, (_, at) => client.job(from + at));
  const scrolledBy = handles('a').map((handle) => handle.subscribe(() => {}));
  await vi.waitFor(() => expect(server.channels).toHaveLength(1000), 5000);
  for (const leave of scrolledBy) leave();
  const shown = handles('b');
  for (const handle of shown) handle.subscribe(() => {});
  await vi.waitFor(() => expect(server.channels).toContain('job:b998'), 5000);
  expect(server.channels).toHaveLength(1000);
  expect(shown.map((handle) => handle.getSnapshot().error)).toEqual(shown.map(() => undefined));
  // With all in use, one more is one too many.
  const last = client.job('a0');
  last.subscribe(() => {});
  await vi.waitFor(() => expect(last.getSnapshot().error).toMatchObject({ code: 'too_large', message: 'at most 1000 channels can be followed' }));
});

describe('jobs(filter)', () => {
  const jobs = [
    { id: 'a', userId: 'alice', type: 'pdf', queue: 'q', createdAt: 1, ref: 'file:1' },
    { id: 'b', userId: 'alice', type: 'video', createdAt: 3, status: 'completed', parentId: 'a' },
    { id: 'c', userId: 'alice', type: 'pdf', createdAt: 2 },
    { id: 'd', userId: 'bob', type: 'pdf', queue: 'q', createdAt: 4 },
  ];
  async function listed(filter?: Parameters<ReturnType<typeof connectTo>['jobs']>[0], role = 'admin') {
    const server = new FakeServer();
    server.role = role;
    for (const job of jobs) server.put(job);
    const client = connectTo(server);
    const list = client.jobs(filter);
    list.subscribe(() => {});
    await vi.waitFor(() => expect(list.getSnapshot().isPending).toBe(false));
    return { server, client, list, ids: () => list.getSnapshot().jobs.map(({ id }) => id).join('') };
  }

  it('follows one\'s own jobs by default, newest first', async () => {
    const { server, ids } = await listed();
    expect(server.channels).toEqual(['user:alice']);
    expect(ids()).toBe('bca');
  });

  it.each([
    [{ user: 'bob' }, 'user:bob', 'd'],
    [{ queue: 'q' }, 'queue:q', 'da'],
    [{ all: true }, 'all-jobs', 'dbca'],
    [{ all: true, user: 'bob' }, 'all-jobs', 'd'],
    [{ user: 'me', queue: 'q' }, 'user:alice', 'a'],
    [{ type: 'pdf' }, 'user:alice', 'ca'],
    [{ type: defineJob('pdf') }, 'user:alice', 'ca'],
    [{ status: 'completed' as const }, 'user:alice', 'b'],
    [{ status: ['queued', 'active'] as const }, 'user:alice', 'ca'],
    [{ ref: 'file:1' }, 'user:alice', 'a'],
    [{ parentId: 'a' }, 'user:alice', 'b'],
  ])('%j follows %s', async (filter, channel, expected) => {
    const { server, ids } = await listed(filter);
    expect(server.channels).toEqual([channel]);
    expect(ids()).toBe(expected);
  });

  it('keeps its array until a job of its own changes', async () => {
    const { server, client, list, ids } = await listed({ type: 'pdf' });
    const before = list.getSnapshot();
    const all = client.jobs({});
    all.subscribe(() => {});
    server.put({ id: 'b', message: 'other' });
    await vi.waitFor(() => expect(all.getSnapshot().jobs[0]!.message).toBe('other'));
    expect(list.getSnapshot()).toBe(before);
    server.put({ id: 'e', userId: 'alice', type: 'pdf', createdAt: 9 });
    await vi.waitFor(() => expect(ids()).toBe('eca'));
    expect(list.getSnapshot().jobs[1]).toBe(before.jobs[0]);
    server.remove('c');
    await vi.waitFor(() => expect(ids()).toBe('ea'));
  });

  it('is the same object for an equal filter', async () => {
    const { client } = await listed();
    expect(client.jobs({ type: 'pdf', user: 'me' })).toBe(client.jobs({ user: 'me', type: defineJob('pdf') }));
    expect(client.jobs({ type: 'pdf' })).not.toBe(client.jobs({ type: 'video' }));
  });

  it('says why there is nothing: refused, or a token that names nobody', async () => {
    const server = new FakeServer();
    server.refused.add('user:bob');
    const client = connectTo(server);
    const list = client.jobs({ user: 'bob' });
    list.subscribe(() => {});
    await vi.waitFor(() => expect(list.getSnapshot()).toMatchObject({ isPending: false, jobs: [], error: { code: 'forbidden' } }));
    const anonymous = new FakeServer();
    anonymous.user = '';
    const mine = connectTo(anonymous).jobs();
    mine.subscribe(() => {});
    await vi.waitFor(() => expect(mine.getSnapshot().error).toMatchObject({ code: 'forbidden' }));
    expect(mine.getSnapshot()).toBe(mine.getSnapshot());
    const { list: queue } = await listed({ queue: 'q' }, 'user'); // to users it brings counts
    expect(queue.getSnapshot()).toMatchObject({ isPending: false, error: { code: 'forbidden', message: expect.stringContaining('only jobs of the user') } });
    expect((await listed({ queue: 'q', user: 'me' }, 'user')).ids()).toBe('a');
  });

  it('says that there are older ones, also after a lost connection, until a new view has them all', async () => {
    const server = new FakeServer();
    server.truncated.add('user:alice');
    const client = connectTo(server);
    const list = client.jobs();
    const bobs = client.jobs({ user: 'bob' });
    for (const one of [list, bobs]) one.subscribe(() => {});
    expect(list.getSnapshot().isTruncated).toBe(false);
    await vi.waitFor(() => expect(list.getSnapshot()).toMatchObject({ isPending: false, isTruncated: true }));
    expect(bobs.getSnapshot()).toMatchObject({ isPending: false, isTruncated: false });
    server.truncated.clear();
    server.cut();
    await vi.waitFor(() => expect(client.connection.getSnapshot().isLive).toBe(false));
    await vi.waitFor(() => expect(client.connection.getSnapshot().isLive).toBe(true));
    expect(list.getSnapshot().isTruncated).toBe(true);
    server.tell({ reset: true });
    await vi.waitFor(() => expect(list.getSnapshot()).toMatchObject({ isPending: false, isTruncated: false }));
  });

  it('says so of the telling that it shows, not of one that was left', async () => {
    const server = new FakeServer();
    server.truncated.add('user:alice');
    const list = connectTo(server).jobs();
    const leave = list.subscribe(() => {});
    await vi.waitFor(() => expect(list.getSnapshot().isTruncated).toBe(true));
    server.truncated.clear();
    leave();
    await vi.waitFor(() => expect(server.channels).toEqual([]));
    list.subscribe(() => {});
    await vi.waitFor(() => expect(list.getSnapshot()).toMatchObject({ isPending: false, isTruncated: false }));
  });
});

describe('what is told beside jobs', () => {
  it('queue status, by name and all', async () => {
    const { server, client } = await following();
    const one = client.queueStatus('pdf');
    const all = client.queueStatus();
    const notify = vi.fn();
    one.subscribe(notify);
    all.subscribe(() => {});
    expect(one.getSnapshot()).toEqual([]);
    await vi.waitFor(() => expect(server.channels).toContain('queue:pdf'));
    server.push('queue-status', { queues: [{ queue: 'pdf', waiting: 2, active: 1, averageWait: 1500 }, { queue: 'a', waiting: 0, active: 0 }] });
    expect(one.getSnapshot()).toEqual([{ queue: 'pdf', waiting: 2, active: 1, averageWaitMs: 1500 }]);
    expect(all.getSnapshot().map(({ queue }) => queue)).toEqual(['a', 'pdf']);
    expect(all.getSnapshot()[0]!.averageWaitMs).toBeUndefined();
    expect(one.getSnapshot()).toBe(one.getSnapshot());
    expect(notify).toHaveBeenCalledTimes(1);
    expect(client.queueStatus('pdf')).toBe(one);
  });

  it('system metrics and application messages', async () => {
    const { server, client } = await following();
    const messages: unknown[] = [];
    client.systemMetrics.subscribe(() => {});
    client.onMessage((name, data) => messages.push([name, data]));
    await vi.waitFor(() => expect(server.channels).toContain('admin'));
    server.push('system-metrics', { sessions: 3 });
    server.push('message', { name: 'hello', data: { to: ['you'] } });
    server.push('unheard-of', {});
    expect(client.systemMetrics.getSnapshot()).toEqual({ sessions: 3 });
    expect(messages).toEqual([['hello', { to: ['you'] }]]);
  });

  it('application messages of one name', async () => {
    const { server, client } = await following();
    const heard: unknown[] = [];
    const stop = client.onMessage('hello', (data) => heard.push(data));
    for (const name of ['hello', 'other', 'hello']) server.push('message', { name, data: name.length });
    stop();
    server.push('message', { name: 'hello', data: 'late' });
    expect(heard).toEqual([5, 5]);
  });

  it('while polling: messages, and the estimates of jobs that come with them', async () => {
    const server = new FakeServer();
    server.webSocketWorks = false;
    const client = connectTo(server);
    const heard: unknown[] = [];
    client.onMessage('hello', (data) => heard.push(data));
    await vi.waitFor(() => expect(client.connection.getSnapshot()).toMatchObject({ state: 'polling', isLive: true }));
    server.messages = [{ name: 'hello', data: { to: 'you' } }];
    server.tell({});
    await vi.waitFor(() => expect(heard).toEqual([{ to: 'you' }]));
    server.put({ id: '7' });
    server.estimates = [{ jobId: '7', wait: 500 }];
    const handle = client.job('7');
    handle.subscribe(() => {});
    await vi.waitFor(() => expect(handle.getSnapshot().job?.estimate).toMatchObject({ waitMs: 500 }));
  });
});

describe('a client', () => {
  it('closes for good, twice if need be', async () => {
    const { server, client, handle } = await following();
    const socket = server.live!;
    client.close();
    client.close();
    client.retry();
    expect(socket.closedWith).toBe(1000);
    expect(client.connection.getSnapshot()).toMatchObject({ state: 'closed', reasonCode: 'closed', isLive: false });
    expect(handle.getSnapshot()).toMatchObject({ isStale: true, error: { code: 'closed' } });
  });

  it.each([
    ['the first state', {}, (client: JobwireClient) => client.connection],
    ['the question for a token', { getToken: () => 'token' }, (client: JobwireClient) => client.connection],
    ['polling', { transports: { websocket: false } }, (client: JobwireClient) => client.connection],
    ['a job', {}, (client: JobwireClient) => client.job('1')],
    ['a list', {}, (client: JobwireClient) => client.jobs()],
  ])('may be closed by whoever hears of %s, and does nothing more', async (_, options, heard) => {
    for (const isOnce of [true, false]) {
      const server = new FakeServer();
      server.put({ id: '1', userId: 'alice' });
      const client = connectTo(server, options);
      const states: string[] = [];
      client.connection.subscribe(() => states.push(client.connection.getSnapshot().state));
      const stop = heard(client).subscribe(() => {
        if (isOnce) stop();
        client.close();
      });
      await vi.waitFor(() => expect(client.connection.getSnapshot()).toMatchObject({ state: 'closed', reasonCode: 'closed' }));
      const { length } = states;
      await new Promise((done) => setTimeout(done, 50));
      expect(states).toHaveLength(length);
      expect(server.sockets.filter(({ closedWith, isLive }) => isLive || closedWith === undefined)).toEqual([]);
      await expect(client.cancel('1')).rejects.toMatchObject({ code: 'closed' });
    }
  });

  it('a cancel waits for a core that comes at the second try', async () => {
    const server = new FakeServer();
    server.put({ id: '1' });
    const answers = [
      new Response('<html>', { headers: { 'content-type': 'text/html; charset=utf-8' } }),
      new Response(readFileSync(wasmFile), { headers: { 'content-type': 'application/octet-stream' } }),
    ];
    vi.stubGlobal('fetch', async () => answers.shift());
    const client = connectTo(server, { wasm: 'http://jobs.test/core.wasm' });
    const reasons: string[] = [];
    client.connection.subscribe(() => {
      const { reason, reasonCode } = client.connection.getSnapshot();
      if (reasonCode !== 'load_failed') return;
      reasons.push(reason);
      client.retry();
    });
    await client.cancel('1');
    expect(reasons).toEqual([
      "Jobwire's core.wasm was not found at http://jobs.test/core.wasm (200 text/html; charset=utf-8)",
    ]);
  });

  it('says when its core cannot be loaded, and tries again when told to', async () => {
    const server = new FakeServer();
    const client = connectTo(server, { wasm: new Uint8Array([1, 2, 3]) });
    const handle = client.job('1');
    handle.subscribe(() => {});
    await vi.waitFor(() => expect(client.connection.getSnapshot()).toMatchObject({ state: 'closed', reasonCode: 'load_failed' }));
    expect(handle.getSnapshot().error).toBeInstanceOf(JobwireError);
    client.retry();
    expect(client.connection.getSnapshot().state).toBe('connecting');
    await vi.waitFor(() => expect(client.connection.getSnapshot().state).toBe('closed'));
  });

  it.each([
    ['file:///nowhere/core.wasm', /not found at file:\/\/\/nowhere\/core\.wasm \(.*fetch/],
    ['http://127.0.0.1:1/core.wasm', /not found at http:\/\/127\.0\.0\.1:1\/core\.wasm \(.*fetch/],
  ])('says from where its core could not be had: %s', async (wasm, words) => {
    const client = connectTo(new FakeServer(), { wasm });
    await vi.waitFor(() => expect(client.connection.getSnapshot()).toMatchObject({ reasonCode: 'load_failed', reason: expect.stringMatching(words) }), 5000);
  });

  it('needs a url where there is no page', () => {
    expect(() => connectTo(new FakeServer(), { url: undefined as never })).toThrow(TypeError);
  });
});
