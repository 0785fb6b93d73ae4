import { afterEach, describe, expect, it, vi } from 'vitest';

import * as compat from '../src/compat.js';
import { EVENTS, Gateway } from '../src/compat.js';
import { type World, world } from './support/world.js';

function gateway(): World & { gateway: Gateway } {
  const made = world();
  return { ...made, gateway: new Gateway(made.jobwire, made.clock.now) };
}
const timestamp = '2025-11-24T16:00:00.000Z'; // the virtual clock's

describe('the jobs gateway', () => {
  it('reports a life in its own words', async () => {
    const { gateway: ws, server, clock } = gateway();
    expect(await ws.emitJobUpdate('j', 'started', { message: 'Job processing started', step: 1, userId: 7 })).toBe(true);
    expect(await ws.emitJobProgress('j', 25, 'Processing step 1')).toBe(true);
    expect(await ws.emitJobUpdate('j', 'warming up')).toBe(true);
    expect(await ws.emitJobUpdate('j', 'counted', [1, 2])).toBe(true);
    expect(await ws.emitJobCompleted('j', { cards: 3 })).toBe(true);
    await clock.advance(50);
    expect(server.events('j')).toMatchObject([
      { type: 'updated', status: 'started', message: 'Job processing started', metadata: { step: 1, userId: 7 }, job: { userId: '7' } },
      { type: 'progress', progress: 25, message: 'Processing step 1' },
      { type: 'updated', status: 'warming up' },
      { type: 'updated', status: 'counted', metadata: { data: [1, 2] } },
      { type: 'completed', result: { cards: 3 } },
    ]);
  });

  it('tells an Error by its message and code', async () => {
    const { gateway: ws, server, clock } = gateway();
    await ws.emitJobError('a', Object.assign(new Error('no text'), { code: 'E_TEXT' }));
    await ws.emitJobError('b', 'just words');
    await ws.emitJobError(5, undefined);
    await clock.advance(50);
    expect(server.events('a')).toMatchObject([{ type: 'failed', error: { message: 'no text', code: 'E_TEXT' } }]);
    expect(server.events('b')).toMatchObject([{ type: 'failed', error: { message: 'just words' } }]);
    expect(server.types('5')).toEqual(['failed']);
  });

  it('a job that starts again after its end is its next attempt, and nobody is alarmed', async () => {
    const { gateway: ws, server, clock, told } = gateway();
    await ws.emitJobUpdate('j', 'started');
    await ws.emitJobError('j', 'once');
    await ws.emitJobUpdate('j', 'started');
    await ws.emitJobCompleted('j', 1);
    await clock.advance(50);
    expect(server.types('j')).toEqual(['updated', 'failed', 'retried', 'updated', 'completed']);
    expect(told.error).toEqual([]);
  });

  it('answers at once while Jobwire is away, and waits for nothing', async () => {
    const { gateway: ws, server, clock } = gateway();
    server.weather = () => 'lost';
    expect(await ws.emitJobUpdate('j', 'started')).toBe(true);
    expect(await ws.emitJobCompleted('j', 1)).toBe(true);
    server.weather = () => 'fine';
    await clock.advance(10_000);
    expect(server.types('j')).toEqual(['updated', 'completed']);
  });

  it('tells the history as it was told to the page, newest first', async () => {
    const { gateway: ws, clock, jobwire } = gateway();
    await ws.emitJobUpdate('j', 'started', { message: 'go', step: 1 });
    await ws.emitJobUpdate('j', 'counted', [1, 2]);
    await ws.emitJobProgress('j', 25, 'Step 1');
    void jobwire.job('j').progress(30, 'pages');
    await ws.emitJobError('j', new Error('no text'));
    void jobwire.job('j').retried();
    void jobwire.job('j').cancelled('changed my mind');
    void jobwire.job('j').retried();
    await ws.emitJobCompleted('j', { cards: 3 });
    await clock.advance(50);
    const asked = ws.getJobHistory('j');
    const two = ws.getJobHistory('j', 2);
    const none = ws.getJobHistory('unknown');
    await clock.advance(50);
    const history = await asked;
    expect(history.map(({ timestamp: at }) => at)).toEqual(history.map((_, n) => new Date(1000 + history.length - 1 - n).toISOString()));
    expect(history.map(({ timestamp: _, ...update }) => update)).toEqual(
      [
        { jobId: 'j', status: 'started', data: { message: 'go', step: 1 } },
        { jobId: 'j', status: 'counted', data: [1, 2] },
        { jobId: 'j', status: 'in_progress', progress: 25, message: 'Step 1' },
        { jobId: 'j', status: 'in_progress', progress: 30, message: 'pages' },
        { jobId: 'j', status: 'failed', error: 'no text' },
        { jobId: 'j', status: 'queued', data: {} },
        { jobId: 'j', status: 'failed', error: 'Cancelled: changed my mind' },
        { jobId: 'j', status: 'queued', data: {} },
        { jobId: 'j', status: 'completed', result: { cards: 3 } },
      ].reverse(),
    );
    expect(await two).toEqual(history.slice(0, 2));
    expect(await none).toEqual([]);
  });

  it('broadcasts, and speaks to users, with a timestamp', async () => {
    const { gateway: ws, server, clock } = gateway();
    expect(ws.broadcastToAll('maintenance', { at: 5 })).toBe(true);
    expect(ws.emitToUser('alice', 'invoice', { n: 1, timestamp: 'mine' })).toBe(true);
    expect(ws.emitToUser(7, 'plain', 'text')).toBe(true);
    await clock.advance(50);
    expect(server.messages).toMatchObject([
      { path: '/broadcast', name: 'maintenance', data: { at: 5, timestamp } },
      { path: '/users/alice/messages', name: 'invoice', data: { n: 1, timestamp: 'mine' } },
      { path: '/users/7/messages', name: 'plain', data: 'text' },
    ]);
  });
});

