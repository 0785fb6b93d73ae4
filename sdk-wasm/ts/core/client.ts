import { Channels } from './channels.js';
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

// All else is not known yet.
const connecting = {
  state: 'connecting',
  isLive: false,
  reason: 'Connecting',
  reasonCode: 'starting',
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
  #jobs = new Map<string, ClientJob>();
  #lists = new Map<string, Followed<types.JobsSnapshot>>();
  #counts = new Map<string | undefined, Followed<types.QueueStatusSnapshot>>();
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
    if (typeof given !== 'string') return this.#messages.add(given);
    return this.#messages.add((name, data) => {
      if (name === given) listener!(data);
    });
  }

  retry(): void {
    const { state, reasonCode } = this.connection.getSnapshot();
    if (this.driver) this.driver.tell(state === 'closed' ? Call.start : Call.retry);
    else if (reasonCode === 'load_failed') this.#starting = this.#start();
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
        this.driver = new Driver(module, this.#options, this.#url, this);
        this.driver.tell(Call.follow, this.channels.names().join('\n'));
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
    for (const counts of this.#counts.values()) counts.refresh();
  }

  onRefused(channel: string, error: JobwireError): void {
    const standing = this.channels.find(channel);
    if (standing) standing.refusal = error;
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
    for (const id of removed) this.#jobs.get(id)?.remove();
    this.#refresh();
    for (const job of ended) this.#ends.notify(job);
  }

  #refresh(): void {
    for (const all of [this.#jobs, this.#lists, this.#counts]) {
      for (const one of all.values()) one.refresh();
    }
  }
}

function known<Key, T>(all: Map<Key, T>, key: Key, make: () => T): T {
  if (!all.has(key)) all.set(key, make());
  return all.get(key)!;
}
