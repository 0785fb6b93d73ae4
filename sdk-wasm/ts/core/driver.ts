import { readError, readStatus } from './status.js';
import { Call, Core, encoder } from './core.js';
import type { CoreModule } from './loader.js';
import { type JobwireError, wordsOf } from './errors.js';
import type { PackedReader } from './packed.js';
import type { ConnectionSnapshot, ConnectOptions, WebSocketConstructor, WebSocketLike } from './types.js';

/** What concerns the page rather than the network. */
export interface Page {
  onStatus(status: ConnectionSnapshot): void;
  /** A message that is no matter of the session, as it came. */
  onPushed(event: string, data: any): void;
  onRefused(channel: string, error: JobwireError): void;
  /** All is done that the session asked for: jobs may have changed. */
  onSettled(): void;
}

// `ActionKind` of src/records.cc.
const enum Action {
  openSocket,
  send,
  closeSocket,
  poll,
  abortPoll,
  request,
  needToken,
  status,
  commandDone,
  pushed,
  refused,
}

/**
 * Does what the session asks for, with the platform's sockets, requests and timers, and reports what came of it. It begins
 * when it is told `Call.start`.
 */
export class Driver {
  readonly core: Core;
  #options: ConnectOptions;
  #url: string;
  #page: Page;
  #token: string | undefined;
  // One of each at a time.
  #socket: WebSocketLike | undefined;
  #poll: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt: number | undefined;
  #commands = new Map<number, (error?: JobwireError) => void>();
  #isSettling = false;
  #end = new AbortController();

  /** `url`: absolute, without a slash at its end. */
  constructor(module: CoreModule, options: ConnectOptions, url: string, page: Page) {
    this.core = new Core(module, options);
    this.#options = options;
    this.#url = url;
    this.#page = page;
    const { token } = options;
    if (token) this.core.call(Call.setToken, (this.#token = token));
    this.#watchPlatform();
  }

  /** Every call into the session goes through here, so that its actions follow at once. */
  tell(what: Call, data?: string | Uint8Array, first?: number, second?: number, third?: number): void {
    // A report that comes when all is over finds nobody to tell.
    if (this.#end.signal.aborted) return;
    this.core.call(what, data, first, second, third);
    this.#settle();
  }

  cancel(jobId: string, reason: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const id = this.core.call(Call.cancel, jobId + reason, encoder.encode(jobId).length);
      // Kept before its answer can come.
      this.#commands.set(id, (error) => {
        this.#commands.delete(id);
        if (error) reject(error);
        else resolve();
      });
      this.#settle();
    });
  }

  close(): void {
    this.tell(Call.close);
    this.#end.abort();
  }

  // An action may call back into the session (a listener that cancels a job): those actions come after these.
  #settle(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    try {
      for (let from = this.core.take(Call.takeActions); !from.done; from = this.core.take(Call.takeActions)) {
        while (!from.done) this.#perform(from);
      }
    } finally {
      this.#isSettling = false;
    }
    this.#armTimer();
    this.#page.onSettled();
  }

  #perform(from: PackedReader): void {
    switch (from.number() as Action) {
      case Action.openSocket:
        return this.#openSocket(from.number());
      case Action.send:
        return this.#socket?.send(from.text());
      case Action.closeSocket:
        // It may take its time to close: once the session has let go of a socket, it hears no more of it.
        return this.#socket?.close(from.number());
      case Action.poll:
        this.#poll = new AbortController();
        return void this.#post(Call.polled, from.number(), '/changes', from.text(), this.#poll.signal);
      case Action.abortPoll:
        return this.#poll?.abort();
      case Action.request: {
        const id = from.number();
        const path = `/jobs/${encodeURIComponent(from.text())}/cancel`;
        return void this.#post(Call.requested, id, path, JSON.stringify({ reason: from.textOr() }));
      }
      case Action.needToken:
        return void this.#renewToken(from.text());
      case Action.status:
        return this.#page.onStatus(readStatus(from));
      case Action.commandDone:
        return this.#commands.get(from.number())?.(from.flag() ? readError(from) : undefined);
      case Action.pushed:
        return this.#page.onPushed(from.text(), JSON.parse(from.text()));
      case Action.refused:
        return this.#page.onRefused(from.text(), readError(from));
    }
  }

  // ---- WebSocket ----
  #openSocket(id: number): void {
    const { WebSocket = globalThis.WebSocket as WebSocketConstructor } = this.#options;
    let socket: WebSocketLike;
    try {
      socket = this.#socket = new WebSocket(`${this.#url.replace(/^http/, 'ws')}/ws`, ['jobwire.v1']);
    } catch {
      // None on this platform, or none is allowed. Not at once: the session is in the middle of its actions.
      return queueMicrotask(() => this.tell(Call.closed, '', id, 1006));
    }
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.tell(Call.opened, '', id);
    socket.onmessage = ({ data }: { data: string | ArrayBuffer }) =>
      this.tell(Call.received, typeof data === 'string' ? data : new Uint8Array(data), id);
    socket.onclose = ({ code }: { code: number }) => this.tell(Call.closed, '', id, code);
    socket.onerror = () => {}; // `close` follows and tells all that a page may know
  }

  // ---- HTTP ----
  async #post(told: Call, id: number, path: string, body: string, signal?: AbortSignal): Promise<void> {
    try {
      const response = await this.fetch('POST', path, body, signal);
      const bytes = new Uint8Array(await response.arrayBuffer());
      this.tell(told, bytes, id, response.status, +response.headers.get('retry-after')! * 1000 || 0);
    } catch {
      if (!signal?.aborted) this.tell(told, '', id);
    }
  }

  /** Asks the API. */
  fetch(method: string, path: string, body?: string, signal?: AbortSignal): Promise<Response> {
    const headers: HeadersInit = {
      'content-type': 'application/json',
      ...(this.#token && { authorization: `Bearer ${this.#token}` }),
    };
    // Called bare: a page's fetch does not work as another object's method.
    const { fetch = globalThis.fetch } = this.#options;
    return fetch(`${this.#url}/api/v1${path}`, { method, headers, body, signal });
  }

  // ---- token ----
  async #renewToken(reason: string): Promise<void> {
    const { getToken } = this.#options;
    if (!getToken) return; // the session has stopped, and says so
    try {
      // A text that came as a line of its own ends with one.
      this.tell(Call.setToken, (this.#token = (await getToken(reason)).trim()));
    } catch (error) {
      this.tell(Call.tokenFailed, wordsOf(error));
    }
  }

  // ---- time and platform ----
  #armTimer(): void {
    const at = this.core.call(Call.wakeAt);
    if (at === this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const wake = () => {
      this.#timerAt = 0;
      this.tell(Call.tick);
    };
    if (at) this.#timer = setTimeout(wake, at - Date.now());
  }

  #watchPlatform(): void {
    const { document, navigator } = globalThis;
    const watch = (target: EventTarget | undefined, event: string, told: () => void) =>
      target?.addEventListener?.(event, told, { signal: this.#end.signal });
    const online = (is: boolean) => this.tell(Call.setOnline, '', +is);
    const visible = () => this.tell(Call.setVisible, '', +!document?.hidden);
    watch(globalThis as unknown as EventTarget, 'online', () => online(true));
    watch(globalThis as unknown as EventTarget, 'offline', () => online(false));
    watch(document, 'visibilitychange', visible);
    online(navigator?.onLine !== false);
    visible();
  }
}
