import { Changed, readJob, type JobView } from './job_view.js';
import type { PackedReader } from './packed.js';

export interface JobRow {
  view: JobView;
  /** The core doubts what it knows, and has asked. */
  isStale: boolean;
}

export interface TableChanges {
  /** Every job whose row is new, different or gone. */
  changed: ReadonlySet<string>;
  removed: readonly string[];
  /** Ended while being followed, each attempt once. */
  ended: readonly JobView[];
}

/** All jobs that the core knows, as views. */
export class JobTable {
  #rows = new Map<string, JobRow>();
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
    const changed = new Set<string>();
    const removed: string[] = [];
    const ended: JobView[] = [];
    while (!from.done) {
      const id = from.text();
      const fields = from.number();
      changed.add(id);
      if (fields & Changed.removed) {
        this.#rows.delete(id);
        this.#sorted = undefined;
        removed.push(id);
      } else {
        const view = this.#foldJob(from, id, fields);
        if (fields & Changed.ended) ended.push(view);
      }
    }
    return { changed, removed, ended };
  }

  #foldJob(from: PackedReader, id: string, fields: number): JobView {
    const isStale = from.flag();
    const row = this.#rows.get(id);
    const view = readJob(from, id, fields, row?.view);
    if (row?.view.createdAt !== view.createdAt) this.#sorted = undefined;
    if (row) {
      row.view = view;
      row.isStale = isStale;
    } else {
      this.#rows.set(id, { view, isStale });
    }
    return view;
  }
}
