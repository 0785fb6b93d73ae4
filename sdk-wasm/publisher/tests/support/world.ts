// A world without time and network of its own: a clock that is moved by hand, and a Jobwire that is away when told to be.
import type { HttpAnswer } from '../../src/answers.js';
import type { Clock } from '../../src/clock.js';
import type { Http, HttpRequest } from '../../src/http.js';
import { Jobwire, type JobwireOptions } from '../../src/jobwire.js';
import type { Dropped, JobEvent, PublisherEvents } from '../../src/types.js';

export class VirtualClock implements Clock {
  #now = 1_764_000_000_000;
  #timers = new Map<number, { at: number; call: () => void }>();
  #number = 0;

  now = (): number => this.#now;

  after = (ms: number, call: () => void): (() => void) => {
    const number = ++this.#number;
    this.#timers.set(number, { at: this.#now + ms, call });
    return () => this.#timers.delete(number);
  };

  get timers(): number {
    return this.#timers.size;
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await turn();
      const next = [...this.#timers].filter(([, { at }]) => at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
      if (!next) break;
      this.#now = Math.max(this.#now, next[1].at);
      this.#timers.delete(next[0]);
      next[1].call();
    }
    this.#now = end;
  }
}

/** Until all that can happen now has happened. */
export const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

type Stored = JobEvent & { eventId: string };
interface KnownJob {
  status: string;
  cancelRequested: boolean;
  events: Stored[];
  bodies: Map<string, string>;
}

/** `Promise.withResolvers` of Node 22. */
export function pending<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

/** A random sequence that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class FakeJobwire implements Http {
  readonly jobs = new Map<string, KnownJob>();
  readonly requests: HttpRequest[] = [];
  readonly messages: { path: string; name: string; data: unknown; id: string }[] = [];
  /** `lost`: the request does not arrive; `unheard`: it does, and its answer is lost; or an answer in place of ours. */
  weather: () => 'fine' | 'lost' | 'unheard' | HttpAnswer = () => 'fine';
  /** Of one event; an error code. */
  refuses: (event: JobEvent) => { code: string; message?: string; field?: string; retryAfter?: number } | undefined = () => undefined;
  latencyMs = 5;
  mostUnderWay = 0;
  isClosed = false;
  #underWay = 0;

  constructor(readonly clock: VirtualClock) {}

  async send(request: HttpRequest): Promise<HttpAnswer> {
    this.requests.push(request);
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.#underWay);
    const weather = this.weather();
    const answer = weather === 'fine' || weather === 'unheard' ? this.#answer(request) : undefined;
    await new Promise<void>((resolve) => void this.clock.after(this.latencyMs, resolve));
    this.#underWay -= 1;
    if (typeof weather === 'object') return weather;
    return weather === 'fine' ? answer! : { status: 0, reason: 'ECONNREFUSED' };
  }

  close(): void {
    this.isClosed = true;
  }

  /** The bodies of `POST /events`. */
  get batches(): Stored[][] {
    return this.requests.filter(({ path }) => path === '/events').map(({ body }) => JSON.parse(body!) as Stored[]);
  }

  events(jobId: string): Stored[] {
    return this.jobs.get(jobId)?.events ?? [];
  }

  types(jobId: string): string[] {
    return this.events(jobId).map(({ type, progress }) => (type === 'progress' ? String(progress) : type));
  }

  #answer({ path, body }: HttpRequest): HttpAnswer {
    if (path === '/events') return ok({ verdicts: (JSON.parse(body!) as Stored[]).map((event) => this.#append(event)) });
    if (path.endsWith('/messages') || path === '/broadcast') return this.#take(path, body!);
    const [, id, more] = /^\/jobs\/([^/?]+)(\/history)?/.exec(path) ?? [];
    const job = id && this.jobs.get(decodeURIComponent(id));
    if (!job) return problem(404, 'not_found', 'there is no such job');
    if (more) return ok({ events: job.events.map((event, at) => ({ ...event, seq: at + 1, offset: at + 1, at: 1000 + at })) });
    return ok({ id: decodeURIComponent(id!), status: job.status, progress: 0, attempt: 1, ...(job.cancelRequested && { cancelRequestedAt: 1 }) });
  }

  #take(path: string, body: string): HttpAnswer {
    const message = JSON.parse(body) as { name: string; data: unknown; id: string };
    if (!this.messages.some(({ id }) => id === message.id)) this.messages.push({ path, ...message });
    return { status: 202, retryAfter: undefined, body: '{}' };
  }

  #append(event: Stored): object {
    const job = this.jobs.get(event.jobId) ?? { status: '', cancelRequested: false, events: [], bodies: new Map<string, string>() };
    const answer = { jobId: event.jobId, cancelRequested: job.cancelRequested };
    const before = job.bodies.get(event.eventId);
    if (before !== undefined) {
      return before === JSON.stringify(event) ? { ...answer, status: 'repeated' } : { ...answer, status: 'rejected', error: { code: 'event_id_reused', message: 'x' } };
    }
    const isOver = ['completed', 'failed', 'cancelled'].includes(job.status);
    const conflict = event.type === 'retried' ? !isOver : event.type === 'queued' ? job.status !== '' : isOver;
    const error = this.refuses(event) ?? (conflict ? { code: 'conflict', message: `the job is ${job.status}` } : undefined);
    if (error) return { ...answer, status: 'rejected', error: { message: 'refused', ...error } };
    this.jobs.set(event.jobId, job);
    job.bodies.set(event.eventId, JSON.stringify(event));
    job.events.push(event);
    if (['queued', 'completed', 'failed', 'cancelled'].includes(event.type)) job.status = event.type;
    else job.status = event.type === 'retried' ? 'queued' : 'active';
    return { ...answer, status: 'appended' };
  }
}

export const ok = (body: object): HttpAnswer => ({ status: 200, retryAfter: undefined, body: JSON.stringify(body) });
export const problem = (status: number, code: string, message: string, retryAfter?: string): HttpAnswer => {
  return { status, retryAfter, body: JSON.stringify({ code, message }) };
};

export interface World {
  clock: VirtualClock;
  server: FakeJobwire;
  jobwire: Jobwire;
  /** What the publisher told, by name. */
  told: { [N in keyof PublisherEvents]: PublisherEvents[N][] };
  lines: string[];
}

export function world(options: Partial<JobwireOptions> = {}, { listening = true, random = () => 1 }: { listening?: boolean; random?: () => number } = {}): World {
  const clock = new VirtualClock();
  const server = new FakeJobwire(clock);
  const lines: string[] = [];
  let number = 0;
  const jobwire = new Jobwire(
    { url: 'http://jobs.test', key: 'k', log: (line) => lines.push(line), ...options },
    { http: server, clock, random, newId: () => `id-${++number}` },
  );
  const told: World['told'] = { error: [], dropped: [] as Dropped[], away: [], back: [] };
  if (listening) {
    jobwire.on('error', (error) => told.error.push(error));
    jobwire.on('dropped', (dropped) => told.dropped.push(dropped));
    jobwire.on('away', (away) => told.away.push(away));
    jobwire.on('back', (back) => told.back.push(back));
  }
  return { clock, server, jobwire, told, lines };
}
