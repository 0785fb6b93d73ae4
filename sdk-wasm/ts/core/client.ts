import { Channels, type Standing } from './channels.js';
import { ClientInbox } from './client_inbox.js';
import { Call } from './core.js';
import type { CoreModule } from './loader.js';
import { Driver, type Page } from './driver.js';
import { JobwireError, wordsOf, type ErrorCode } from './errors.js';
import { Followed, kept, Told } from './followed.js';
import { onFrame } from './frames.js';
import { ClientJob } from './job_handle.js';
import { listOf, wantedBy } from './job_query.js';
import { JobTable } from './job_table.js';
import { Notifier } from './notifier.js';
import type * as types from './types.js';

// All else is not known yet. (`lastHeardAt` is a member for `onStatus`, which compares all others.)
const connecting = {
  state: 'connecting',
  isLive: false,
  reason: 'Connecting',
  reasonCode: 'starting',
  lastHeardAt: undefined,
} as types.ConnectionSnapshot;

/** See `JobwireClient`: the core is loaded behind it, and what is asked for meanwhile waits. */
export class Client implements types.JobwireClient, Page {
  #options: types.ConnectOptions;
  #url: string;
  #load: () => Promise<CoreModule>;
  #starting: Promise<Driver | undefined>;
  #queues = new Map<string, types.QueueStatus>();
  readonly onSettled = onFrame(() => this.#showChanges());
  // Jobs, lists and queues: one observable for all who ask alike.
  #jobs: Known<ClientJob> = new Map();
  #lists: Known<Followed<types.JobsSnapshot>> = new Map();
  #counts: Known<Followed<types.QueueStatusSnapshot>> = new Map();
  #ends = new Notifier<[types.Job]>();
  #messages = new Notifier<[string, unknown]>();

  // What the observables look at, and ask.
  readonly table = new JobTable();
  readonly channels: Channels;
  driver: Driver | undefined;
  /** Why nothing more will come: stopped by the server, or closed. */
  failure: JobwireError | undefined;

  readonly connection: Told<types.ConnectionSnapshot>;
  readonly systemMetrics: Told<types.SystemMetrics | undefined>;
  readonly notifications: ClientInbox;

  constructor(options: types.ConnectOptions, url: string, load: () => Promise<CoreModule>) {
    this.#options = options;
    this.#url = url;
    this.#load = load;
    this.channels = new Channels(
      // Before there is a core nothing needs to be said: it is told of all channels when it comes.
      (call, names) => this.driver?.tell(call, names.join('\n')),
      options.unfollowDelayMs ?? 2000,
    );
    this.connection = new Told(this.channels, connecting);
    this.systemMetrics = new Told<types.SystemMetrics | undefined>(this.channels, undefined, 'admin');
    this.notifications = new ClientInbox(this);
    this.#starting = this.#start();
  }

  job<Result, Metadata>(id: string): types.JobHandle<Result, Metadata> {
    id = `${id}`; // where there are no types, it may be a number
    const job = known(this.#jobs, id, () => new ClientJob(id, this));
    return job as unknown as types.JobHandle<Result, Metadata>;
  }

  jobs<Result, Metadata>(
    filter: types.JobFilter<Result, Metadata> = {},
  ): types.Observable<types.JobsSnapshot<Result, Metadata>> {
    const wanted = wantedBy(filter as types.JobFilter);
    const list = known(this.#lists, JSON.stringify(wanted), () => listOf(wanted, this));
    return list as unknown as types.Observable<types.JobsSnapshot<Result, Metadata>>;
  }

  queueStatus(queue?: string): types.Observable<types.QueueStatusSnapshot> {
    const look = (): types.QueueStatusSnapshot =>
      [...this.#queues.values()]
        .filter((status) => queue === undefined || status.queue === queue)
        .sort((a, b) => (a.queue < b.queue ? -1 : 1));
    return known(this.#counts, queue, () => new Followed(this.channels, look, () => queue && `queue:${queue}`));
  }

  async cancel(id: string, reason = ''): Promise<void> {
    const driver = await this.#starting;
    if (this.failure) throw this.failure;
    if (!driver) return this.cancel(id, reason); // it has been tried anew meanwhile
    return driver.cancel(id, reason).catch((error) => {
      throw this.failure ?? error;
    });
  }

  onEnd(listener: (job: types.Job) => void): () => void {
    return this.#ends.add(listener);
  }

  onMessage(given: types.OnMessage | string, listener?: (data: unknown) => void): () => void {
    const ofName = (name: string, data: unknown) => {
      if (name === given) listener!(data);
    };
    return this.#messages.add(listener ? ofName : (given as types.OnMessage));
  }

  retry(): void {
    // Of the two only one is for where the session stands.
    for (const call of [Call.retry, Call.start]) this.driver?.tell(call);
    if (this.failure?.code === 'load_failed') this.#starting = this.#start();
  }

  close(): void {
    this.channels.close();
    this.driver?.close();
    this.driver = undefined;
    this.#end('Closed', 'closed');
  }

  // Answers nothing where it fails: `failure` says why.
  async #start(): Promise<Driver | undefined> {
    this.onStatus(connecting);
    try {
      const module = await this.#load();
      // Else it was closed meanwhile.
      if (!this.failure) {
        const driver = (this.driver = new Driver(module, this.#options, this.#url, this));
        // Who hears of it may close the client: nothing is told to a driver that has been closed.
        driver.tell(Call.start);
        driver.tell(Call.follow, this.channels.names().join('\n'));
      }
    } catch (error) {
      if (!this.failure) this.#end(wordsOf(error), 'load_failed');
    }
    return this.driver;
  }

  #end(reason: string, reasonCode: string): void {
    this.onStatus({ ...connecting, state: 'closed', reason, reasonCode });
  }

  // PROTOCOL.md, "Messages": what stands beside the jobs, which are the core's. What is not known is from a newer server.
  onPushed(event: string, data: any): void {
    if (event === 'system-metrics') this.systemMetrics.set(data);
    else if (event === 'message') this.#messages.notify(data.name, data.data);
    else if (event === 'estimates') this.table.estimate(data.jobs);
    else if (event === 'queue-status' || event === 'changes') {
      this.channels.fold(data);
      if (data.estimates) this.table.estimate(data.estimates);
      if (data.queues) this.#foldQueues(data.queues);
      for (const message of data.messages ?? []) this.#messages.notify(message.name, message.data);
      if (data.unread !== undefined) this.notifications.fold(data);
    }
  }

  #foldQueues(news: any[]): void {
    for (const { queue, waiting = 0, active = 0, averageWait } of news) {
      this.#queues.set(queue, { queue, waiting, active, averageWaitMs: averageWait ?? undefined });
    }
    this.#refresh();
  }

  onRefused(channel: string, error: JobwireError): void {
    (this.channels.find(channel) ?? ({} as Standing)).refusal = error;
  }

  onStatus(told: types.ConnectionSnapshot): void {
    const last = this.connection.getSnapshot();
    const { state, reason, reasonCode } = told;
    // The session's word is "everything wanted has been told". What was live stays so while a new channel is joined.
    const isLive = told.isLive || (last.isLive && (state === 'online' || state === 'polling'));
    const next = { ...told, isLive };
    // `lastHeardAt` alone is no change: it would be one with every message.
    if (kept(last, { ...next, lastHeardAt: last.lastHeardAt }) === last) return;
    this.failure = state === 'closed' ? new JobwireError(reasonCode as ErrorCode, reason) : undefined;
    if (last.user !== next.user) {
      this.channels.forget();
      this.notifications.forget();
    }
    this.connection.set(next);
    this.#refresh();
    if (isLive && !last.isLive) this.notifications.begin();
  }

  // Once per frame, however much came in.
  #showChanges(): void {
    const core = this.driver?.core;
    if (!core) return;
    const { removed, ended } = this.table.fold(core.take(Call.takeChanges));
    this.channels.check((channel) => core.call(Call.isFollowed, channel) !== 0);
    for (const id of removed) this.#jobs.get(id)?.deref()?.remove();
    this.#refresh();
    for (const job of ended) this.#ends.notify(job);
  }

  #refresh(): void {
    for (const one of [...this.channels.watched]) one.refresh();
  }
}

// Whoever subscribes, or keeps one, holds it: a page that stays open for weeks and shows one job after another does not grow.
type Known<T extends object> = Map<string | undefined, WeakRef<T>>;

function known<T extends object>(all: Known<T>, key: string | undefined, make: () => T): T {
  let one = all.get(key)?.deref();
  if (!one) {
    // Each time that their number has doubled, those that nobody holds are let go.
    if (!(all.size & (all.size - 1))) for (const [other, its] of all) its.deref() ?? all.delete(other);
    one = make();
    all.set(key, new WeakRef(one));
  }
  return one;
}
