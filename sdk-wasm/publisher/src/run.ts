/** A job's whole life around a function. */
import { JobStopped } from './errors.js';
import type { JobReporter } from './job.js';
import type { Fields } from './types.js';

export interface RunContext {
  readonly jobId: string;
  /** Aborts when nobody waits for the work any longer; its reason is a `JobStopped`. */
  readonly signal: AbortSignal;
  progress(percent: number | undefined, stage?: string, more?: string | Fields): void;
  log(message: string, fields?: Fields): void;
}

export type RunFields = Fields & { readonly workerId?: string | undefined };

export async function runJob<R>(job: JobReporter, work: (context: RunContext) => R | Promise<R>, fields: RunFields): Promise<R> {
  const { signal, stop } = job.watch();
  let isOver = false;
  const over = (): void => {
    isOver = true;
    stop();
  };
  void job.started(fields);
  try {
    const result = await work({
      jobId: job.id,
      signal,
      // What a straggler still says when the work is over would only be refused.
      progress: (...said) => void (isOver || job.progress(...said)),
      log: (...said) => void (isOver || job.log(...said)),
    });
    over();
    if (!hasEnded(signal)) void job.completed(result);
    return result;
  } catch (error) {
    over();
    if (!signal.aborted) void job.failed(error);
    else if (!hasEnded(signal)) void job.cancelled();
    throw error;
  }
}

const hasEnded = ({ reason }: AbortSignal): boolean => reason instanceof JobStopped && reason.why === 'ended';
