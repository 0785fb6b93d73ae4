import type { Channels } from './channels.js';
import { Notifier } from './notifier.js';
import type { Observable, QueueStatus, QueueStatusSnapshot } from './types.js';

/** The newest counts of every queue that the server told of. */
export class QueueStatuses {
  #all: QueueStatusSnapshot = [];
  #notifier = new Notifier();
  #observables = new Map<string | undefined, Observable<QueueStatusSnapshot>>();
  #channels: Channels;

  constructor(channels: Channels) {
    this.#channels = channels;
  }

  /** As the server tells them. */
  fold(queues: readonly { queue: string; waiting?: number; active?: number; averageWait?: number | null }[]): void {
    const byName = new Map<string, QueueStatus>(this.#all.map((status) => [status.queue, status]));
    for (const { queue, waiting = 0, active = 0, averageWait } of queues) {
      byName.set(queue, { queue, waiting, active, averageWaitMs: averageWait ?? undefined });
    }
    this.#all = [...byName.values()].sort((a, b) => (a.queue < b.queue ? -1 : 1));
    this.#notifier.notify();
  }

  /** One observable a name; without one, of all. */
  of(queue: string | undefined): Observable<QueueStatusSnapshot> {
    let observable = this.#observables.get(queue);
    if (!observable) this.#observables.set(queue, (observable = this.#observe(queue)));
    return observable;
  }

  #observe(queue: string | undefined): Observable<QueueStatusSnapshot> {
    if (queue === undefined) return { getSnapshot: () => this.#all, subscribe: (notify) => this.#notifier.add(notify) };
    let snapshot: QueueStatusSnapshot = [];
    return {
      getSnapshot: () => {
        const status = this.#all.find((each) => each.queue === queue);
        if (status && status !== snapshot[0]) snapshot = [status];
        return snapshot;
      },
      subscribe: (notify) => {
        const leave = this.#channels.use(`queue:${queue}`);
        const remove = this.#notifier.add(notify);
        return () => {
          remove();
          leave();
        };
      },
    };
  }
}
