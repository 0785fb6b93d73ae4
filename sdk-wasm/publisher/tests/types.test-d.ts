import { expectTypeOf, it } from 'vitest';

import { EVENTS, type Gateway } from '../src/compat.js';
import { Jobwire, type JobReporter, type JobState, JobwireError, type Receipt, type StoredEvent } from '../src/index.js';

declare const jobwire: Jobwire;
declare const gateway: Gateway;

it('a run answers what its work does', () => {
  expectTypeOf(jobwire.job('1').run(() => ({ pages: 3 }))).resolves.toEqualTypeOf<{ pages: number }>();
  expectTypeOf(jobwire.job('1').run(async ({ progress, signal, log }) => (progress(4, 'pages'), log('x'), signal.aborted))).resolves.toEqualTypeOf<boolean>();
});

it('reports answer receipts, questions what was asked', () => {
  expectTypeOf(jobwire.job('1').started()).resolves.toEqualTypeOf<Receipt>();
  expectTypeOf(jobwire.user('a').send('name', 5)).resolves.toEqualTypeOf<Receipt>();
  expectTypeOf(jobwire.create({ type: 'pdf' })).resolves.toEqualTypeOf<JobReporter>();
  expectTypeOf(jobwire.history('1', 5)).resolves.toEqualTypeOf<StoredEvent[]>();
  expectTypeOf(jobwire.job('1').state()).resolves.toEqualTypeOf<JobState | undefined>();
  expectTypeOf(jobwire.tokenFor({ user: 'a', expiresIn: '10m' })).toEqualTypeOf<string>();
  jobwire.on('error', (error) => expectTypeOf(error).toEqualTypeOf<JobwireError>());
  jobwire.on('dropped', ({ reason }) => expectTypeOf(reason).toEqualTypeOf<'full' | 'closed'>());
});

it('the old names answer as they did', () => {
  expectTypeOf(gateway.emitToRoom('a', EVENTS.ANALYSIS_FAILED, {})).toEqualTypeOf<boolean>();
  expectTypeOf(gateway.emitJobUpdate('a', 'started')).resolves.toEqualTypeOf<boolean>();
  expectTypeOf(gateway.getConnectionStats()).resolves.toEqualTypeOf<{ connected: number; timestamp: string }>();
});

it('knows the words', () => {
  // @ts-expect-error a job has a type
  void jobwire.create({ userId: 'a' });
  // @ts-expect-error no such unit
  jobwire.tokenFor({ user: 'a', expiresIn: '2w' });
  // @ts-expect-error no such event
  jobwire.on('close', () => {});
  // @ts-expect-error no such type
  void jobwire.report({ type: 'done', jobId: '1' });
  // @ts-expect-error where?
  new Jobwire({ key: 'k' });
});
