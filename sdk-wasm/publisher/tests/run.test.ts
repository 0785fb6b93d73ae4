import { expect, it } from 'vitest';

import { JobStopped } from '../src/index.js';
import type { RunContext } from '../src/run.js';
import { pending, turn, world } from './support/world.js';

/** Work that is done when told to be. */
function work() {
  const { promise, resolve, reject } = pending<unknown>();
  let context!: RunContext;
  const fn = (given: RunContext): Promise<unknown> => {
    context = given;
    given.signal.addEventListener('abort', () => reject(given.signal.reason as Error));
    return promise;
  };
  return { fn, done: resolve, fail: reject, context: () => context };
}

it('reports the whole life of what it runs, and answers its result', async () => {
  const { server, clock, jobwire } = world();
  const ran = jobwire.job('a').run(
    ({ jobId, progress, log, signal }) => {
      progress(40, 'pages', 'page 2');
      log('a line');
      return { jobId, isAborted: signal.aborted };
    },
    { job: { type: 'pdf', userId: 'alice' }, workerId: 'w' },
  );
  expect(await ran).toEqual({ jobId: 'a', isAborted: false }); // before Jobwire has heard of it
  await clock.advance(50);
  expect(server.events('a')).toMatchObject([
    { type: 'started', job: { type: 'pdf', userId: 'alice' }, workerId: 'w' },
    { type: 'progress', progress: 40, stage: 'pages', message: 'page 2' },
    { type: 'log', message: 'a line' },
    { type: 'completed', result: { jobId: 'a', isAborted: false } },
  ]);
  expect(clock.timers).toBe(0);
});

it('tells what the work throws, and throws it', async () => {
  const { server, clock, jobwire } = world();
  const failure = Object.assign(new Error('no such page'), { code: 'E_PAGE' });
  const job = jobwire.job('a');
  await expect(job.run(() => Promise.reject(failure))).rejects.toBe(failure);
  await expect(
    jobwire.job('b').run(() => {
      throw failure;
    }),
  ).rejects.toBe(failure);
  await clock.advance(50);
  expect(server.events('a')).toMatchObject([{ type: 'started' }, { type: 'failed', error: { message: 'no such page', code: 'E_PAGE' } }]);
  expect(server.types('b')).toEqual(['started', 'failed']);
});

it('aborts the signal when a reply says that a cancel was asked for, and reports the cancel', async () => {
  const { server, clock, jobwire } = world();
  const [a, b] = [work(), work()];
  const ran = jobwire.job('a').run(a.fn);
  const other = jobwire.job('b').run(b.fn);
  await clock.advance(50);
  server.jobs.get('a')!.cancelRequested = true;
  a.context().progress(50);
  b.context().progress(50);
  const stopped = expect(ran).rejects.toMatchObject({ name: 'JobStopped', why: 'cancel-requested', jobId: 'a' });
  await clock.advance(50);
  await stopped;
  expect(b.context().signal.aborted).toBe(false);
  b.done(1);
  expect(await other).toBe(1);
  await clock.advance(50);
  expect(server.types('a')).toEqual(['started', '50', 'cancelled']);
  expect(server.types('b')).toEqual(['started', '50', 'completed']);
});

it('a cancel that came too late changes nothing: the work is done', async () => {
  const { server, clock, jobwire } = world();
  const { promise, resolve } = pending<string>();
  const ran = jobwire.job('a').run(() => promise);
  await clock.advance(50);
  server.jobs.get('a')!.cancelRequested = true;
  await clock.advance(6000);
  resolve('done');
  expect(await ran).toBe('done');
  await clock.advance(50);
  expect(server.types('a')).toEqual(['started', 'completed']);
});

