import { randomUUID } from 'node:crypto';
import type { Agent } from 'node:http';

import { type Clock, systemClock } from './clock.js';
import { Desk } from './desk.js';
import { JobwireError } from './errors.js';
import { createHttp, type Http } from './http.js';
import { JobReporter } from './job.js';
import { creationOf } from './reports.js';
import { type Listener, Teller } from './teller.js';
import { signToken } from './token.js';
import type { JobEvent, JobFilter, JobState, NewJob, Notification, PublisherEvents, Receipt, StoredEvent, TokenRequest } from './types.js';
import { ranks } from './waiting.js';

export interface JobwireOptions {
  /** Where Jobwire is: `http://localhost:7070`; a path before its own is kept. */
  readonly url: string;
  /** An API key, or a JWT with the role `service` or `admin`; a function is asked at each request. Left out: made from `secret`. */
  readonly key?: string | (() => string | Promise<string>) | undefined;
  /** The secret that Jobwire verifies tokens with; for `tokenFor`. */
  readonly secret?: string | undefined;
  /** What may wait while Jobwire is away: 10,000 reports, 16 MiB. Then progress is dropped first, a job's end last. */
  readonly buffer?: { readonly reports?: number | undefined; readonly bytes?: number | undefined } | undefined;
  /** For one answer; 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Before a batch is sent again: 200, doubled each time, at most 5,000. */
  readonly backoff?: { readonly firstMs?: number | undefined; readonly mostMs?: number | undefined } | undefined;
  /** How long a `run` may be silent until it is asked whether somebody wants it cancelled; 5,000. */
  readonly checkMs?: number | undefined;
  /** Gets a line about what nobody listens to; `console.warn`. */
  readonly log?: ((line: string) => void) | undefined;
  /** Of node:http or node:https, for a proxy or certificates of your own. */
  readonly agent?: Agent | undefined;
}

/** @internal What tests put in the place of the world. */
export interface Parts {
  readonly http?: Http;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly newId?: () => string;
}

/** Application messages to one user, or to one channel. */
export interface Recipient {
  /**
   * `name` is the event that pages hear, live: who is not there does not hear it. Sent again until Jobwire has it; within
   * two minutes a repeat counts once. Never throws or rejects.
   */
  send(name: string, data?: unknown, options?: MessageOptions): Promise<Receipt>;
}

export interface User extends Recipient {
  /** Puts a notification into their inbox, where it is when they come back. Sent again until Jobwire has it, there once. */
  notify(notification: Notification): Promise<Receipt>;
}

export interface MessageOptions {
  /** The same id again is the same message. Made where it is left out. */
  readonly id?: string | undefined;
}

/** Jobs per batch and bytes per batch: half of what Jobwire takes at once, an eighth of its largest body. */
const batch = { parcels: 500, bytes: 1 << 20 };
const closeMs = 5_000;

export class Jobwire {
  readonly #desk: Desk;
  readonly #teller: Teller;
  readonly #secret: string | undefined;
  readonly #checkMs: number;

