import type { Jobwire } from './jobwire.js';
import { analysisOf, beginsAgain, isAnalysis, type JobUpdate, stamped, updateFrom, updateOf } from './old_words.js';
import type { JobEvent } from './types.js';

/** Many have numbers. */
export type Id = string | number;

/**
 * The methods of the gateways that were here before, on top of a `Jobwire`. They answer at once: `true` means that
 * the publisher has taken it and will see to its delivery. Nothing that goes wrong reaches the caller.
 */
export class Gateway {
  readonly #jobwire: Jobwire;
  readonly #now: () => number;
  #isOpen = true;

  constructor(jobwire: Jobwire, now: () => number = Date.now) {
    this.#jobwire = jobwire;
    this.#now = now;
  }

  /** `job:update`. Common words (`started`, `running`, `done`) move the job; other text is shown as it is. */
  async emitJobUpdate(jobId: Id, status: string, data?: unknown): Promise<boolean> {
    const id = String(jobId);
    if (beginsAgain(String(status))) this.#beginAgain(id);
    return this.#take(updateOf(id, String(status), data));
  }

  /** `job:progress`. */
  async emitJobProgress(jobId: Id, progress: number, message?: string): Promise<boolean> {
    if (this.#isOpen) void this.#jobwire.job(String(jobId)).progress(progress, undefined, { message });
    return this.#isOpen;
  }

  /** `job:completed`. */
  async emitJobCompleted(jobId: Id, result?: unknown): Promise<boolean> {
    if (this.#isOpen) void this.#jobwire.job(String(jobId)).completed(result);
    return this.#isOpen;
  }

  /** `job:error`. `error`: an `Error` (its message and code are told), a text, or whatever was thrown. */
  async emitJobError(jobId: Id, error: unknown): Promise<boolean> {
    if (this.#isOpen) void this.#jobwire.job(String(jobId)).failed(error);
    return this.#isOpen;
  }

  /** What the job's page was told, newest first; 100 at most. Empty for a job that is not known. Rejects where Jobwire is away. */
  async getJobHistory(jobId: Id, limit = 100): Promise<JobUpdate[]> {
    const most = Math.min(100, Math.max(1, Math.trunc(limit) || 100));
    const events = await this.#jobwire.history(String(jobId)).catch((error: { code?: string }) => {
      if (error.code === 'not_found' || error.code === 'gone') return [];
      throw error;
    });
    return events.flatMap((event) => updateFrom(event) ?? []).reverse().slice(0, most);
  }

  /** To every connected client. */
  broadcastToAll(event: string, data?: unknown): boolean {
    if (this.#isOpen) void this.#jobwire.broadcast(event, stamped(data, this.#now()));
    return this.#isOpen;
  }

  /** To all pages of a user. */
  emitToUser(userId: Id, event: string, data?: unknown): boolean {
    if (this.#isOpen) void this.#jobwire.user(String(userId)).send(event, stamped(data, this.#now()));
    return this.#isOpen;
  }

  /**
   * To all pages of a user. An event of `EVENTS` whose payload names what it is about (`jobId`, or `interviewId`, `videoId`,
   * `fileId`) is kept as that job's: who was away learns of it later. Any other is a message to whoever is there.
   */
  emitToRoom(userId: Id, event: string, payload?: unknown): boolean {
    const job = isAnalysis(event) ? analysisOf(String(userId), event, payload) : undefined;
    if (!job) return this.emitToUser(userId, event, payload);
    if (job.type === 'started') this.#beginAgain(job.jobId);
    return this.#take(job);
  }

  /** Rejects where Jobwire is away. */
  async getConnectionStats(): Promise<{ connected: number; timestamp: string }> {
    const { sessions, polls } = await this.#jobwire.stats();
    return { connected: numberOf(sessions) + numberOf(polls), timestamp: new Date(this.#now()).toISOString() };
  }

  /** Delivers what is under way and ends; true if all of it was. */
  shutdown(options?: { timeoutMs?: number }): Promise<boolean> {
    this.#isOpen = false;
    return this.#jobwire.close(options);
  }

  /** The same id again after its end is its next attempt; one that has not ended, or is not there, refuses that, as it should. */
  #beginAgain(jobId: string): void {
    if (this.#isOpen) void this.#jobwire.reportExpecting({ type: 'retried', jobId }, ['conflict', 'not_found']);
  }

  #take(event: JobEvent): boolean {
    if (this.#isOpen) void this.#jobwire.report(event);
    return this.#isOpen;
  }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