it('hears of a cancel while the work says nothing', async () => {
  const { server, clock, jobwire } = world({ checkMs: 2000 });
  const a = work();
  const ran = jobwire.job('a').run(a.fn);
  const stopped = expect(ran).rejects.toBeInstanceOf(JobStopped);
  await clock.advance(5000);
  server.weather = () => 'lost'; // a question without an answer is no answer
  await clock.advance(5000);
  server.weather = () => 'fine';
  expect(a.context().signal.aborted).toBe(false);
  server.jobs.get('a')!.cancelRequested = true;
  await clock.advance(10_000);
  await stopped;
  await clock.advance(50);
  expect(server.types('a')).toEqual(['started', 'cancelled']);
  expect(clock.timers).toBe(0);
});

it('asks only for who is silent', async () => {
  const { server, clock, jobwire } = world({ checkMs: 2000 });
  const asked = () => server.requests.filter(({ method }) => method === 'GET').length;
  const watch = jobwire.job('a').watch();
  await clock.advance(20_000);
  expect(asked()).toBe(0); // Jobwire has not heard of its work
  for (let n = 0; n < 20; n += 1) {
    void jobwire.job('a').progress(n);
    await clock.advance(1000);
  }
  expect(asked()).toBe(0);
  await clock.advance(4100);
  expect(asked()).toBe(2);
  watch.stop();
  await clock.advance(10_000);
  expect([asked(), clock.timers, watch.signal.aborted]).toEqual([2, 0, false]);
});

it('what is over is not stopped any more', async () => {
  const { server, clock, jobwire } = world();
  const [over, other] = [jobwire.job('a').watch(), jobwire.job('a').watch()];
  void jobwire.job('a').started();
  await clock.advance(50);
  over.stop();
  server.jobs.get('a')!.cancelRequested = true;
  void jobwire.job('a').progress(50);
  await clock.advance(50);
  expect([over.signal.aborted, other.signal.aborted]).toEqual([false, true]);
  expect(clock.timers).toBe(0);
});

it('stops work whose job has ended elsewhere, and reports nothing more of it', async () => {
  const { server, clock, jobwire, told } = world();
  const a = work();
  const ran = jobwire.job('a').run(a.fn);
  const stopped = expect(ran).rejects.toMatchObject({ name: 'JobStopped', why: 'ended' });
  await clock.advance(50);
  server.jobs.get('a')!.status = 'cancelled';
  a.context().progress(50);
  await clock.advance(50);
  await stopped;
  await clock.advance(50);
  expect(server.types('a')).toEqual(['started']);
  expect(told.error).toMatchObject([{ code: 'conflict', type: 'progress' }]);
});

it('takes the end of an attempt before for no end of this one', async () => {
  const { server, clock, jobwire } = world({ checkMs: 1000 });
  void jobwire.job('a').failed('once');
  await clock.advance(50);
  server.weather = () => 'lost';
  void jobwire.job('a').retried();
  const a = work();
  const ran = jobwire.job('a').run(a.fn);
  await clock.advance(3000);
  server.weather = () => 'fine';
  await clock.advance(10_000);
  expect(a.context().signal.aborted).toBe(false);
  a.done('well');
  expect(await ran).toBe('well');
  await clock.advance(50);
  expect(server.types('a')).toEqual(['failed', 'retried', 'started', 'completed']);
});

it('is not touched by an outage: the work is done before Jobwire has heard of anything', async () => {
  const { server, clock, jobwire } = world();
  server.weather = () => 'lost';
  expect(await jobwire.job('a').run(({ progress }) => (progress(10), 'result'))).toBe('result');
  server.weather = () => 'fine';
  await clock.advance(10_000);
  expect(server.types('a')).toEqual(['started', '10', 'completed']);
});

it('what a straggler says after the end is not sent', async () => {
  const { server, clock, jobwire, told } = world();
  let late!: RunContext;
  await jobwire.job('a').run((context) => void (late = context));
  late.progress(99);
  late.log('x');
  await clock.advance(50);
  await turn();
  expect(server.types('a')).toEqual(['started', 'completed']);
  expect(told.error).toEqual([]);
});
