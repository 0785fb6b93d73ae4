// A Jobwire server as the driver sees it: sockets and answers by hand, no network, no real time needed.
import { readFileSync } from 'node:fs';

import { connect, type ConnectOptions, type JobwireClient } from '@jobwire/client';

import { wasmFile } from '../../scripts/aliases.mjs';

type Json = Record<string, unknown>;
export interface FakeJob extends Json {
  id: string;
}
export interface FakeNotification extends Json {
  id: string;
  offset: number;
  read: boolean;
}

const wasm = new WebAssembly.Module(readFileSync(wasmFile));
const textDecoder = new TextDecoder();
const epoch = 'a'.repeat(16);

export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  readonly requests: { path: string; body: Json; authorization: string | null }[] = [];
  readonly jobs = new Map<string, FakeJob>();
  readonly refused = new Set<string>();
  /** Wide channels that begin with their newest jobs only. */
  readonly truncated = new Set<string>();
  user = 'alice';
  role = 'user';
  offset = 1;
  webSocketWorks = true;
  httpWorks = true;
  /** The user's inbox, newest first. */
  inbox: FakeNotification[] = [];
  pageSize = 50;
  /** Answers `cancel`: undefined is ok. */
  cancelError: Json | undefined;
  acceptsToken: (token: string | undefined) => boolean = () => true;
  /** What the next poll is told beside the jobs. */
  messages: { name: string; data: unknown }[] = [];
  estimates: Json[] = []; // told with every poll
  #polls: { answer: () => void }[] = [];

  /** Adds or replaces a job and tells everybody who follows it. */
  put(job: FakeJob): void {
    const known = this.jobs.get(job.id);
    const seq = ((known?.['seq'] as number) ?? 0) + 1;
    const now = Date.now();
    const full = {
      status: 'active', progress: 0, attempt: 1, createdAt: now, updatedAt: now, ...known, ...job, seq, version: ++this.offset,
    };
    this.jobs.set(job.id, full);
    this.tell({ jobs: [full] }, full);
  }

  /** An event of a job, as the log would stamp it, folded here by hand into `after`. */
  event(id: string, event: Json, after: Json = {}): void {
    const known = this.jobs.get(id)!;
    const seq = (known['seq'] as number) + 1;
    const offset = ++this.offset;
    const full = { ...known, ...after, seq, version: offset };
    this.jobs.set(id, full as FakeJob);
    this.tell({ events: [{ ...event, jobId: id, seq, offset, at: Date.now() }] }, full);
  }

  remove(id: string): void {
    const job = this.jobs.get(id)!;
    this.jobs.delete(id);
    this.tell({ removed: [{ jobId: id, version: ++this.offset }] }, job);
  }

  /** Makes a notification, or changes it, and tells it. */
  notify(id: string, change: Json = {}): void {
    const known = this.inbox.find((one) => one.id === id);
    const offset = ++this.offset;
    const one = { type: 'info', title: `title of ${id}`, read: false, createdAt: offset, offset, ...known, ...change, id, version: offset };
    this.inbox = [one, ...this.inbox.filter((other) => other !== known)].sort((a, b) => b.offset - a.offset);
    this.tell({ notifications: [one], unread: this.unread });
  }

  get unread(): number {
    return this.inbox.filter(({ read }) => !read).length;
  }

  tell(changes: Json, about?: Json): void {
    for (const socket of this.sockets) {
      if (socket.isLive && (!about || [...socket.channels].some((channel) => carries(channel, about)))) {
        socket.deliver('changes', { cursor: this.cursor, synced: true, ...changes });
      }
    }
    for (const poll of this.#polls.splice(0)) poll.answer();
  }

  push(event: string, data: Json): void {
    for (const socket of this.sockets) if (socket.isLive) socket.deliver(event, data);
  }

  get cursor(): string {
    return `${epoch}:${this.offset}`;
  }

  get live(): FakeSocket | undefined {
    return this.sockets.find((socket) => socket.isLive);
  }

  /** The channels that somebody follows now. */
  get channels(): string[] {
    return this.sockets.filter((socket) => socket.isLive).flatMap((socket) => [...socket.channels]).sort();
  }

  cut(code = 1006): void {
    for (const socket of this.sockets) socket.end(code);
  }

  followed(channels: string[]): Json {
    const truncated = channels.filter((channel) => this.truncated.has(channel));
    return { followed: channels, ...(truncated.length && { truncated }) };
  }

  snapshot(channels: Iterable<string>): FakeJob[] {
    const wanted = [...channels];
    return [...this.jobs.values()].filter((job) => wanted.some((channel) => carries(channel, job)));
  }

  readonly WebSocket = fakeWebSocket(this);

  readonly fetch = (async (url: string, init: RequestInit) => {
    const { pathname: path, searchParams } = new URL(url);
    const body = JSON.parse(String(init.body ?? null)) as Json;
    this.requests.push({ path, body, authorization: new Headers(init.headers).get('authorization') });
    if (!this.httpWorks) throw new TypeError('network');
    if (path.endsWith('/cancel')) {
      return this.cancelError
        ? Response.json(this.cancelError, { status: 409 })
        : Response.json({ status: 'appended', cancelRequested: true }, { status: 202 });
    }
    if (path.includes('/notifications')) return this.#answerInbox(path.split('/notifications')[1]!, Number(searchParams.get('before') ?? 1e9));
    return this.#answerPoll(body, init.signal ?? undefined);
  }) as typeof fetch;

  #answerInbox(path: string, before: number): Response {
    const older = this.inbox.filter(({ offset }) => offset < before);
    const page = older.slice(0, this.pageSize);
    if (path === '') {
      const next = older.length > page.length ? { next: page.at(-1)!.offset } : {};
      return Response.json({ notifications: page, unread: this.unread, ...next });
    }
    const ids = path === '/read-all' ? this.inbox.map(({ id }) => id) : [decodeURIComponent(path.split('/')[1]!)];
    const named = this.inbox.filter(({ id }) => ids.includes(id));
    if (named.length < ids.length) {
      return Response.json({ code: 'not_found', message: 'there is no such notification', field: 'id' }, { status: 404 });
    }
    for (const { id, read } of named) if (!read) this.notify(id, { read: true });
    return Response.json({ read: named.length, count: this.unread });
  }

  async #answerPoll(body: Json, signal?: AbortSignal): Promise<Response> {
    const from = Number(String(body['cursor'] ?? '').split(':')[1] ?? 0);
    const join = (body['join'] as string[] | undefined) ?? [];
    const channels = (body['channels'] as string[] | undefined) ?? [];
    const changed = () => this.snapshot(channels).filter((job) => (job['version'] as number) > from);
    if (join.length === 0 && changed().length === 0 && Number(body['wait'] ?? 0) > 0) await this.#held(Number(body['wait']), signal);
    const jobs = [...changed(), ...this.snapshot(join)];
    const { user, role, messages, estimates } = this;
    this.messages = [];
    const news = this.inbox.filter(({ version }) => from > 0 && (version as number) > from);
    const inbox = from === 0 ? { unread: this.unread } : news.length > 0 ? { notifications: news, unread: this.unread } : {};
    return Response.json({ cursor: this.cursor, synced: true, jobs, ...inbox, ...(messages.length && { messages }), ...(estimates.length && { estimates }), ...(join.length && { followed: join }), user, role });
  }

  #held(wait: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, wait);
      this.#polls.push({ answer: () => (clearTimeout(timer), resolve()) });
      signal?.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason)));
    });
  }
}