describe('emitToRoom', () => {
  it('makes analysis events of an interview its job\'s', async () => {
    const { gateway: ws, server, clock, told } = gateway();
    expect(ws.emitToRoom('alice', EVENTS.ANALYSIS_STARTED, { interviewId: 'i1', message: 'Analysis started', status: 'processing' })).toBe(true);
    expect(ws.emitToRoom('alice', EVENTS.ANALYSIS_COMPLETED, { interviewId: 'i1', message: 'Analysis completed!', status: 'success', result: { score: 4 } })).toBe(true);
    expect(ws.emitToRoom('alice', EVENTS.ANALYSIS_STARTED, { interviewId: 'i1' })).toBe(true);
    expect(ws.emitToRoom('alice', EVENTS.ANALYSIS_FAILED, { interviewId: 'i1', error: 'no sound' })).toBe(true);
    await clock.advance(50);
    const job = { userId: 'alice', ref: 'interview:i1' };
    expect(server.events('i1')).toMatchObject([
      { type: 'started', message: 'Analysis started', metadata: { status: 'processing' }, job },
      { type: 'completed', message: 'Analysis completed!', metadata: { status: 'success' }, result: { score: 4 }, job },
      { type: 'retried' },
      { type: 'started', job },
      { type: 'failed', error: { message: 'no sound' }, job },
    ]);
    expect(told.error).toEqual([]);
  });

  it('knows a job by its own id, and other kinds of things', async () => {
    const { gateway: ws, server, clock } = gateway();
    ws.emitToRoom('alice', EVENTS.ANALYSIS_STARTED, { jobId: 'j', videoId: 9 });
    ws.emitToRoom('alice', EVENTS.ANALYSIS_FAILED, { fileId: 'f', message: 'Analysis failed' });
    await clock.advance(50);
    expect(server.events('j')).toMatchObject([{ type: 'started', job: { userId: 'alice', ref: 'video:9' } }]);
    expect(server.events('f')).toMatchObject([{ type: 'failed', error: { message: 'Analysis failed' }, message: 'Analysis failed' }]);
  });

  it('sends what is about no job, and every other event, as a message', async () => {
    const { gateway: ws, server, clock } = gateway();
    expect(ws.emitToRoom('alice', EVENTS.ANALYSIS_STARTED, { message: 'something' })).toBe(true);
    expect(ws.emitToRoom('alice', EVENTS.ANALYSIS_STARTED)).toBe(true);
    expect(ws.emitToRoom('alice', 'chat', { text: 'hi' })).toBe(true);
    await clock.advance(50);
    expect(server.messages.map(({ name, data }) => [name, data])).toEqual([
      ['analysis:started', { message: 'something', timestamp }],
      ['analysis:started', null],
      ['chat', { text: 'hi', timestamp }],
    ]);
    expect(server.jobs.size).toBe(0);
  });
});

