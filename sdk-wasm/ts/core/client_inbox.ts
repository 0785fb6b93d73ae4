import type { Client } from './client.js';
import { JobwireError, wordsOf } from './errors.js';
import { Told } from './followed.js';
import type { Inbox, InboxNews } from './inbox.js';
import type { Notifications, NotificationsSnapshot } from './types.js';

// No error yet.
const nothing = {
  notifications: [],
  unread: 0,
  hasMore: false,
  isPending: true,
} as Partial<NotificationsSnapshot> as NotificationsSnapshot;

/** What is shown of the inbox. What fills it is loaded with the first who looks: most pages have no inbox. */
export class ClientInbox extends Told<NotificationsSnapshot> implements Notifications {
  #client: Client;
  #inbox: Promise<Inbox> | undefined;
  #isTold = false;

  constructor(client: Client) {
    super(client.channels, nothing);
    this.#client = client;
  }

  /** Somebody looks, and there is an inbox to be looked at. */
  get isWanted(): boolean {
    return !this.isEmpty && this.#isTold;
  }

  show(news: Partial<NotificationsSnapshot>): void {
    this.set({ ...this.getSnapshot(), ...news });
  }

  fold(news: InboxNews): void {
    this.#isTold = true;
    this.show({ unread: news.unread });
    this.#tell((inbox) => inbox.fold(news));
  }

  /** Somebody else asks: what the last one was told is not for them. */
  forget(): void {
    this.show({ notifications: [], isPending: true });
    this.#tell((inbox) => inbox.forget());
  }

  /** Tries what failed, or was not possible yet. */
  override begin(): void {
    if (!this.isEmpty) void this.#use((inbox) => inbox.load()).catch((error) => this.show({ error }));
  }

  read(id: string): Promise<void> {
    return this.#use((inbox) => inbox.read(id));
  }
  readAll(): Promise<void> {
    return this.#use((inbox) => inbox.readAll());
  }
  loadMore(): Promise<void> {
    return this.#use((inbox) => inbox.loadMore());
  }

  // In order: what comes before the file has is told when it is there.
  #tell(news: (inbox: Inbox) => void): void {
    void this.#inbox?.then(news, () => {});
  }

  async #use(act: (inbox: Inbox) => Promise<void> | void): Promise<void> {
    this.#inbox ??= import('./inbox.js').then(
      ({ Inbox }) => new Inbox(this, this.#client, JobwireError),
      (error) => {
        this.#inbox = undefined;
        throw new JobwireError('unavailable', `The inbox could not be loaded: ${wordsOf(error)}`);
      },
    );
    return act(await this.#inbox);
  }
}
