/** A job's whole life around a function. */
import type { Desk, Stop } from './desk.js';
import { JobStopped } from './errors.js';
import type { JobReporter } from './job.js';
import type { Fields, Receipt } from './types.js';

export interface RunContext {
  readonly jobId: string;
  /** Aborts when nobody waits for the work any longer; its reason is a `JobStopped`. */
  readonly signal: AbortSignal;
  progress(percent: number | undefined, stage?: string, more?: string | Fields): void;
  log(message: string, fields?: Fields): void;
}

export async function runJob<R>(
  job: JobReporter,
  desk: Desk,
  checkMs: number,
  work: (context: RunContext) => R | Promise<R>,
  fields: Fields & { readonly workerId?: string | undefined },
): Promise<R> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let isOver = false;
  const stopWatching = watchClosely(job, desk, checkMs, job.started(fields), (why) => {
    if (!isOver) stopping.abort(new JobStopped(job.id, why));
  });
  try {
    const result = await work({
      jobId: job.id,
      signal,
      // What a straggler still says when the work is over would only be refused.
      progress: (...said) => void (isOver || job.progress(...said)),
      log: (...said) => void (isOver || job.log(...said)),
    });
    if (!hasEnded(signal)) void job.completed(result);
    return result;
  } catch (error) {
    if (!signal.aborted) void job.failed(error);
    else if (!hasEnded(signal)) void job.cancelled();
    throw error;
  } finally {
    isOver = true;
    stopWatching();
  }
}

const hasEnded = ({ reason }: AbortSignal): boolean => reason instanceof JobStopped && reason.why === 'ended';

/**
 * Verdicts tell of a cancel; a job that says nothing gets none, so it is asked for whenever it was silent for `checkMs`.
 * It is not asked for before Jobwire knows that it has started: until then its state is that of another attempt.
 */
function watchClosely(job: JobReporter, desk: Desk, checkMs: number, started: Promise<Receipt>, stop: (why: Stop) => void): () => void {
  let cancelWait = (): void => {};
  let isOver = false;
  const unwatch = desk.watch(job.id, stop);
  const wait = (): void => {
    if (isOver || desk.isClosed) return;
    cancelWait = desk.clock.after(checkMs, () => void check().then(wait), 'idle');
  };
  const check = async (): Promise<void> => {
    const state = await job.state().catch(() => undefined);
    if (isOver || !state) return;
    if (['completed', 'failed', 'cancelled'].includes(state.status)) stop('ended');
    else if (state.cancelRequestedAt !== undefined) stop('cancel-requested');
  };
  void started.then(({ status }) => {
    if (status === 'accepted') wait();
  });
  return () => {
    isOver = true;
    cancelWait();
    unwatch();
  };
}
