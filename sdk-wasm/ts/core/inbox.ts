import { Notifier } from './notifier.js';
import type * as types from './types.js';

/** As the server tells one: newest first is by `offset`, of two states the one with the higher `version` holds. */
type Told = types.Notification & { readonly offset: number; readonly version: number };

/** What `changes` carries of the inbox (PROTOCOL.md, "Inbox"). */
export interface InboxNews {
  notifications?: readonly Told[];
  unread: number;
}

/** Asks the API; rejects with `JobwireError`. */
type Ask = (method: 'GET' | 'POST', path: string) => Promise<any>;

const none = Infinity;

/** The list comes by pages over HTTP, what changes in it with everything else that changes. */
export class Inbox implements types.Notifications {
  #ask: Ask;
  #snapshot: types.NotificationsSnapshot = { notifications: [], unread: 0, hasMore: false, isPending: true, error: undefined };
  #notifier = new Notifier();
  #known = new Map<string, Told>();
  #from = none; // older ones have not been asked for
  #hasView = false;
  #asked: Promise<void> | undefined;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  readonly getSnapshot = (): types.NotificationsSnapshot => this.#snapshot;
  readonly subscribe = (notify: () => void): (() => void) => {
    const remove = this.#notifier.add(notify);
    this.load();
    return remove;
  };

  /** Without notifications a view begins: the list that is shown stays until the new one is there. */
  fold({ notifications, unread }: InboxNews): void {
    if (notifications) this.#add(notifications);
    else {
      this.#known = new Map();
      this.#from = none;
      this.#hasView = true;
      this.load();
    }
    this.#show({ unread });
  }

  /** The first page, where somebody wants it and it can be had. */
  load(): void {
    if (this.#hasView && this.#from === none && !this.#notifier.isEmpty) void this.loadMore().catch(() => {});
  }

  loadMore(): Promise<void> {
    if (this.#from === 0) return Promise.resolve();
    return (this.#asked ??= this.#page());
  }

  /** Somebody else asks: what the last one was told is not for them. */
  forget(): void {
    this.#snapshot = { ...this.#snapshot, notifications: [], isPending: true };
    this.#notifier.notify();
  }

  async #page(): Promise<void> {
    const known = this.#known;
    try {
      const { notifications, next } = await this.#ask('GET', this.#from === none ? '' : `?before=${this.#from}`);
      this.#asked = undefined;
      if (known !== this.#known) return this.load(); // the answer is of a view that is no more
      this.#add(notifications);
      this.#from = next ?? 0;
      this.#show({ isPending: false, hasMore: next !== undefined, error: undefined });
    } catch (error) {
      this.#asked = undefined;
      this.#show({ error: error as types.NotificationsSnapshot['error'] });
      throw error;
    }
  }

  async read(id: string): Promise<void> {
    await this.#ask('POST', `/${encodeURIComponent(id)}/read`);
  }

  async readAll(): Promise<void> {
    await this.#ask('POST', '/read-all');
  }

  #add(told: readonly Told[]): void {
    for (const one of told) {
      const known = this.#known.get(one.id);
      if (!known || known.version < one.version) this.#known.set(one.id, one);
    }
  }

  #show(news: Partial<types.NotificationsSnapshot>): void {
    // What is older than the last page is known by chance: it was read elsewhere.
    const listed = this.#from === none ? undefined : [...this.#known.values()].filter((one) => one.offset >= this.#from);
    const notifications = listed?.sort((a, b) => b.offset - a.offset) ?? this.#snapshot.notifications;
    this.#snapshot = { ...this.#snapshot, ...news, notifications };
    this.#notifier.notify();
  }
}
