/** All times are milliseconds since the Unix epoch (UTC), all durations milliseconds, unless a name says otherwise. */
import type { JobwireError } from './errors.js';

export type EventType =
  | 'queued'
  | 'started'
  | 'progress'
  | 'log'
  | 'updated'
  | 'completed'
  | 'failed'
  | 'cancel-requested'
  | 'cancelled'
  | 'retried'
  | 'stalled'
  | 'resumed'
  | 'removed';

/** What a job is; each may be set once, by any event. */
export interface JobIdentity {
  readonly type?: string | undefined;
  readonly queue?: string | undefined;
  /** Whose page shows it. Without one only admins and services see the job. */
  readonly userId?: string | undefined;
  /** The application's own handle, for example `file:42`. */
  readonly ref?: string | undefined;
  readonly parentId?: string | undefined;
}

/** What may ride on any report. Texts are cut to 4 KiB. */
export interface Fields {
  readonly stage?: string | undefined;
  readonly message?: string | undefined;
  /** Merged into the job's metadata by top-level key; `null` removes one. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly job?: JobIdentity | undefined;
}

/** An event as PROTOCOL.md describes it. */
export interface JobEvent extends Fields {
  readonly type: EventType;
  readonly jobId: string;
  /** Unique per job: Jobwire takes an event with the same id once. Made where it is left out. */
  readonly eventId?: string | undefined;
  readonly attempt?: number | undefined;
  readonly progress?: number | undefined;
  readonly priority?: number | undefined;
  readonly payload?: unknown;
  readonly workerId?: string | undefined;
  readonly status?: string | undefined;
  readonly result?: unknown;
  readonly error?: string | { readonly message: string; readonly code?: string | undefined } | undefined;
  readonly reason?: string | undefined;
}

/** An event as Jobwire keeps it. */
export interface StoredEvent extends JobEvent {
  readonly seq: number;
  readonly offset: number;
  readonly at: number;
}

/** A job as Jobwire tells a back end of it. */
export interface JobState extends JobIdentity {
  readonly id: string;
  readonly status: 'queued' | 'active' | 'completed' | 'failed' | 'cancelled';
  readonly statusText?: string;
  readonly progress: number;
  readonly stage?: string;
  readonly message?: string;
  readonly attempt: number;
  readonly priority?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly code?: string };
  readonly cancelRequestedAt?: number;
  readonly cancelReason?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly updatedAt: number;
}

/** All that is given must match. */
export interface JobFilter {
  readonly user?: string | undefined;
  readonly status?: JobState['status'] | undefined;
  readonly queue?: string | undefined;
  readonly type?: string | undefined;
  readonly parent?: string | undefined;
  readonly ref?: string | undefined;
  readonly limit?: number | undefined;
  /** The `next` of the page before. */
  readonly before?: number | undefined;
}

/** What an inbox is given. */
export interface Notification {
  /** The same id again is the same notification: the first stands. Made where it is left out. */
  readonly id?: string | undefined;
  readonly type?: 'success' | 'error' | 'alert' | 'info' | undefined;
  readonly title: string;
  readonly message?: string | undefined;
  readonly jobId?: string | undefined;
  /** `url`: http(s), or a path of the page's own site. */
  readonly action?: { readonly label: string; readonly url: string } | undefined;
  readonly data?: unknown;
}

/** What became of a report. */
export interface Receipt {
  /**
   * `accepted`: on Jobwire's disk. `replaced`: a newer progress of the same stage took its place while Jobwire was away.
   * `refused`: see `error`. `dropped`: the buffer was full, or the publisher was closed first.
   */
  readonly status: 'accepted' | 'replaced' | 'refused' | 'dropped';
  /** Somebody wants the job cancelled. False where it is not known. */
  readonly cancelRequested: boolean;
  readonly error?: JobwireError | undefined;
}

export interface NewJob extends JobIdentity {
  /** Made where it is left out. The same id again is the same job: a repeat changes nothing. */
  readonly id?: string | undefined;
  readonly type: string;
  /** −1000 to 1000; higher first. */
  readonly priority?: number | undefined;
  /** What the worker needs; never shown to a page. */
  readonly payload?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

export interface Dropped {
  /** The job, or for an application message whom it was for: `user:7`, `channel:all-jobs`, `everyone`. */
  readonly about: string;
  /** The event's type, or the message's name. */
  readonly type: string;
  readonly reason: 'full' | 'closed';
}

/** What a publisher tells of itself. None of it reaches the job that reports. */
export interface PublisherEvents {
  /** A report was refused; it is not tried again. */
  error: JobwireError;
  dropped: Dropped;
  /** Jobwire does not answer; reports are kept and sent again. Once per outage. */
  away: { readonly reason: string };
  /** Jobwire answers again. */
  back: { readonly awayMs: number; readonly dropped: number };
}

/** `30` is seconds; `'90s'`, `'10m'`, `'1h'`, `'7d'`. */
export type ExpiresIn = number | `${number}${'s' | 'm' | 'h' | 'd'}`;

export interface TokenRequest {
  /** Sees their own jobs. */
  readonly user?: string | undefined;
  /** Sees this job (or these) and nothing else. */
  readonly job?: string | readonly string[] | undefined;
  readonly role?: 'user' | 'admin' | 'service' | undefined;
  /** An hour where it is left out. */
  readonly expiresIn?: ExpiresIn | undefined;
}
