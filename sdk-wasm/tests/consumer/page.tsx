import { connect as connectInline } from '@jobwire/client/inline';
import { connect, defineJob, JobError, JobwireError, JobwireProvider, useConnection, useJob, useJobEnd, useJobs, useNotifications, type Job, type JobFilter } from '@jobwire/react';

const pdf = defineJob<{ result: { pages: number } }>('pdf');
const running: JobFilter = { status: ['queued', 'active'] };

export function Page({ id }: { id: string }) {
  const { job, error, cancel } = useJob(id, pdf);
  const { jobs, isTruncated } = useJobs(running);
  const { state, nextTryAt } = useConnection();
  const { unread, readAll } = useNotifications();
  useJobEnd((ended: Job<{ pages: number }>) => console.log(ended.result?.pages), { type: pdf });
  return (
    <button onClick={() => void cancel('enough').then(readAll)}>
      {job?.result?.pages} {error?.message} {jobs.length} {String(isTruncated)} {state} {nextTryAt} {unread}
    </button>
  );
}

export const app = (
  <JobwireProvider url="/" getToken={() => fetch('/token').then((answer) => answer.text())}>
    <Page id="1" />
  </JobwireProvider>
);
const client = connect({ wasm: new URL('./core.wasm', 'http://localhost') });
export const pages: Promise<number> = client.job('1', pdf).finished({ signal: AbortSignal.timeout(1000) }).then(({ pages }) => pages);
export const codeOf = (error: unknown) => (error instanceof JobwireError || error instanceof JobError ? error.code : undefined);
connectInline({ wasm: new WebAssembly.Module(new Uint8Array()) }).close();
