import type { Action } from './actions.js';
import type { Core } from './core.js';
import { JobwireError } from './errors.js';
import type { WebSocketConstructor, WebSocketLike } from './types.js';

export interface DriverOptions {
  /** Absolute, without a slash at its end. */
  url: string;
  token: string | undefined;
  getToken: ((reason: string) => string | Promise<string>) | undefined;
  WebSocket: WebSocketConstructor | undefined;
  fetch: typeof fetch;
}

export interface DriverEvents {
  /** Actions that concern the page rather than the network. */
  onAction(action: Action): void;
  /** Something was received: jobs may have changed. */
  onReceived(): void;
}

/** Does what the session asks for, with the platform's sockets, requests and timers, and reports what came of it. */
export class Driver {
  #core: Core;
  #options: DriverOptions;
  #events: DriverEvents;
  #token: string | undefined;
  #sockets = new Map<number, WebSocketLike>();
  #polls = new Map<number, AbortController>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = 0;
  #isSettling = false;
  #stopWatching: () => void;
  #isClosed = false;

  constructor(core: Core, options: DriverOptions, events: DriverEvents) {
    this.#core = core;
    this.#options = options;
    this.#events = events;
    this.#token = options.token;
    if (options.token !== undefined) core.setToken(options.token);
    this.#stopWatching = this.#watchPlatform();
    this.tell(() => core.start());
  }

  /** Every call into the session goes through here, so that its actions follow at once. */
  tell<T>(call: () => T): T {
    const answer = call();
    this.#settle();
    return answer;
  }

  close(): void {
    this.tell(() => this.#core.close());
    this.#isClosed = true;
    this.#stopWatching();
    clearTimeout(this.#timer);
    for (const abort of this.#polls.values()) abort.abort();
  }

  // An action may call back into the session (a listener that cancels a job): those actions come after these.
  #settle(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    try {
      for (let actions = this.#core.takeActions(); actions.length > 0; actions = this.#core.takeActions()) {
        for (const action of actions) this.#perform(action);
      }
    } finally {
      this.#isSettling = false;
    }
    this.#armTimer();
  }

  #perform(action: Action): void {
    switch (action.kind) {
      case 'openSocket':
        return this.#openSocket(action.socket);
      case 'send':
        return this.#sockets.get(action.socket)?.send(action.text);
      case 'closeSocket':
        return this.#closeSocket(action.socket, action.code);
      case 'poll':
        return void this.#poll(action.poll, action.body);
      case 'abortPoll':
        return this.#polls.get(action.poll)?.abort();
      case 'request':
        return void this.#request(action.id, action.jobId, action.reason);
      case 'needToken':
        return void this.#renewToken(action.reason);
      default:
        return this.#events.onAction(action);
    }
  }

  // A report that comes when all is over finds nobody to tell.
  #report(call: () => void): void {
    if (!this.#isClosed) this.tell(call);
  }

  // ---- WebSocket ----
  #openSocket(id: number): void {
    let socket: WebSocketLike;
    try {
      if (!this.#options.WebSocket) throw new Error('no WebSocket on this platform');
      socket = new this.#options.WebSocket(`${this.#options.url.replace(/^http/, 'ws')}/ws`, ['jobwire.v1']);
    } catch (error) {
      // Not at once: the session is in the middle of its actions.
      queueMicrotask(() => this.#report(() => this.#core.socketClosed(id, 1006, String(error))));
      return;
    }
    this.#sockets.set(id, socket);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#report(() => this.#core.socketOpened(id));
    socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => {
      this.#report(() => this.#core.socketReceived(id, typeof data === 'string' ? data : new Uint8Array(data)));
      this.#events.onReceived();
    };
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      this.#forgetSocket(id);
      this.#report(() => this.#core.socketClosed(id, code, reason));
    };
    socket.onerror = () => {}; // `close` follows and tells all that a page may know
  }

