import type { Channels } from './channels.js';
import { Followed } from './followed.js';
import type { QueueStatus, QueueStatusSnapshot } from './types.js';

/** As the server tells them. */
export interface QueueNews {
  queue: string;
  waiting?: number;
  active?: number;
  averageWait?: number | null;
}

/** The newest counts of one queue; without a name, of all that the server told of. */
export class ClientQueue extends Followed<QueueStatusSnapshot> {
  #queue: string | undefined;
  #known: ReadonlyMap<string, QueueStatus>;

  constructor(queue: string | undefined, known: ReadonlyMap<string, QueueStatus>, channels: Channels) {
    super(channels);
    this.#queue = queue;
    this.#known = known;
  }

  protected channel(): string | undefined {
    return this.#queue && `queue:${this.#queue}`;
  }
  protected look(): QueueStatusSnapshot {
    const queue = this.#queue;
    const found = [...this.#known.values()].filter((status) => queue === undefined || status.queue === queue);
    return found.sort((a, b) => (a.queue < b.queue ? -1 : 1));
  }
}
