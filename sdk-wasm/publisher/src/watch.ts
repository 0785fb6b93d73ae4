/** Whether anybody still waits for a job's work. */
import type { Desk } from './desk.js';
import { JobStopped } from './errors.js';
import type { JobReporter } from './job.js';

export interface Watch {
  /** Aborts when somebody asks for a cancel, and when the job has ended elsewhere; its reason is a `JobStopped`. */
  readonly signal: AbortSignal;
  /** The work is over: the signal does not abort any more. */
  stop(): void;
}

/**
 * Every reply tells of a cancel; a job that says nothing gets none, so it is asked for whenever it was silent for `checkMs`.
 * Not before a report of its work was taken, though: until then what Jobwire knows may be the end of the attempt before.
 */
export function watchJob(job: JobReporter, desk: Desk, checkMs: number): Watch {
  const stopping = new AbortController();
  let cancelWait: (() => void) | undefined;
  let heardAt = 0;
  let isOver = false;

  const wait = (ms: number): void => {
    if (!isOver && !desk.isClosed) cancelWait = desk.clock.after(ms, () => void check(), 'idle');
  };
  const check = async (): Promise<void> => {
    const silent = desk.clock.now() - heardAt;
    if (silent < checkMs) return wait(checkMs - silent);
    const state = await job.state().catch(() => undefined);
    if (state && ['completed', 'failed', 'cancelled'].includes(state.status)) stop('ended');
    else if (state?.cancelRequestedAt !== undefined) stop('cancel-requested');
    wait(checkMs);
  };
  const unwatch = desk.watch(job.id, (news) => {
    if (news !== 'taken') return stop(news);
    heardAt = desk.clock.now();
    if (!cancelWait) wait(checkMs);
  });
  const end = (): void => {
    isOver = true;
    cancelWait?.();
    unwatch();
  };
  const stop = (why: 'cancel-requested' | 'ended'): void => {
    if (isOver) return;
    end();
    stopping.abort(new JobStopped(job.id, why));
  };
  return { signal: stopping.signal, stop: end };
}
