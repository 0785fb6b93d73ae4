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

  fold(queues: readonly QueueStatus[]): void {
    const byName = new Map(this.#all.map((status) => [status.queue, status]));
    for (const status of queues) byName.set(status.queue, status);
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
