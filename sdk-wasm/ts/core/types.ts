/** All times are milliseconds since the Unix epoch (UTC), all durations milliseconds, unless a name says otherwise. */
import type { ErrorCode, JobwireError } from './errors.js';

/** Called when a snapshot has changed. It gets nothing: read `getSnapshot()`. */
export type Notify = () => void;

/**
 * A value that changes. `getSnapshot()` answers the same object until the value has changed, so that it can be handed
 * to React's `useSyncExternalStore` (or compared with `===`) as it is. A channel is followed while anybody subscribes.
 */
export interface Observable<T> {
  subscribe(notify: Notify): () => void;
  getSnapshot(): T;
}

export type JobStatus = 'queued' | 'active' | 'completed' | 'failed' | 'cancelled';

/** A stage that the job has been in during this attempt, in order. */
export interface JobStage {
  readonly name: string;
  readonly startedAt: number;
}

/**
 * What is expected rather than known; changes without the job changing. A number that is missing is not known: while
 * `learning` the server has seen too few such jobs, and invents nothing.
 */
export interface JobEstimate {
  /** 1 is next. Only while queued. */
  readonly queuePosition: number | undefined;
  /** Until it starts. */
  readonly waitMs: number | undefined;
  /** Until it ends. */
  readonly remainingMs: number | undefined;
  readonly learning: boolean;
  /** Active, and nothing was reported for this long. */
  readonly silentMs: number | undefined;
}

/** One job as it stands. Never changes: a change makes a new object that shares what has stayed the same. */
export interface Job<Result = unknown, Metadata = Record<string, unknown>> {
  readonly id: string;
  readonly type: string | undefined;
  readonly queue: string | undefined;
  readonly userId: string | undefined;
  /** The application's own handle, for example `file:42`. */
  readonly ref: string | undefined;
  readonly parentId: string | undefined;
  readonly status: JobStatus;
  /** Free text of the back end that is no lifecycle word, for example `warming up`. */
  readonly statusText: string | undefined;
  /** 0 to 100, to two decimals; never goes back within an attempt. */
  readonly progress: number;
  readonly stage: string | undefined;
  readonly message: string | undefined;
  /** At most 64. */
  readonly stages: readonly JobStage[];
  /** 1, then one more with each retry. */
  readonly attempt: number;
  readonly priority: number;
  /** Parsed when first read. Set once the job has completed (lists carry it as well while they are followed). */
  readonly result: Result | undefined;
  readonly error: { readonly message: string; readonly code: string | undefined } | undefined;
  readonly cancelRequestedAt: number | undefined;
  readonly cancelReason: string | undefined;
  /** The server has heard nothing of this active job for too long. */
  readonly stalled: boolean;
  /** Parsed when first read; `{}` where the back end gave none. */
  readonly metadata: Metadata;
  /** For admins only. */
  readonly workerId: string | undefined;
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly lastReportAt: number | undefined;
  readonly updatedAt: number;
  readonly estimate: JobEstimate | undefined;
  /** `completed`, `failed` or `cancelled`. */
  readonly isFinished: boolean;
  /** A cancel was asked for and the job has not ended yet. */
  readonly isCancelling: boolean;
  /** All of the above as a plain object, for `JSON.stringify`. */
  toJSON(): Record<string, unknown>;
}

/** The types of one kind of job; made by `defineJob`. At run time it is the job's `type`, nothing more. */
export interface JobDefinition<Result = unknown, Metadata = Record<string, unknown>> {
  readonly type: string;
  /** Never set; carries the types. */
  readonly __types?: { result: Result; metadata: Metadata };
}

/** What a page shows for one job. */
export interface JobSnapshot<Result = unknown, Metadata = Record<string, unknown>> {
  /** Undefined until the first answer. An unknown job and somebody else's look alike: pending, until an event comes. */
  readonly job: Job<Result, Metadata> | undefined;
  readonly isPending: boolean;
  /** What is shown is the last known state: the connection is not live, or this job is being asked for again. */
  readonly isStale: boolean;
  /**
   * Following is impossible (`forbidden`, `unauthenticated`, `too_large`: more than 1,000 channels), the job was removed
   * (`gone`), or the client has stopped (as `connection` says). Not the job's own error.
   */
  readonly error: JobwireError | undefined;
}