describe('the free functions', () => {
  afterEach(async () => {
    await compat.shutdownWebSocket({ timeoutMs: 0 });
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('have the names that there were', () => {
    expect(Object.keys(compat).sort()).toEqual(
      ['EVENTS', 'Gateway', 'broadcastToAll', 'emitJobCompleted', 'emitJobError', 'emitJobProgress', 'emitJobUpdate', 'emitToRoom', 'emitToUser', 'getConnectionStats', 'getJobHistory', 'initializeWebSocket', 'shutdownWebSocket'].sort(),
    );
    expect(EVENTS).toEqual({ ANALYSIS_STARTED: 'analysis:started', ANALYSIS_COMPLETED: 'analysis:completed', ANALYSIS_FAILED: 'analysis:failed' });
  });

  it('speak for the one that was initialised, until it is shut down', async () => {
    const log = vi.fn();
    const made = compat.initializeWebSocket({ url: 'http://127.0.0.1:1', key: 'k', log });
    expect(compat.initializeWebSocket()).toBe(made);
    expect(compat.emitToRoom('alice', 'chat', {})).toBe(true);
    expect(await compat.shutdownWebSocket({ timeoutMs: 0 })).toBe(false);
    expect(log).toHaveBeenCalled();
    expect([made.emitToUser('a', 'b'), await made.emitJobUpdate('a', 'started'), await made.emitJobProgress('a', 5)]).toEqual([false, false, false]);
    expect(await compat.shutdownWebSocket()).toBe(true);
  });

  it('take a server as before, and the rest from the environment', () => {
    vi.stubEnv('JOBWIRE_URL', 'http://127.0.0.1:1');
    vi.stubEnv('JOBWIRE_SECRET', 'a secret');
    const server = { listen: () => {} };
    expect(compat.initializeWebSocket(server)).toBeInstanceOf(Gateway);
    expect(server).toEqual({ listen: expect.any(Function) });
  });

  it('without a key say so, answer false, and throw nothing', async () => {
    vi.stubEnv('JOBWIRE_KEY', '');
    vi.stubEnv('JOBWIRE_SECRET', '');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const answers = [
      compat.emitToRoom('a', EVENTS.ANALYSIS_STARTED, { jobId: 'j' }),
      compat.emitToUser('a', 'b'),
      compat.broadcastToAll('b'),
      await compat.emitJobUpdate('j', 'started'),
      await compat.emitJobProgress('j', 1),
      await compat.emitJobCompleted('j'),
      await compat.emitJobError('j', 'x'),
    ];
    expect(answers).toEqual(Array(7).fill(false));
    expect(warn).toHaveBeenCalledTimes(7);
    await expect(compat.getJobHistory('j')).rejects.toMatchObject({ field: 'key' });
    await expect(compat.getConnectionStats()).rejects.toMatchObject({ field: 'key' });
  });
});
