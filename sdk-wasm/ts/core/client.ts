import { Channels } from './channels.js';
import { Call } from './core.js';
import type { CoreModule } from './loader.js';
import { Driver, type Page } from './driver.js';
import { JobwireError, wordsOf, type ErrorCode } from './errors.js';
import { kept, Told } from './followed.js';
import { Frames } from './frames.js';
import { Inbox } from './inbox.js';
import { ClientJob, type Scene } from './job_handle.js';
import { ClientJobs, wantedBy } from './job_query.js';
import { JobTable } from './job_table.js';
import { Notifier } from './notifier.js';
import { QueueStatuses } from './queue_statuses.js';
import type * as types from './types.js';

const connecting: types.ConnectionSnapshot = {
  state: 'connecting',
  transport: undefined,
  nextTryAt: undefined,
  lastHeardAt: undefined,
  latency: undefined,
  isLive: false,
  reason: 'Connecting',
  user: undefined,
  role: undefined,
  reasonCode: 'starting',
};

/** See `JobwireClient`: the core is loaded behind it, and what is asked for meanwhile waits. */
export class Client implements types.JobwireClient {
  #options: types.ConnectOptions;
  #url: string;
  #load: () => Promise<CoreModule>;
  #driver: Driver | undefined;
  #isClosed = false;
  #failure: JobwireError | undefined;

  #table = new JobTable();
  #channels: Channels;
  #scene: Scene;
  #frames = new Frames(() => this.#showChanges());
  #jobs = new Map<string, ClientJob>();
  #queries = new Map<string, ClientJobs>();
  #queues: QueueStatuses;
  #ends = new Notifier<[types.Job]>();
  #messages = new Notifier<[string, unknown]>();
  #waiting: (() => void)[] = []; // cancels asked for before there is a core