  // Once the session has let go of a socket nothing of it matters: it may take its time to close.
  #closeSocket(id: number, code: number): void {
    const socket = this.#sockets.get(id);
    this.#forgetSocket(id);
    // Pages may send 1000 and 3000 to 4999 only.
    socket?.close(code === 1000 || code >= 3000 ? code : 1000);
  }

  #forgetSocket(id: number): void {
    const socket = this.#sockets.get(id);
    this.#sockets.delete(id);
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
  }

  // ---- HTTP ----
  async #poll(id: number, body: string): Promise<void> {
    const abort = new AbortController();
    this.#polls.set(id, abort);
    try {
      const response = await this.#fetch('POST', '/changes', body, abort.signal);
      const bytes = new Uint8Array(await response.arrayBuffer());
      this.#report(() => this.#core.polled(id, response.status, retryAfterMs(response), bytes));
      this.#events.onReceived();
    } catch {
      if (!abort.signal.aborted) this.#report(() => this.#core.polled(id, 0));
    } finally {
      this.#polls.delete(id);
    }
  }

  async #request(id: number, jobId: string, reason: string): Promise<void> {
    try {
      const path = `/jobs/${encodeURIComponent(jobId)}/cancel`;
      const response = await this.#fetch('POST', path, JSON.stringify(reason ? { reason } : {}));
      const bytes = new Uint8Array(await response.arrayBuffer());
      this.#report(() => this.#core.requested(id, response.status, bytes));
    } catch {
      this.#report(() => this.#core.requested(id, 0));
    }
  }

  /** Asks the API for what is no matter of the session. Rejects with `JobwireError`. */
  async ask(method: string, path: string): Promise<any> {
    const response = await this.#fetch(method, path).catch(() => undefined);
    const body = await response?.json().catch(() => undefined);
    if (response?.ok && body) return body;
    throw new JobwireError(body?.code ?? 'unavailable', body?.message ?? 'The server gave no answer', body?.field);
  }

  #fetch(method: string, path: string, body?: string, signal?: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.#token !== undefined) headers['authorization'] = `Bearer ${this.#token}`;
    // Called bare: a page's fetch does not work as another object's method.
    const { fetch, url } = this.#options;
    return fetch(`${url}/api/v1${path}`, { method, headers, body: body ?? null, cache: 'no-store', signal: signal ?? null });
  }

  // ---- token ----
  async #renewToken(reason: string): Promise<void> {
    const { getToken } = this.#options;
    if (!getToken) return; // the session has stopped, and says so
    try {
      const token = await getToken(reason);
      this.#token = token;
      this.#report(() => this.#core.setToken(token));
    } catch (error) {
      this.#report(() => this.#core.tokenFailed(error instanceof Error ? error.message : String(error)));
    }
  }

  // ---- time and platform ----
  #armTimer(): void {
    const at = this.#isClosed ? 0 : this.#core.wakeAt();
    if (at === this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    if (at === 0) return;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = 0;
        this.#report(() => this.#core.tick());
      },
      Math.max(0, at - Date.now()),
    );
  }

  #watchPlatform(): () => void {
    const { document } = globalThis;
    const target: EventTarget | undefined = typeof addEventListener === 'function' ? globalThis : undefined;
    const online = () => this.#report(() => this.#core.setOnline(true));
    const offline = () => this.#report(() => this.#core.setOnline(false));
    const visible = () => this.#report(() => this.#core.setVisible(!document.hidden));
    target?.addEventListener('online', online);
    target?.addEventListener('offline', offline);
    document?.addEventListener('visibilitychange', visible);
    if (globalThis.navigator?.onLine === false) this.#core.setOnline(false);
    if (document?.hidden) this.#core.setVisible(false);
    return () => {
      target?.removeEventListener('online', online);
      target?.removeEventListener('offline', offline);
      document?.removeEventListener('visibilitychange', visible);
    };
  }
}

function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get('retry-after'));
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}
