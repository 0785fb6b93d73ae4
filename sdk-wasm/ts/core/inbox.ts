import type { Client } from './client.js';
import type { ClientInbox } from './client_inbox.js';
import type { JobwireError } from './errors.js';
import type { Notification, NotificationsSnapshot } from './types.js';

/** As the server tells one: newest first is by `offset`, of two states the one with the higher `version` holds. */
type Told = Notification & { readonly offset: number; readonly version: number };

/** What `changes` carries of the inbox (PROTOCOL.md, "Inbox"). */
export interface InboxNews {
  notifications?: readonly Told[];
  unread: number;
}

const none = Infinity;

/**
 * The list comes by pages over HTTP, what changes in it with everything else that changes. A file of its own in dist/:
 * what is shared with the rest is handed in, so that it imports nothing.
 */
export class Inbox {
  #shown: ClientInbox;
  #client: Client;
  #Refusal: typeof JobwireError;
  #known = new Map<string, Told>();
  #from = none; // older ones have not been asked for
  #asked: Promise<void> | undefined;

  constructor(shown: ClientInbox, client: Client, Refusal: typeof JobwireError) {
    this.#shown = shown;
    this.#client = client;
    this.#Refusal = Refusal;
  }

  /** Without notifications a view begins: the list that is shown stays until the new one is there. */
  fold({ notifications }: InboxNews): void {
    if (notifications) this.#add(notifications);
    else {
      this.#begin();
      this.load();
    }
    this.#show({});
  }

  /** Another user's begins. */
  forget(): void {
    this.#begin();
    this.#show({ notifications: [], isPending: true });
  }

  /** The first page, where somebody wants it and it can be had. */
  load(): void {
    if (this.#from === none && this.#shown.isWanted) void this.loadMore().catch(() => {});
  }

  async loadMore(): Promise<void> {
    if (this.#from) await (this.#asked ??= this.#page());
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
      this.#show({ error: error as JobwireError });
      throw error;
    }
  }

  async read(id: string): Promise<void> {
    await this.#ask('POST', `/${encodeURIComponent(id)}/read`);
  }

  async readAll(): Promise<void> {
    await this.#ask('POST', '/read-all');
  }

  /** Rejects with `JobwireError`. */
  async #ask(method: string, path: string): Promise<any> {
    const { driver, failure } = this.#client;
    const response = await driver?.fetch(method, `/notifications${path}`).catch(() => undefined);
    const body = await response?.json().catch(() => undefined);
    if (response?.ok && body) return body;
    const { code = 'unavailable', message = 'The server gave no answer', field } = body ?? {};
    throw failure ?? new this.#Refusal(code, message, field);
  }

  #begin(): void {
    this.#known = new Map();
    this.#from = none;
  }

  #add(told: readonly Told[]): void {
    for (const one of told) {
      const known = this.#known.get(one.id);
      if (!known || known.version < one.version) this.#known.set(one.id, one);
    }
  }

  #show(news: Partial<NotificationsSnapshot>): void {
    // What is older than the last page is known by chance: it was read elsewhere.
    const listed = this.#from === none ? undefined : [...this.#known.values()].filter((one) => one.offset >= this.#from);
    this.#shown.show(listed ? { ...news, notifications: listed.sort((a, b) => b.offset - a.offset) } : news);
  }
}