  readonly connection: Told<types.ConnectionSnapshot>;
  readonly systemMetrics: Told<types.SystemMetrics | undefined>;
  readonly notifications = new Inbox(async (method, path) => {
    if (this.#driver) return this.#driver.ask(method, `/notifications${path}`);
    throw new JobwireError(this.#isClosed ? 'closed' : 'unavailable', 'There is no connection');
  });

  constructor(options: types.ConnectOptions, url: string, load: () => Promise<CoreModule>) {
    this.#options = options;
    this.#url = url;
    this.#load = load;
    const channels = new Channels(
      // Before there is a core nothing needs to be said: it is told of all channels when it comes.
      (call, names) => this.#driver?.tell(call, names.join('\n')),
      options.unfollowDelayMs ?? 2000,
    );
    this.#channels = channels;
    this.#queues = new QueueStatuses(channels);
    this.connection = new Told(channels, connecting);
    this.systemMetrics = new Told<types.SystemMetrics | undefined>(channels, undefined, 'admin');
    this.#scene = {
      table: this.#table,
      channels,
      connection: this.connection.getSnapshot,
      failure: () => this.#failure,
      cancel: (id, reason) => this.cancel(id, reason),
    };
    void this.#start();
  }

  job<Result, Metadata>(id: string): types.JobHandle<Result, Metadata> {
    let job = this.#jobs.get(id);
    if (!job) this.#jobs.set(id, (job = new ClientJob(id, this.#scene)));
    return job as unknown as types.JobHandle<Result, Metadata>;
  }

  jobs<Result, Metadata>(
    filter: types.JobFilter<Result, Metadata> = {},
  ): types.Observable<types.JobsSnapshot<Result, Metadata>> {
    const wanted = wantedBy(filter as types.JobFilter);
    const key = JSON.stringify(wanted);
    let query = this.#queries.get(key);
    if (!query) this.#queries.set(key, (query = new ClientJobs(wanted, this.#scene)));
    return query as unknown as types.Observable<types.JobsSnapshot<Result, Metadata>>;
  }

  cancel(id: string, reason = ''): Promise<void> {
    return new Promise((resolve, reject) => {
      const ask = (): unknown => {
        if (this.#failure) return reject(this.#failure);
        if (!this.#driver) return this.#waiting.push(ask);
        this.#driver.cancel(id, reason, (error) => (error ? reject(error) : resolve()));
      };
      ask();
    });
  }

  onEnd(listener: (job: types.Job) => void): () => void {
    return this.#ends.add(listener);
  }

  queueStatus(queue?: string): types.Observable<types.QueueStatusSnapshot> {
    return this.#queues.of(queue);
  }

  onMessage(...given: [types.OnMessage] | [name: string, listener: (data: unknown) => void]): () => void {
    if (given.length === 1) return this.#messages.add(given[0]);
    const [name, listener] = given;
    return this.#messages.add((told, data) => {
      if (told === name) listener(data);
    });
  }

  retry(): void {
    if (this.#driver) this.#driver.tell(this.connection.getSnapshot().state === 'closed' ? Call.start : Call.retry);
    else if (this.#failure && !this.#isClosed) void this.#start();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#channels.close();
    this.#frames.cancel();
    this.#driver?.close();
    this.#driver = undefined;
    this.#end('Closed', 'closed');
    this.#tryWaiting();
  }

  async #start(): Promise<void> {
    this.#setConnection(connecting);
    try {
      const module = await this.#load();
      if (!this.#isClosed) this.#connect(module);
    } catch (error) {
      if (!this.#isClosed) this.#end(wordsOf(error), 'load_failed');
    }
    this.#tryWaiting();
  }

  #end(reason: string, reasonCode: string): void {
    this.#setConnection({ ...connecting, state: 'closed', reason, reasonCode });
  }

  #tryWaiting(): void {
    for (const attempt of this.#waiting.splice(0)) attempt();
  }

  #connect(module: CoreModule): void {
    const page: Page = {
      onStatus: (status) => this.#setConnection(status),
      onPushed: (event, data) => this.#onPushed(event, data),
      onRefused: (channel, error) => {
        this.#channels.refuse(channel, error);
        this.#frames.request();
      },
      onReceived: () => this.#frames.request(),
    };
    this.#driver = new Driver(module, this.#options, this.#url, page);
    this.#driver.tell(Call.follow, this.#channels.names().join('\n'));
  }

  // PROTOCOL.md, "Messages". What is not known is from a newer server.
  #onPushed(event: string, data: any): void {
    if (event === 'system-metrics') this.systemMetrics.set(data);
    else if (event === 'message') this.#messages.notify(data.name, data.data);
    else if (event === 'estimates') this.#table.estimate(data.jobs);
    else if (event === 'queue-status' || event === 'changes') this.#onNews(data);
  }

  // What stands beside the jobs, which are the core's.
  #onNews(data: any): void {
    if (data.estimates) this.#table.estimate(data.estimates);
    if (data.queues) this.#queues.fold(data.queues);
    for (const message of data.messages ?? []) this.#messages.notify(message.name, message.data);
    if (data.unread !== undefined) this.notifications.fold(data);
  }

  #setConnection(told: types.ConnectionSnapshot): void {
    const last = this.connection.getSnapshot();
    const { state, reason, reasonCode } = told;
    // The session's word is "everything wanted has been told". What was live stays so while a new channel is joined.
    const isLive = told.isLive || (last.isLive && (state === 'online' || state === 'polling'));
    const next = { ...told, isLive };
    // `lastHeardAt` alone is no change: it would be one with every message.
    if (kept(last, { ...next, lastHeardAt: last.lastHeardAt }) === last) return;
    if (state !== 'closed') this.#failure = undefined;
    else if (this.#failure?.code !== reasonCode) this.#failure = new JobwireError(reasonCode as ErrorCode, reason);
    if (last.user !== next.user) {
      this.#channels.forgetRefusals();
      this.notifications.forget();
    }
    this.connection.set(next);
    this.#refresh(none);
    if (isLive && !last.isLive) this.notifications.load();
  }

  // Once per frame, however much came in.
  #showChanges(): void {
    const core = this.#driver?.core;
    if (!core) return;
    const { removed, ended } = this.#table.fold(core.take(Call.takeChanges));
    this.#channels.check((channel) => core.call(Call.isFollowed, channel) !== 0);
    this.#refresh(new Set(removed));
    for (const job of ended) this.#ends.notify(job);
  }

  #refresh(removed: ReadonlySet<string>): void {
    for (const [id, job] of this.#jobs) job.tell(removed.has(id));
    for (const query of this.#queries.values()) query.refresh();
  }
}

const none: ReadonlySet<string> = new Set();
