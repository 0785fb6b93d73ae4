import type { Desk } from './desk.js';
import { failureOf, percentOf } from './reports.js';
import { type RunContext, type RunFields, runJob } from './run.js';
import type { Fields, JobEvent, JobState, Receipt } from './types.js';
import { type Watch, watchJob } from './watch.js';

/**
 * The voice of one job. Nothing here throws or has to be awaited: reports are kept, sent in order and repeated until
 * Jobwire has them; what is refused is told by the publisher's `error` event and by the receipt.
 */
export class JobReporter {
  readonly id: string;
  readonly #desk: Desk;
  readonly #checkMs: number;

  /** @internal */
  constructor(id: string, desk: Desk, checkMs: number) {
    this.id = id;
    this.#desk = desk;
    this.#checkMs = checkMs;
  }

  started(fields: Fields & { readonly progress?: number | undefined; readonly workerId?: string | undefined } = {}): Promise<Receipt> {
    return this.#say('started', { ...fields, progress: percentOf(fields.progress) });
  }

  /**
   * `percent`: 0 to 100; left out (`undefined`) where a stage plan knows it by the stage. Never goes back on the page.
   * While Jobwire is away a newer one takes the place of an older one of the same stage.
   */
  progress(percent: number | undefined, stage?: string, more?: string | Fields): Promise<Receipt> {
    const fields = typeof more === 'string' ? { message: more } : more;
    return this.#say('progress', { ...fields, stage: stage ?? fields?.stage, progress: percentOf(percent) });
  }

  log(message: string, fields: Fields = {}): Promise<Receipt> {
    return this.#say('log', { ...fields, message });
  }

  /** A status in free words; common ones (`running`, `done`) move the job, as in PROTOCOL.md. */
  updated(status?: string, fields: Fields & { readonly progress?: number | undefined } = {}): Promise<Receipt> {
    return this.#say('updated', { ...fields, status, progress: percentOf(fields.progress) });
  }

  /** `result` may be anything that JSON can hold. One that Jobwire refuses (64 KiB by default) is left out, and told as an error. */
  completed(result?: unknown, fields: Fields = {}): Promise<Receipt> {
    return this.#say('completed', { ...fields, result });
  }

  /** `error`: whatever was thrown. Its `message` and `code` are told. */
  failed(error: unknown, fields: Fields = {}): Promise<Receipt> {
    return this.#say('failed', { ...fields, error: failureOf(error) });
  }

  cancelled(reason?: string, fields: Fields = {}): Promise<Receipt> {
    return this.#say('cancelled', { ...fields, reason });
  }

  /** An ended job's next attempt. */
  retried(fields: Fields = {}): Promise<Receipt> {
    return this.#say('retried', fields);
  }

  /**
   * Does the work and reports its whole life: started, then completed with what it returns, or failed with what it
   * throws, or cancelled. `signal` aborts (with a `JobStopped`) when somebody asks for a cancel, and when the job has ended
   * elsewhere. Answers and throws what the work does; Jobwire being away changes nothing about that.
   */
  run<R>(work: (context: RunContext) => R | Promise<R>, fields: RunFields = {}): Promise<R> {
    return runJob(this, work, fields);
  }

  /** What `run` watches the job with, for work that is no function. To be stopped when the work is over. */
  watch(): Watch {
    return watchJob(this, this.#desk, this.#checkMs);
  }

  /** As Jobwire knows it; undefined where there is no such job. Rejects with a `JobwireError`. */
  async state(): Promise<JobState | undefined> {
    try {
      return (await this.#desk.ask(`/jobs/${encodeURIComponent(this.id)}`)) as JobState;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'not_found' || code === 'gone') return undefined;
      throw error;
    }
  }

  #say(type: JobEvent['type'], fields: Omit<JobEvent, 'type' | 'jobId'>): Promise<Receipt> {
    return this.#desk.report({ ...fields, type, jobId: this.id });
  }
}
