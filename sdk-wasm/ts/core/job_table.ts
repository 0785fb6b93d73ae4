import { Changed, readJob, type JobView } from './job_view.js';
import type { PackedReader } from './packed.js';

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

  /** Takes in everything that the reader holds. */
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
    return { changed, removed, ended };
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