export interface JobsSnapshot<Result = unknown, Metadata = Record<string, unknown>> {
  /** Newest first (by creation). The same array until one of its jobs, or its order, changes. */
  readonly jobs: readonly Job<Result, Metadata>[];
  /** The first complete answer has not come yet. */
  readonly isPending: boolean;
  readonly isStale: boolean;
  /**
   * There were too many to begin with all of them: `jobs` holds what matches of the channel's newest (500 by default), and
   * what has changed since. Older ones are in `GET /api/v1/jobs`.
   */
  readonly isTruncated: boolean;
  readonly error: JobwireError | undefined;
}

/**
 * Which jobs. Followed is the narrowest channel that holds them: `all` -> every job (admins), `user` -> that user's jobs,
 * `queue` without `user` -> that queue's jobs (admins), else one's own. All given fields must match.
 */
export interface JobFilter<Result = unknown, Metadata = Record<string, unknown>> {
  /** `'me'` (the default) is whoever the token names. */
  readonly user?: 'me' | (string & {});
  readonly queue?: string;
  readonly status?: JobStatus | readonly JobStatus[];
  readonly type?: string | JobDefinition<Result, Metadata>;
  readonly ref?: string;
  readonly parentId?: string;
  readonly all?: boolean;
}

export interface JobHandle<Result = unknown, Metadata = Record<string, unknown>>
  extends Observable<JobSnapshot<Result, Metadata>> {
  readonly id: string;
  /**
   * Resolves with the result once the job completes; rejects with `JobError` when it fails or is cancelled, with
   * `JobwireError` when it cannot be followed or was removed, with the signal's reason when aborted. Follows meanwhile.
   */
  finished(options?: { signal?: AbortSignal }): Promise<Result>;
  /** Asks for the job to be cancelled. See `JobwireClient.cancel`. */
  cancel(reason?: string): Promise<void>;
}

export type ConnectionState =
  /** Trying; what is shown may be old. */
  | 'connecting'
  /** WebSocket, live. */
  | 'online'
  /** HTTP long-polling, because WebSocket did not get through: live, a little later. */
  | 'polling'
  /** Waiting for `nextTryAt`, or for the network. */
  | 'offline'
  /** No more tries: the server said stop, the token was refused, or `close()` was called. `retry()` starts again. */
  | 'closed';

export interface ConnectionSnapshot {
  readonly state: ConnectionState;
  readonly transport: 'websocket' | 'polling' | undefined;
  /** For a person: "Connected", "The server is restarting". */
  readonly reason: string;
  /** For a program: `online`, `draining`; once `closed`, the `code` of every error. */
  readonly reasonCode: string;
  readonly nextTryAt: number | undefined;
  /** When the server was last heard, as of this snapshot: "last known 6 s ago". */
  readonly lastHeardAt: number | undefined;
  /** Of the last heartbeat or poll; ms. */
  readonly latency: number | undefined;
  /** Who the server takes us for; undefined before it has said so. */
  readonly user: string | undefined;
  readonly role: string | undefined;
  /** Connected, and what is followed has been caught up with. */
  readonly isLive: boolean;
}

export interface QueueStatus {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  /** Undefined while the server is still learning. */
  readonly averageWaitMs: number | undefined;
}

/** Sorted by name; empty until told. */
export type QueueStatusSnapshot = readonly QueueStatus[];

/** What the server measures about itself (admins, channel `admin`); its shape is the server's. */
export type SystemMetrics = Readonly<Record<string, unknown>>;