export function carries(channel: string, job: Json): boolean {
  const [kind, id] = channel.split(/:(.*)/s);
  if (kind === 'all-jobs') return true;
  return { job: job['id'], user: job['userId'], queue: job['queue'] }[kind as 'job'] === id;
}

export class FakeSocket {
  binaryType = '';
  onopen: ((event: unknown) => void) | null = null;
  onmessage: ((event: unknown) => void) | null = null;
  onclose: ((event: unknown) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly received: Json[] = [];
  readonly channels = new Set<string>();
  isLive = false;
  isBinary = false;
  closedWith: number | undefined;

  constructor(
    readonly server: FakeServer,
    readonly url: string,
    readonly protocols: string | string[] | undefined,
  ) {
    server.sockets.push(this);
    queueMicrotask(() => (server.webSocketWorks ? this.onopen?.({}) : this.end(1006)));
  }

  send(text: string): void {
    const message = JSON.parse(text) as { event: string; data: Json; id?: number };
    this.received.push(message as unknown as Json);
    queueMicrotask(() => this.#answer(message));
  }

  close(code: number): void {
    this.isLive = false;
    this.closedWith = code;
  }

  end(code: number, reason = ''): void {
    this.isLive = false;
    this.onclose?.({ code, reason });
  }

  deliver(event: string, data: Json): void {
    const text = JSON.stringify({ event, data });
    this.onmessage?.({ data: this.isBinary ? new TextEncoder().encode(text).buffer : text });
  }

  #answer({ event, data, id }: { event: string; data: Json; id?: number }): void {
    const { server } = this;
    if (event === 'hello') return this.#welcome(data);
    if (event === 'subscribe') return this.#subscribe(data['channels'] as string[], id);
    if (event === 'unsubscribe') for (const channel of data['channels'] as string[]) this.channels.delete(channel);
    if (event === 'heartbeat') return this.deliver('heartbeat', { serverTime: Date.now() });
    if (event === 'sync') {
      const jobs = (data['jobIds'] as string[]).flatMap((job) => server.jobs.get(job) ?? []);
      return this.deliver('changes', { cursor: server.cursor, synced: true, jobs });
    }
    if (id !== undefined) {
      const error = event === 'cancel' ? server.cancelError : undefined;
      this.deliver('reply', error ? { id, error } : { id, ok: true });
    }
  }

  #welcome(hello: Json): void {
    const { server } = this;
    if (!server.acceptsToken(hello['token'] as string | undefined)) return this.end(4401, 'expired');
    this.isLive = true;
    this.isBinary = hello['binary'] === true;
    const { user, role } = server;
    this.deliver('welcome', {
      sessionId: 's', cursor: server.cursor, heartbeat: 25_000, ...(user && { user }), role, serverTime: Date.now(),
    });
    const channels = (hello['channels'] as string[] | undefined) ?? [];
    for (const channel of channels) this.channels.add(channel);
    const view = hello['cursor'] === undefined ? { reset: true, unread: server.unread } : {};
    this.deliver('changes', { cursor: server.cursor, synced: true, ...view, jobs: server.snapshot(channels), ...server.followed(channels) });
  }

