// The edge by itself, against a server of Node's own.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { afterEach, expect, it } from 'vitest';

import { createHttp, type Http } from '../src/http.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => answer(request, response, body));
  });
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`);
  return { url, sockets, connections: () => connections };
}

function client(url: URL, timeoutMs = 5000): Http {
  const made = createHttp({ url, timeoutMs });
  closing.push(() => made.close());
  return made;
}

it('sends key and JSON below the base, and answers status, body and when to come back', async () => {
  const seen: unknown[] = [];
  const { url } = await serve((request, response, body) => {
    seen.push([request.method, request.url, request.headers.authorization, request.headers['content-type'], body]);
    response.writeHead(503, { 'retry-after': '3' }).end('{"code":"unavailable","message":"ü"}');
  });
  const { send } = client(url);
  expect(await send({ method: 'POST', path: '/events', body: '["ü"]', key: 'k' })).toEqual({ status: 503, retryAfter: '3', body: '{"code":"unavailable","message":"ü"}' });
  await send({ method: 'GET', path: '/stats', key: 'k' });
  expect(seen).toEqual([
    ['POST', '/base/api/v1/events', 'Bearer k', 'application/json', '["ü"]'],
    ['GET', '/base/api/v1/stats', 'Bearer k', undefined, ''],
  ]);
});

it('keeps its connection', async () => {
  const { url, connections } = await serve((_, response) => response.end('{}'));
  const { send } = client(url);
  for (let i = 0; i < 20; i += 1) await send({ method: 'POST', path: '/events', body: '[]', key: 'k' });
  expect(connections()).toBe(1);
});

it('takes a kept connection that was closed meanwhile for no failure', async () => {
  let requests = 0;
  const { url, connections } = await serve((request, response) => {
    requests += 1;
    if (requests === 2) request.socket.resetAndDestroy();
    else response.end(`${requests}`);
  });
  const { send } = client(url);
  await send({ method: 'GET', path: '/stats', key: 'k' });
  expect(await send({ method: 'GET', path: '/stats', key: 'k' })).toMatchObject({ status: 200, body: '3' });
  expect(connections()).toBe(2);
});

it('a new connection that is cut is one', async () => {
  const { url } = await serve((request) => request.socket.resetAndDestroy());
  expect(await client(url).send({ method: 'GET', path: '/stats', key: 'k' })).toEqual({ status: 0, reason: 'ECONNRESET', isStale: false });
});

it('waits for an answer so long and no longer, also for its end', async () => {
  const { url } = await serve((request, response) => {
    if (request.url!.endsWith('half')) response.writeHead(200, { 'content-length': 100 }).write('half');
  });
  const { send } = client(url, 50);
  expect(await send({ method: 'GET', path: '/never', key: 'k' })).toMatchObject({ status: 0, reason: 'no answer in time' });
  expect(await send({ method: 'GET', path: '/half', key: 'k' })).toMatchObject({ status: 0 });
});

it('reads no answer that is too long', async () => {
  const { url } = await serve((_, response) => {
    const chunk = 'x'.repeat(1 << 20);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  });
  expect(await client(url).send({ method: 'GET', path: '/stats', key: 'k' })).toMatchObject({ status: 0 });
});

it.each([
  ['nobody listens', 'http://127.0.0.1:1', 'k', 'ECONNREFUSED'],
  ['the key cannot stand in a header', 'http://127.0.0.1:1', 'k\nx', 'ERR_INVALID_CHAR'],
])('does not reject where %s', async (_, url, key, reason) => {
  expect(await client(new URL(url)).send({ method: 'GET', path: '/stats', key })).toMatchObject({ status: 0, reason });
});

it('ends what is under way when it is closed', async () => {
  let arrived!: () => void;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const { url } = await serve(() => arrived());
  const made = client(url);
  const answer = made.send({ method: 'GET', path: '/stats', key: 'k' });
  await arrival;
  made.close();
  expect(await answer).toMatchObject({ status: 0, reason: 'closed' });
});
