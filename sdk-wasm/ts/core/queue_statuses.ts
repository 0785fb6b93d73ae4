import type { Channels } from './channels.js';
import { Followed } from './followed.js';
import type { Observable, QueueStatus, QueueStatusSnapshot } from './types.js';

class ClientQueue extends Followed<QueueStatusSnapshot> {
  #queue: string | undefined;
  #all: Map<string, QueueStatus>;

  constructor(queue: string | undefined, all: Map<string, QueueStatus>, channels: Channels) {
    super(channels);
    this.#queue = queue;
    this.#all = all;
  }

  protected channel(): string | undefined {
    return this.#queue && `queue:${this.#queue}`;
  }
  protected look(): QueueStatusSnapshot {
    const all = [...this.#all.values()];
    if (this.#queue !== undefined) return all.filter(({ queue }) => queue === this.#queue);
    return all.sort((a, b) => (a.queue < b.queue ? -1 : 1));
  }
}

/** The newest counts of every queue that the server told of. */
export class QueueStatuses {
  #all = new Map<string, QueueStatus>();
  #observables = new Map<string | undefined, ClientQueue>();
  #channels: Channels;

  constructor(channels: Channels) {
    this.#channels = channels;
  }

  /** As the server tells them. */
  fold(queues: readonly { queue: string; waiting?: number; active?: number; averageWait?: number | null }[]): void {
    for (const { queue, waiting = 0, active = 0, averageWait } of queues) {
      this.#all.set(queue, { queue, waiting, active, averageWaitMs: averageWait ?? undefined });
    }
    for (const observable of this.#observables.values()) observable.refresh();
  }

  /** One observable a name; without one, of all. */
  of(queue: string | undefined): Observable<QueueStatusSnapshot> {
    let observable = this.#observables.get(queue);
    if (!observable) this.#observables.set(queue, (observable = new ClientQueue(queue, this.#all, this.#channels)));
    return observable;
  }
}