  #subscribe(channels: string[], id: number | undefined): void {
    const { server } = this;
    for (const channel of channels) {
      if (server.refused.has(channel)) {
        const error = { code: 'forbidden', message: `${channel} may not be followed`, field: channel };
        return this.deliver('reply', { id, error });
      }
    }
    for (const channel of channels) this.channels.add(channel);
    this.deliver('changes', { cursor: server.cursor, synced: true, jobs: server.snapshot(channels), ...server.followed(channels) });
    if (id !== undefined) this.deliver('reply', { id, ok: true });
  }
}

function fakeWebSocket(server: FakeServer) {
  return class extends FakeSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(server, url, protocols);
    }
  };
}

const clients: JobwireClient[] = [];

/** A client of this server, with short delays; closed by `closeClients`. */
export function connectTo(server: FakeServer, options: ConnectOptions = {}): JobwireClient {
  const client = connect({
    url: 'http://jobs.test/base',
    wasm,
    WebSocket: server.WebSocket,
    fetch: server.fetch,
    unfollowDelayMs: 20,
    ...options,
    timing: { backoffBaseMs: 5, backoffCapMs: 20, openTimeoutMs: 500, pollWaitMs: 200, climbIntervalMs: 50, ...options.timing },
  });
  clients.push(client);
  return client;
}

export function closeClients(): void {
  for (const client of clients.splice(0)) client.close();
}

export function textOf(data: string | ArrayBuffer): string {
  return typeof data === 'string' ? data : textDecoder.decode(data);
}
