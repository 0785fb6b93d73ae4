import { kept } from './followed.js';
import { Changed, JobView, readJob } from './job_view.js';
import type { PackedReader } from './packed.js';
import type { JobEstimate } from './types.js';

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
  #estimates = new Map<string, JobEstimate>();

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
    for (const { jobId, queuePosition, wait, remaining, learning = false, silent } of told) {
      this.#estimates.set(jobId, { queuePosition, waitMs: wait, remainingMs: remaining, learning, silentMs: silent });
    }
  }

  /** Takes in everything that the reader holds, and the estimates that were told meanwhile. */
  fold(from: PackedReader): TableChanges {
    const removed: string[] = [];
    const ended: JobView[] = [];
    let changed = 0;
    for (; !from.done; changed++) {
      const slot = from.number();
      const fields = from.number();
      const row = this.#slots[slot];
      if (fields & Changed.removed) {
        const { id } = row!.view;
        this.#slots[slot] = undefined;
        this.#rows.delete(id);
        this.#sorted = undefined;
        removed.push(id);
      } else {
        const view = this.#foldJob(from, slot, fields, row);
        if (fields & Changed.ended) ended.push(view);
      }
    }
    for (const [id, estimate] of this.#estimates) this.#foldEstimate(this.#rows.get(id), estimate);
    this.#estimates.clear();
    return { changed, removed, ended };
  }

  #foldEstimate(row: JobRow | undefined, told: JobEstimate): void {
    if (!row || row.view.isFinished) return;
    const estimate = kept(row.view.estimate, told);
    if (estimate === row.view.estimate) return;
    row.view = new JobView(row.view.id, row.view);
    row.view.estimate = estimate;
  }

  #foldJob(from: PackedReader, slot: number, fields: number, row: JobRow | undefined): JobView {
    const isStale = (fields & Changed.stale) !== 0;
    const view = readJob(from, fields, row?.view);
    if (row?.view.createdAt !== view.createdAt) this.#sorted = undefined;
    if (row) {
      row.view = view;
      row.isStale = isStale;
    } else {
      this.#rows.set(view.id, (this.#slots[slot] = { view, isStale }));
    }
    return view;
  }
}
