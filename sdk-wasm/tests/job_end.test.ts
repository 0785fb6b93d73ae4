// How jobs end: what one waits for, what is cancelled, what everybody is told of.
import { JobError, JobwireError, type Job } from '@jobwire/client';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeClients, connectTo, FakeServer } from './support/fake_server.js';
import { following } from './support/following.js';

afterEach(() => {
  closeClients();
  vi.unstubAllGlobals();
});

describe('finished()', () => {
  it('resolves with the result', async () => {
    const { server, handle } = await following();
    const finished = handle.finished();
    server.event('1', { type: 'completed', result: { pages: 3 } }, { status: 'completed', progress: 100, result: { pages: 3 } });
    expect(await finished).toEqual({ pages: 3 });
  });

  it('rejects with the job\'s error, with what was said at its cancel, and when it is removed', async () => {
    const { server, client } = await following('1');
    for (const id of ['2', '3']) server.put({ id });
    const failed = client.job('1').finished();
    const cancelled = client.job('2').finished();
    const removed = client.job('3').finished();
    const settled = Promise.allSettled([failed, cancelled, removed]);
    await vi.waitFor(() => expect(server.channels).toHaveLength(3));
    server.event('1', { type: 'failed', error: { message: 'no such page', code: 'E_PAGE' } });
    server.event('2', { type: 'cancelled', reason: 'changed my mind' });
    await new Promise((done) => setTimeout(done, 30));
    server.remove('3');
    await settled;
    await expect(failed).rejects.toEqual(new JobError('1', 'failed', 'no such page', 'E_PAGE'));
    await expect(failed).rejects.toMatchObject({ name: 'JobError', status: 'failed', code: 'E_PAGE', jobId: '1' });
    await expect(cancelled).rejects.toMatchObject({ name: 'JobError', status: 'cancelled', message: 'changed my mind' });
    await expect(removed).rejects.toMatchObject({ name: 'JobwireError', code: 'gone' });
  });

  it('ends with its signal, and follows no longer', async () => {
    const server = new FakeServer();
    const client = connectTo(server);
    const abort = new AbortController();
    const finished = client.job('1').finished({ signal: abort.signal });
    await vi.waitFor(() => expect(server.channels).toEqual(['job:1']));
    abort.abort(new Error('enough'));
    await expect(finished).rejects.toThrow('enough');
    await expect(client.job('1').finished({ signal: abort.signal })).rejects.toThrow('enough');
    await vi.waitFor(() => expect(server.channels).toEqual([]));
  });

  it('ends with the client', async () => {
    const client = connectTo(new FakeServer());
    const finished = client.job('1').finished();
    client.close();
    await expect(finished).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('cancel', () => {
  it('resolves when the server has taken it', async () => {
    const { server, handle } = await following();
    await handle.cancel('changed my mind');
    expect(server.live!.received.at(-1)).toMatchObject({ event: 'cancel', data: { jobId: '1', reason: 'changed my mind' } });
    server.event('1', { type: 'cancel-requested', reason: 'changed my mind' });
    await vi.waitFor(() => expect(handle.getSnapshot().job?.isCancelling).toBe(true));
  });

  it('rejects with the server\'s reason', async () => {
    const { server, client } = await following();
    server.cancelError = { code: 'conflict', message: 'it has ended' };
    await expect(client.cancel('1')).rejects.toEqual(new JobwireError('conflict', 'it has ended'));
  });

  it('goes over HTTP where there is no socket', async () => {
    const server = new FakeServer();
    server.webSocketWorks = false;
    const client = connectTo(server, { token: 't' });
    client.job('a/b').subscribe(() => {});
    await vi.waitFor(() => expect(client.connection.getSnapshot().state).toBe('polling'));
    await client.cancel('a/b', 'why');
    expect(server.requests.find(({ path }) => path.endsWith('/cancel'))).toEqual({
      path: '/base/api/v1/jobs/a%2Fb/cancel', body: { reason: 'why' }, authorization: 'Bearer t',
    });
    server.cancelError = { code: 'conflict', message: 'it has ended' };
    await expect(client.cancel('a/b')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('waits for the connection, and not for ever', async () => {
    const server = new FakeServer();
    const client = connectTo(server);
    await client.cancel('1'); // asked before anything was loaded
    server.webSocketWorks = server.httpWorks = false;
    const lost = connectTo(server, { timing: { commandTimeoutMs: 60 } });
    await expect(lost.cancel('1')).rejects.toMatchObject({ code: 'unavailable' });
    const closed = lost.cancel('1');
    const early = connectTo(server);
    const neverLoaded = early.cancel('1');
    early.close();
    await expect(neverLoaded).rejects.toMatchObject({ code: 'closed' });
    lost.close();
    await expect(closed).rejects.toMatchObject({ code: 'closed' });
    await expect(lost.cancel('1')).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('onEnd', () => {
  it('tells once per attempt of what ended while it was followed', async () => {
    const { server, client } = await following();
    const ended: string[] = [];
    client.onEnd((job: Job) => ended.push(`${job.id} ${job.status} ${job.attempt}`));
    server.event('1', { type: 'failed', error: 'x' }, { status: 'failed' });
    await vi.waitFor(() => expect(ended).toEqual(['1 failed 1']));
    server.event('1', { type: 'retried' }, { status: 'queued', attempt: 2 });
    server.event('1', { type: 'completed' }, { status: 'completed', attempt: 2 });
    await vi.waitFor(() => expect(ended).toEqual(['1 failed 1', '1 completed 2']));
    server.cut();
    await vi.waitFor(() => expect(server.live).toBeDefined());
    await new Promise((done) => setTimeout(done, 50));
    expect(ended).toHaveLength(2);
  });

  it('tells, on return, of what ended while the connection was lost', async () => {
    const { server, client } = await following();
    const ended = vi.fn();
    client.onEnd(ended);
    server.webSocketWorks = server.httpWorks = false;
    server.cut();
    server.put({ id: '1', status: 'completed' });
    server.webSocketWorks = server.httpWorks = true;
    await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(1));
  });

  it('does not tell of what had ended before: a reload stays quiet', async () => {
    const { client, handle } = await following('1', undefined, { status: 'completed' });
    const ended = vi.fn();
    client.onEnd(ended);
    await new Promise((done) => setTimeout(done, 50));
    expect(handle.getSnapshot().job!.isFinished).toBe(true);
    expect(ended).not.toHaveBeenCalled();
  });

  it('one listener\'s error does not keep the others from being told', async () => {
    const { server, client } = await following();
    const reported = vi.fn();
    vi.stubGlobal('queueMicrotask', (run: () => void) => {
      try {
        run();
      } catch (error) {
        reported(error);
      }
    });
    const ended = vi.fn();
    client.onEnd(() => {
      throw new Error('listener');
    });
    client.onEnd(ended);
    server.event('1', { type: 'completed' }, { status: 'completed' });
    await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(1));
    expect(reported).toHaveBeenCalledExactlyOnceWith(new Error('listener'));
  });
});