/** The parts of the platform's `WebSocket` that are used, so that the `ws` package fits too. */
export interface WebSocketLike {
  binaryType: string;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => WebSocketLike;

/** Durations of the connection; the defaults are good for pages, tests make them short. */
export interface Timing {
  /** First delay of the exponential backoff (full jitter); 500. */
  backoffBaseMs?: number;
  /** Longest delay; 30,000. */
  backoffCapMs?: number;
  /** A socket must open and be welcomed within this; 10,000. */
  openTimeoutMs?: number;
  /** How long the server may hold a poll; 25,000. */
  pollWaitMs?: number;
  /** While polling, a WebSocket is tried this often; 30,000, backing off to ten times that. */
  climbIntervalMs?: number;
  /** A cancel without an answer fails after this; 15,000. */
  commandTimeoutMs?: number;
}

export interface ConnectOptions {
  /** Where the server is: `https://jobs.example.com`, with a path if it has one. Default: the page's own origin. */
  url?: string | URL;
  /** A token that never changes. Neither `token` nor `getToken`: anonymous (a server with `--dev` or `--anonymous`). */
  token?: string;
  /**
   * Asked for a token before the first connection and whenever the server wants a new one; `reason` says why. White space
   * around it is taken off. Where it throws or rejects it is asked again with backoff, and `connection` says what it threw;
   * it is waited for as long as it takes.
   */
  getToken?: (reason: string) => string | Promise<string>;
  /** Name and version for the server's log. */
  clientName?: string;
  /** For platforms without one (Node 20: `import { WebSocket } from 'ws'`). Without any, long-polling is used. */
  WebSocket?: WebSocketConstructor;
  fetch?: typeof fetch;
  /** Switch a transport off. Both are on. */
  transports?: { websocket?: boolean; polling?: boolean };
  timing?: Timing;
  /** How long a channel is still followed after its last subscriber left; 2,000. Covers React re-mounts. */
  unfollowDelayMs?: number;
  /**
   * The core as bytes, a compiled module, or where to fetch it from (Node's `fetch` reads no files: bytes). Default:
   * `core.wasm` beside the package's code.
   */
  wasm?: ArrayBuffer | ArrayBufferView | CompiledModule | URL | string;
}

/** A `WebAssembly.Module`, by a name that is also known where there are no DOM types (Node). */
export type CompiledModule = object;

export type OnMessage = (name: string, data: unknown) => void;

export interface Notification {
  readonly id: string;
  readonly type: 'success' | 'error' | 'alert' | 'info';
  readonly title: string;
  readonly message?: string;
  readonly jobId?: string;
  /** A button. The URL is http(s), or a path of the page's own site that begins with one `/`. */
  readonly action?: { readonly label: string; readonly url: string };
  /** Whatever the application put there. */
  readonly data?: unknown;
  readonly read: boolean;
  readonly createdAt: number;
  readonly readAt?: number;
  /** A system alert: what it tells of has ended. */
  readonly clearedAt?: number;
}

export interface NotificationsSnapshot {
  /** Newest first; those of the pages loaded so far. */
  readonly notifications: readonly Notification[];
  /** Of all there are. */
  readonly unread: number;
  readonly hasMore: boolean;
  /** The list has not come yet. */
  readonly isPending: boolean;
  /** Why the last page could not be loaded; it is tried again when the connection is back, and by `loadMore`. */
  readonly error: JobwireError | undefined;
}

/** What marks as read resolves once the server has it; the snapshot follows, here and on every other device. */
export interface Notifications extends Observable<NotificationsSnapshot> {
  /** One that is unknown rejects with `not_found`. */
  read(id: string): Promise<void>;
  readAll(): Promise<void>;
  /** The next page of older ones. */
  loadMore(): Promise<void>;
}

export interface JobwireClient {
  readonly connection: Observable<ConnectionSnapshot>;
  /** Following starts with the first `subscribe` (or `finished`). The same handle for the same id. */
  job<Result = unknown, Metadata = Record<string, unknown>>(
    id: string,
    definition?: JobDefinition<Result, Metadata>,
  ): JobHandle<Result, Metadata>;
  /** The same object for an equal filter. */
  jobs<Result = unknown, Metadata = Record<string, unknown>>(
    filter?: JobFilter<Result, Metadata>,
  ): Observable<JobsSnapshot<Result, Metadata>>;
  /**
   * Asks for a job to be cancelled. Resolves when the server has taken the request: the job itself says when it has been
   * cancelled. Rejects with `JobwireError` (`conflict`: it has ended; `not_found`: unknown, or somebody else's;
   * `unavailable`: no answer in time). While offline it waits for the connection.
   */
  cancel(id: string, reason?: string): Promise<void>;
  /**
   * Told once per attempt when a followed job ends *while it is being followed*: a job that had already ended when this
   * client first saw it (after a reload, say) is not told again, one that ended during a lost connection is, on return.
   */
  onEnd(listener: (job: Job) => void): () => void;
  /**
   * The newest counts of this queue, which is followed while subscribed; without a name, of all queues told of, none of which
   * is followed for that.
   */
  queueStatus(queue?: string): Observable<QueueStatusSnapshot>;
  /** Follows `admin` while subscribed. */
  readonly systemMetrics: Observable<SystemMetrics | undefined>;
  /** The user's inbox, the same on every device. Nothing is asked for before the first `subscribe`. */
  readonly notifications: Notifications;
  /** Application messages: `name` and whatever the back end sent; with a name, those of that name. Live only. */
  onMessage(listener: OnMessage): () => void;
  onMessage(name: string, listener: (data: unknown) => void): () => void;
  /** Tries to connect now: the "try again" button. */
  retry(): void;
  /** Ends for good: sockets closed, promises rejected with code `closed`, memory given back. */
  close(): void;
}

export type { ErrorCode };