  constructor(options: JobwireOptions);
  /** @internal */
  constructor(options: JobwireOptions, parts: Parts);
  constructor(options: JobwireOptions, { http, clock = systemClock, random = Math.random, newId = randomUUID }: Parts = {}) {
    const { secret, buffer = {}, backoff = {}, timeoutMs = 10_000, checkMs = 5_000 } = options;
    const url = checkedUrl(options.url);
    this.#teller = new Teller(options.log ?? console.warn);
    this.#secret = secret;
    this.#checkMs = checkMs;
    this.#desk = new Desk({
      http: http ?? createHttp({ url, timeoutMs, agent: options.agent }),
      clock,
      teller: this.#teller,
      newId,
      key: keyOf(options, clock),
      outbox: {
        buffer: { parcels: buffer.reports ?? 10_000, bytes: buffer.bytes ?? 16 << 20 },
        batch,
        backoff: { firstMs: backoff.firstMs ?? 200, mostMs: backoff.mostMs ?? 5_000 },
        random,
      },
    });
  }

  /**
   * Creates a job, answers its voice once Jobwire has it, and rejects with a `JobwireError` where it is refused. May be left
   * unawaited: what the job reports meanwhile comes after it. `signal` ends the waiting, not the creation.
   */
  create(job: NewJob, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<JobReporter> {
    const id = job.id ?? this.#desk.newId();
    const created = this.#created(id, job, signal);
    created.catch(() => {}); // told as an `error`: who does not wait must not be ended by it
    return created;
  }

  /** The voice of a job; its first report creates it, if nobody has. */
  job(id: string): JobReporter {
    return new JobReporter(id, this.#desk, this.#checkMs);
  }

  /** An event as PROTOCOL.md has it, with an `eventId` of your own where one is given. Never throws or rejects. */
  report(event: JobEvent): Promise<Receipt> {
    return this.#desk.report(event);
  }

  /** @internal As `report`; refusals with these codes are not told as errors. */
  reportExpecting(event: JobEvent, codes: readonly string[]): Promise<Receipt> {
    return this.#desk.report(event, codes);
  }

  /** The last events of a job (100 at most), oldest first. Rejects with a `JobwireError`. */
  async history(jobId: string, limit?: number): Promise<StoredEvent[]> {
    const query = limit === undefined ? '' : `?limit=${encodeURIComponent(limit)}`;
    const { events } = (await this.#desk.ask(`/jobs/${encodeURIComponent(jobId)}/history${query}`)) as { events: StoredEvent[] };
    return events;
  }

  /** A page of jobs, newest change first; `next`, if there is one, is the next page's `before`. Rejects with a `JobwireError`. */
  async jobs(filter: JobFilter = {}): Promise<{ jobs: JobState[]; next?: number }> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, String(value));
    return (await this.#desk.ask(`/jobs?${query}`)) as { jobs: JobState[]; next?: number };
  }

  /** Jobwire's own figures: `connections`, `sessions`, … Rejects with a `JobwireError`. */
  async stats(): Promise<Readonly<Record<string, unknown>>> {
    return (await this.#desk.ask('/stats')) as Record<string, unknown>;
  }

  /** A token for a page. Throws where `secret` is missing or the request breaks a rule. */
  tokenFor(request: TokenRequest): string {
    if (!this.#secret) throw new JobwireError('bad_request', 'tokenFor needs the secret that Jobwire verifies tokens with', { field: 'secret' });
    return signToken(this.#secret, request, this.#desk.clock.now());
  }

  /** To everybody who is connected. */
  broadcast(name: string, data?: unknown, options: MessageOptions = {}): Promise<Receipt> {
    return this.#message('everyone', '/broadcast', name, data, options);
  }

  /** To all pages of one user; and their inbox. */
  user(id: string): User {
    const [whom, path] = [`user:${id}`, `/users/${encodeURIComponent(id)}`];
    return {
      send: (name, data, options = {}) => this.#message(whom, `${path}/messages`, name, data, options),
      notify: (notification) => {
        const body = { ...notification, id: notification.id ?? this.#desk.newId() };
        return this.#desk.post({ whom, path: `${path}/notifications`, name: 'notification', body, rank: ranks.lifecycle });
      },
    };
  }

  /** To all who follow a channel: `job:42`, `queue:large`, `all-jobs`. */
  channel(channel: string): Recipient {
    const path = `/channels/${encodeURIComponent(channel)}/messages`;
    return { send: (name, data, options = {}) => this.#message(`channel:${channel}`, path, name, data, options) };
  }

  /** Calls the listener until the answered function is called. What nobody listens to is logged. */
  on<N extends keyof PublisherEvents>(name: N, listener: Listener<PublisherEvents[N]>): () => void {
    return this.#teller.on(name, listener);
  }

  /** True once all that has been reported so far is settled; false where that takes longer than `timeoutMs`. */
  flush({ timeoutMs }: { readonly timeoutMs?: number | undefined } = {}): Promise<boolean> {
    return this.#desk.flush(timeoutMs);
  }

  /**
   * Takes no more reports, and gives those under way `timeoutMs` (5,000); what is left then is dropped, and told. True if
   * nothing was. Without it a process ends by itself once Jobwire has everything.
   */
  close({ timeoutMs = closeMs }: { readonly timeoutMs?: number | undefined } = {}): Promise<boolean> {
    return this.#desk.close(timeoutMs);
  }

  async #created(id: string, job: NewJob, signal: AbortSignal | undefined): Promise<JobReporter> {
    const receipt = await abortable(this.#desk.report(creationOf({ ...job, id })), signal);
    if (receipt.status === 'accepted') return this.job(id);
    throw receipt.error ?? new JobwireError('unavailable', 'the job was not created: the buffer is full, or the publisher was closed', { jobId: id, type: 'queued' });
  }

  #message(whom: string, path: string, name: string, data: unknown, { id = this.#desk.newId() }: MessageOptions): Promise<Receipt> {
    return this.#desk.post({ whom, path, name, body: { name, data: data ?? null, id }, rank: ranks.update });
  }
}

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new JobwireError('bad_request', `url must be where Jobwire is, such as http://localhost:7070, not ${JSON.stringify(text)}`, { field: 'url' });
}

function keyOf({ key, secret }: JobwireOptions, clock: Clock): () => string | Promise<string> {
  if (typeof key === 'function') return key;
  if (key) return () => key;
  if (secret) return () => signToken(secret, { user: 'publisher', role: 'service', expiresIn: '5m' }, clock.now());
  throw new JobwireError('bad_request', 'key (an API key or a service token) or secret must be given', { field: 'key' });
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
