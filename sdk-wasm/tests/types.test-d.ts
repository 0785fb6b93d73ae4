import { connect, defineJob, type Job, type JobwireClient } from '@jobwire/client';
import { useJob, useJobEnd, useJobs, useQueueStatus, type QueueStatus } from '@jobwire/react';
import { expectTypeOf, it } from 'vitest';

interface Pages {
  pages: number;
}
const pdf = defineJob<{ result: Pages; metadata: { title: string } }>('pdf');
const plain = defineJob('plain');
declare const client: JobwireClient;

it('a definition carries its types everywhere', () => {
  expectTypeOf(client.job('1', pdf).finished()).resolves.toEqualTypeOf<Pages>();
  expectTypeOf(client.job('1', pdf).getSnapshot().job!.result).toEqualTypeOf<Pages | undefined>();
  expectTypeOf(client.job('1', pdf).getSnapshot().job!.metadata.title).toEqualTypeOf<string>();
  expectTypeOf(client.jobs({ type: pdf }).getSnapshot().jobs).toEqualTypeOf<readonly Job<Pages, { title: string }>[]>();
  expectTypeOf(useJob('1', pdf).job!.result).toEqualTypeOf<Pages | undefined>();
  expectTypeOf(useJobs({ type: pdf }).jobs[0]!.metadata).toEqualTypeOf<{ title: string }>();
  useJobEnd((job) => expectTypeOf(job.result).toEqualTypeOf<Pages | undefined>(), { type: pdf });
});

it('without one, payloads are unknown', () => {
  expectTypeOf(client.job('1').finished()).resolves.toEqualTypeOf<unknown>();
  expectTypeOf(client.job('1', plain).getSnapshot().job!.result).toEqualTypeOf<unknown>();
  expectTypeOf(client.jobs().getSnapshot().jobs[0]!.metadata).toEqualTypeOf<Record<string, unknown>>();
  expectTypeOf(useJob(undefined).job).toEqualTypeOf<Job | undefined>();
});

it('filters and options know their words', () => {
  client.jobs({ user: 'me', status: ['queued', 'active'], all: true });
  // @ts-expect-error no such status
  client.jobs({ status: 'done' });
  // @ts-expect-error a job does not change under its reader
  client.job('1').getSnapshot().job!.progress = 3;
  // @ts-expect-error seq is the wire's
  void client.job('1').getSnapshot().job!.seq;
  // @ts-expect-error no such option
  connect({ uri: '' });
  expectTypeOf(useQueueStatus('q')).toEqualTypeOf<QueueStatus | undefined>();
  expectTypeOf(useQueueStatus()).toEqualTypeOf<readonly QueueStatus[]>();
  expectTypeOf(client.connection.getSnapshot().state).toEqualTypeOf<'connecting' | 'online' | 'polling' | 'offline' | 'closed'>();
});
