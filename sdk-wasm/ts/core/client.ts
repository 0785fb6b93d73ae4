import type { Action } from './actions.js';
import { Channels } from './channels.js';
import { Core } from './core.js';
import type { CoreModule } from './core_module.js';
import { Driver } from './driver.js';
import { JobwireError, type ErrorCode } from './errors.js';
import { Frames } from './frames.js';
import { Inbox } from './inbox.js';
import { ClientJob, type Scene } from './job_handle.js';
import { ClientJobs, filterKey } from './job_query.js';
import { JobTable } from './job_table.js';
import { Notifier, Value } from './notifier.js';
import { QueueStatuses } from './queue_statuses.js';
import type * as types from './types.js';

const connecting: types.ConnectionSnapshot = {
  state: 'connecting',
  transport: undefined,
  reason: 'Connecting',
  reasonCode: 'starting',
  nextTryAt: undefined,
  lastHeardAt: undefined,
  latency: undefined,
  user: undefined,
  role: undefined,
  isLive: false,
};

type Command = { resolve: () => void; reject: (error: JobwireError) => void };

/** See `JobwireClient`: the core is loaded behind it, and what is asked for meanwhile waits. */
export class Client implements types.JobwireClient {
  readonly connection = new Value(connecting);
  readonly systemMetrics: types.Observable<types.SystemMetrics | undefined>;
  readonly notifications = new Inbox(async (method, path) => {
    if (this.#driver) return this.#driver.ask(method, `/notifications${path}`);
    throw new JobwireError(this.#isClosed ? 'closed' : 'unavailable', 'There is no connection');
  });

  #options: types.ConnectOptions;
  #url: string;
  #load: () => Promise<CoreModule>;
  #core: Core | undefined;
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
  #metrics = new Value<types.SystemMetrics | undefined>(undefined);
  #ends = new Notifier<[types.Job]>();
  #messages = new Notifier<[string, unknown]>();
  #commands = new Map<number, Command>();
  #waiting: (() => void)[] = []; // cancels asked for before there is a core

  constructor(options: types.ConnectOptions, url: string, load: () => Promise<CoreModule>) {
    this.#options = options;
    this.#url = url;
    this.#load = load;
    const channels = new Channels(
      {
        // Before there is a core nothing needs to be said: it is told of all channels when it comes.
        follow: (names) => this.#driver?.tell(() => this.#core?.follow(names)),
        unfollow: (names) => this.#driver?.tell(() => this.#core?.unfollow(names)),
      },
      options.unfollowDelayMs ?? 2000,
    );
    this.#channels = channels;
    this.#queues = new QueueStatuses(channels);
    this.#scene = {
      table: this.#table,
      channels,
      connection: this.connection.getSnapshot,
      failure: () => this.#failure,
      cancel: (id, reason) => this.cancel(id, reason),
    };
    this.systemMetrics = {
      getSnapshot: this.#metrics.getSnapshot,
      subscribe: (notify) => following(channels.use('admin'), this.#metrics.subscribe(notify)),
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
    const key = filterKey(filter as types.JobFilter);
    let query = this.#queries.get(key);
    if (!query) this.#queries.set(key, (query = new ClientJobs(filter as types.JobFilter, this.#scene)));
    return query as unknown as types.Observable<types.JobsSnapshot<Result, Metadata>>;
  }

  cancel(id: string, reason = ''): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const core = this.#core;
      if (!this.#driver || !core) return this.#waiting.push(() => resolve(this.cancel(id, reason)));
      // Kept before its answer can come: `tell` acts on what the session answers.
      this.#driver.tell(() => this.#commands.set(core.cancel(id, reason), { resolve, reject }));
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
    if (this.#isClosed) return;
    const driver = this.#driver;
    const core = this.#core;
    if (driver && core) driver.tell(() => (this.connection.getSnapshot().state === 'closed' ? core.start() : core.retry()));
    else if (this.#failure) void this.#start();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#channels.close();
    this.#frames.cancel();
    // Before the session gives them up as unanswered.
    const error = new JobwireError('closed', 'The client was closed');
    for (const { reject } of this.#commands.values()) reject(error);
    this.#commands.clear();
    this.#driver?.close();
    this.#driver = this.#core = undefined;
    this.#setConnection({ ...connecting, state: 'closed', reason: 'Closed', reasonCode: 'closed' });
    this.#tryWaiting();
  }

  async #start(): Promise<void> {
    this.#setConnection(connecting);
    try {
      const module = await this.#load();
      if (!this.#isClosed) this.#connect(module);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#isClosed) this.#setConnection({ ...connecting, state: 'closed', reason, reasonCode: 'load_failed' });
    }
    this.#tryWaiting();
  }

  #tryWaiting(): void {
    for (const attempt of this.#waiting.splice(0)) attempt();
  }

  #connect(module: CoreModule): void {
    const { transports, timing, clientName, token, getToken } = this.#options;
    const core = new Core(module, {
      clientName: clientName ?? 'jobwire',
      needsToken: getToken !== undefined && token === undefined,
      websocket: transports?.websocket ?? true,
      polling: transports?.polling ?? true,
      timing: timing ?? {},
    });
    this.#core = core;
    this.#driver = new Driver(
      core,
      {
        url: this.#url,
        token,
        getToken,
        WebSocket: this.#options.WebSocket ?? (globalThis.WebSocket as unknown as types.WebSocketConstructor | undefined),
        fetch: this.#options.fetch ?? globalThis.fetch,
      },
      { onAction: (action) => this.#onAction(action), onReceived: () => this.#frames.request() },
    );
    this.#driver.tell(() => core.follow(this.#channels.names()));
  }

  #onAction(action: Action): void {
    switch (action.kind) {
      case 'status':
        return this.#setConnection(action.status);
      case 'commandDone':
        return this.#onCommandDone(action.id, action.error);
      case 'refused':
        this.#channels.refuse(action.channel, action.error);
        return this.#frames.request();
      case 'pushed':
        return this.#onPushed(action.event, JSON.parse(action.json));
    }
  }

  // PROTOCOL.md, "Messages". What is not known is from a newer server.
  #onPushed(event: string, data: any): void {
    if (event === 'system-metrics') this.#metrics.set(data);
    else if (event === 'message') this.#messages.notify(data.name, data.data);
    else if (event === 'queue-status' || event === 'changes') this.#onNews(data);
  }

  // What stands beside the jobs, which are the core's.
  #onNews(data: any): void {
    if (data.queues) this.#queues.fold(data.queues);
    for (const message of data.messages ?? []) this.#messages.notify(message.name, message.data);
    if (data.unread !== undefined) this.notifications.fold(data);
  }

  #onCommandDone(id: number, error: JobwireError | undefined): void {
    const command = this.#commands.get(id);
    this.#commands.delete(id);
    if (error) command?.reject(error);
    else command?.resolve();
  }

  #setConnection(told: types.ConnectionSnapshot): void {
    const last = this.connection.getSnapshot();
    const { state, reason, reasonCode } = told;
    // The session's word is "everything wanted has been told". What was live stays so while a new channel is joined.
    const isLive = told.isLive || (last.isLive && (state === 'online' || state === 'polling'));
    const next = { ...told, isLive };
    if (isSame(last, next)) return;
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
    const core = this.#core;
    if (!core) return;
    const { removed, ended } = this.#table.fold(core.takeChanges());
    this.#channels.check((channel) => core.isFollowed(channel));
    this.#refresh(new Set(removed));
    for (const job of ended) this.#ends.notify(job);
  }

  #refresh(removed: ReadonlySet<string>): void {
    for (const [id, job] of this.#jobs) job.refresh(removed.has(id));
    for (const query of this.#queries.values()) query.refresh();
  }
}

// `lastHeardAt` alone is no change: it would be one with every message.
function isSame(a: types.ConnectionSnapshot, b: types.ConnectionSnapshot): boolean {
  return (Object.keys(b) as (keyof types.ConnectionSnapshot)[]).every((key) => key === 'lastHeardAt' || a[key] === b[key]);
}

const none: ReadonlySet<string> = new Set();

function following(...stops: (() => void)[]): () => void {
  return () => stops.forEach((stop) => stop());
}
