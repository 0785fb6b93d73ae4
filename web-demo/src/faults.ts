// Ways to break this page's line to Jobwire. They sit between the SDK and the platform, where a bad network would: the SDK is
// given these in place of WebSocket and fetch, and is told nothing.
import type { WebSocketConstructor, WebSocketLike } from '@jobwire/react';

export interface FaultState {
  /** A proxy that does not know WebSocket: sockets fail, HTTP works. */
  readonly blockWebSocket: boolean;
  /** A half-open line: nothing fails, nothing arrives. */
  readonly holdAnswers: boolean;
  /** No network at all. */
  readonly unplugged: boolean;
}

type Waiting = () => void;

export function createFaults(platform: { WebSocket: WebSocketConstructor; fetch: typeof fetch }) {
  let state: FaultState = { blockWebSocket: false, holdAnswers: false, unplugged: false };
  const listeners = new Set<() => void>();
  const sockets = new Set<FaultySocket>();
  const held = new Set<Waiting>();
  const breakers = new Set<Waiting>();

  /** Runs `deliver` now, or once answers are let through again. The order is kept. */
  function deliver(answer: Waiting): void {
    if (state.holdAnswers) held.add(answer);
    else answer();
  }

  class FaultySocket implements WebSocketLike {
    onopen: WebSocketLike['onopen'] = null;
    onmessage: WebSocketLike['onmessage'] = null;
    onclose: WebSocketLike['onclose'] = null;
    onerror: WebSocketLike['onerror'] = null;
    private inner: WebSocketLike | undefined;
    private binary = 'blob';

    constructor(url: string, protocols?: string | string[]) {
      sockets.add(this);
      if (state.unplugged || state.blockWebSocket) {
        setTimeout(() => this.cut());
        return;
      }
      const inner = new platform.WebSocket(url, protocols);
      this.inner = inner;
      const pass = (name: 'onopen' | 'onmessage' | 'onclose' | 'onerror') => (event: unknown) =>
        deliver(() => {
          if (this.inner !== inner) return;
          if (name === 'onclose') this.leave();
          this[name]?.(event);
        });
      inner.onopen = pass('onopen');
      inner.onmessage = pass('onmessage');
      inner.onclose = pass('onclose');
      inner.onerror = pass('onerror');
    }

    get binaryType() {
      return this.inner?.binaryType ?? this.binary;
    }
    set binaryType(type: string) {
      this.binary = type;
      if (this.inner) this.inner.binaryType = type;
    }
    send(text: string) {
      this.inner?.send(text);
    }
    close(code?: number, reason?: string) {
      if (this.inner) this.inner.close(code, reason);
      else this.leave();
    }
    private leave() {
      sockets.delete(this);
      this.inner = undefined;
    }
    /** As when a cable is pulled: no closing handshake, code 1006. */
    cut() {
      if (!sockets.has(this)) return;
      const inner = this.inner;
      this.leave();
      inner?.close();
      this.onerror?.({ type: 'error' });
      this.onclose?.({ type: 'close', code: 1006, reason: '', wasClean: false });
    }
  }

  const faultyFetch: typeof fetch = (input, init) =>
    new Promise<Response>((resolve, reject) => {
      const fail = () => reject(new TypeError('Failed to fetch'));
      if (state.unplugged) return void setTimeout(fail);
      breakers.add(fail);
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true });
      const { fetch } = platform;
      fetch(input, init)
        .then((answer) => deliver(() => resolve(answer)), (error) => deliver(() => reject(error)))
        .finally(() => breakers.delete(fail));
    });

  function set(change: Partial<FaultState>): void {
    state = { ...state, ...change };
    if (state.unplugged) {
      for (const fail of breakers) fail();
      breakers.clear();
      held.clear();
    }
    if (state.unplugged || change.blockWebSocket) for (const socket of [...sockets]) socket.cut();
    if (!state.holdAnswers) {
      const waiting = [...held];
      held.clear();
      for (const answer of waiting) answer();
    }
    for (const notify of [...listeners]) notify();
  }

  return {
    WebSocket: FaultySocket as WebSocketConstructor,
    fetch: faultyFetch,
    set,
    /** Cuts the socket once; how many there were. */
    cut: (): number => {
      const open = [...sockets];
      for (const socket of open) socket.cut();
      return open.length;
    },
    subscribe: (notify: () => void) => {
      listeners.add(notify);
      return () => {
        listeners.delete(notify);
      };
    },
    getSnapshot: () => state,
  };
}

export type Faults = ReturnType<typeof createFaults>;
