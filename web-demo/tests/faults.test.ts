import type { WebSocketConstructor } from '@jobwire/react';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createFaults } from '../src/faults.js';

class Socket {
  static last: Socket;
  binaryType = 'blob';
  onopen: ((event: unknown) => void) | null = null;
  onmessage: ((event: unknown) => void) | null = null;
  onclose: ((event: unknown) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  sent: string[] = [];
  closed = false;
  constructor(readonly url: string) {
    Socket.last = this;
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.closed = true;
  }
}

let answer: (response: Response) => void;
const platform = { WebSocket: Socket as unknown as WebSocketConstructor, fetch: () => new Promise<Response>((resolve) => (answer = resolve)) };
let faults: ReturnType<typeof createFaults>;
let heard: string[];
function open() {
  const socket = new faults.WebSocket('ws://x/ws');
  socket.onopen = () => heard.push('open');
  socket.onmessage = (event) => heard.push(event.data);
  socket.onclose = (event) => heard.push(`close ${event.code}`);
  return socket;
}
const message = (data: string) => Socket.last.onmessage?.({ data });

beforeEach(() => {
  faults = createFaults(platform);
  heard = [];
});

describe('a good line', () => {
  test('passes everything through', () => {
    const socket = open();
    Socket.last.onopen?.({});
    message('a');
    socket.send('b');
    Socket.last.onclose?.({ code: 1000 });
    expect(heard).toEqual(['open', 'a', 'close 1000']);
    expect(Socket.last.sent).toEqual(['b']);
  });
});

describe('the scissors', () => {
  test('end a socket without a handshake, and say how many there were', () => {
    open();
    Socket.last.onopen?.({});
    expect(faults.cut()).toBe(1);
    expect(heard).toEqual(['open', 'close 1006']);
    expect(Socket.last.closed).toBe(true);
    message('from beyond');
    Socket.last.onclose?.({ code: 1000 });
    expect(heard).toEqual(['open', 'close 1006']);
    expect(faults.cut()).toBe(0);
  });
});

describe('blocked WebSockets', () => {
  test('cut what is open and fail what is tried, while HTTP works', async () => {
    open();
    faults.set({ blockWebSocket: true });
    expect(heard).toEqual(['close 1006']);
    const before = Socket.last;
    open();
    await vi.waitFor(() => expect(heard).toEqual(['close 1006', 'close 1006']));
    expect(Socket.last).toBe(before);
    const poll = faults.fetch('http://x');
    answer(new Response('yes'));
    expect(await (await poll).text()).toBe('yes');
    faults.set({ blockWebSocket: false });
    open();
    expect(Socket.last).not.toBe(before);
  });
});

describe('held answers', () => {
  test('come later, all of them, in order', async () => {
    open();
    faults.set({ holdAnswers: true });
    message('a');
    message('b');
    let polled = false;
    const poll = faults.fetch('http://x').then(() => (polled = true));
    answer(new Response('late'));
    await new Promise((resolve) => setTimeout(resolve));
    expect([heard, polled]).toEqual([[], false]);
    faults.set({ holdAnswers: false });
    await poll;
    expect(heard).toEqual(['a', 'b']);
  });
  test('of a socket that was cut meanwhile never come', () => {
    open();
    faults.set({ holdAnswers: true });
    message('a');
    faults.cut();
    faults.set({ holdAnswers: false });
    expect(heard).toEqual(['close 1006']);
  });
  test('a request that is given up ends at once', async () => {
    faults.set({ holdAnswers: true });
    const abort = new AbortController();
    const poll = faults.fetch('http://x', { signal: abort.signal });
    abort.abort(new Error('given up'));
    await expect(poll).rejects.toThrow('given up');
  });
});

describe('a pulled plug', () => {
  test('ends sockets and requests, and fails new ones', async () => {
    open();
    const poll = faults.fetch('http://x');
    faults.set({ unplugged: true });
    await expect(poll).rejects.toThrow('Failed to fetch');
    await expect(faults.fetch('http://x')).rejects.toThrow('Failed to fetch');
    expect(heard).toEqual(['close 1006']);
  });
});
