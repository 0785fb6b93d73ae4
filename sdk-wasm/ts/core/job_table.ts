import { kept } from './followed.js';
import { Changed, JobView, readJob } from './job_view.js';
import type { PackedReader } from './packed.js';

/** As the server tells one (PROTOCOL.md, `estimates`). */
export interface ToldEstimate {
  jobId: string;
  queuePosition?: number;
  wait?: number;
  remaining?: number;
  learning?: boolean;
  silent?: number;
}

export interface JobRow {
  view: JobView;
  /** The core doubts what it knows, and has asked. */
  isStale: boolean;
}

export interface TableChanges {
  /** How many jobs are new, different or gone. */
  changed: number;
  removed: readonly string[];
  /** Ended while being followed, each attempt once. */
  ended: readonly JobView[];
}

/** All jobs that the core knows, as views. */
export class JobTable {
  #rows = new Map<string, JobRow>();
  // By the core's slot: a job's own until its removal is told.
  #slots: (JobRow | undefined)[] = [];
  #sorted: JobRow[] | undefined;
  #estimates: readonly ToldEstimate[] = [];

  find(id: string): JobRow | undefined {
    return this.#rows.get(id);
  }

  /** Newest first, by creation. */
  sorted(): readonly JobRow[] {
    this.#sorted ??= [...this.#rows.values()].sort(
      (a, b) => b.view.createdAt - a.view.createdAt || (a.view.id < b.view.id ? -1 : 1),
    );
    return this.#sorted;
  }

  /** Shown with the next fold: the jobs themselves may have come in the same message. */
  estimate(told: readonly ToldEstimate[]): void {
    this.#estimates = [...this.#estimates, ...told];
  }

  /** Takes in everything that the reader holds, and the estimates that were told meanwhile. */
  fold(from: PackedReader): TableChanges {
    const removed: string[] = [];
    const ended: JobView[] = [];
    let changed = 0;
    for (; !from.done; changed++) {
      const slot = from.number();
      const fields = from.number();
      const row = (this.#slots[slot] ??= {} as JobRow);
      const last: JobView | undefined = row.view;
      if (fields & Changed.removed) {
        this.#slots[slot] = this.#sorted = undefined;
        this.#rows.delete(last.id);
        removed.push(last.id);
        continue;
      }
      row.view = readJob(from, fields, last);
      row.isStale = (fields & Changed.stale) !== 0;
      if (!last) this.#rows.set(row.view.id, row);
      if (last?.createdAt !== row.view.createdAt) this.#sorted = undefined;
      if (fields & Changed.ended) ended.push(row.view);
    }
    this.#foldEstimates();
    return { changed, removed, ended };
  }

  #foldEstimates(): void {
    for (const { jobId, queuePosition, wait, remaining, learning = false, silent } of this.#estimates) {
      const row = this.#rows.get(jobId);
      if (!row || row.view.isFinished) continue;
      const last = row.view.estimate;
      const estimate = kept(last, { queuePosition, waitMs: wait, remainingMs: remaining, learning, silentMs: silent });
      if (estimate === last) continue;
      row.view = new JobView(jobId, row.view);
      row.view.estimate = estimate;
    }
    this.#estimates = [];
  }
}
