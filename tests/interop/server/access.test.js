// Who is let in, for how long and how often, in both framings of the dialects: with what real clients send.
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { Wire } from '../fixture.js';
import { Server, token } from '../pages/server.js';
import { Page } from './page.js';

let server;
let closing = [];
const run = async (...args) => { server = await Server.start({ args: args.flat() }); };
const open = (path, options = {}) => {
  const page = new Page(server.url + path, { transports: ['websocket'], ...options });
  closing.push(() => page.close());
  return page;
};
const plain = (path, { query = '', ...headers } = {}) => {
  const wire = new Wire(`${server.url.replace('http', 'ws')}${path}${query}`, { headers });
  closing.push(() => wire.socket.terminate());
  return wire;
};
const alice = (expiresIn = 600) => token({ sub: 'alice' }, { expiresIn });
const started = (jobId) => ({ jobId, type: 'started', job: { userId: 'alice', type: 'report' } });
const bearer = (given) => ({ authorization: `Bearer ${given}` });

afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await server?.end();
});

// Is alice's page at /queue told of her job?
async function isHers(page) {
  await page.next('connect');
  await server.publish(started('hers'));
  expect((await page.next('queue-update')).jobId).toBe('hers');
}
async function isHersPlainly(wire) {
  await wire.opened;
  await server.publish(started('hers'));
  expect(JSON.parse(await wire.next())).toMatchObject({ event: 'queue-update', data: { jobId: 'hers' } });
}

describe.each([['websocket'], ['polling']])('over Socket.IO by %s', (transport) => {
  const transports = [transport];

  test('a token is found in the auth payload, or in the header', async () => {
    await run();
    await isHers(open('/queue', { transports, auth: { token: alice() } }));
    await isHers(open('/queue', { transports, extraHeaders: bearer(alice()) }));
    await isHers(open('/queue', { transports, auth: { token: `Bearer ${alice()}` } }));
  });

  test('not in the query, unless the operator says so', async () => {
    await run();
    const refused = open('/queue', { transports, query: { token: alice() } });
    expect(await refused.next('connect_error')).toMatchObject({ code: 'unauthenticated' });
    await server.end();
    await run('--query-token');
    await isHers(open('/queue', { transports, query: { token: alice() } }));
  });

  test('in a cookie where an allowed page sends it, and only there', async () => {
    await run('--cookie-name', 'session', '--allow-origin', 'https://app.example', '--allow-credentials');
    const cookie = `other=1; session=${alice()}`;
    await isHers(open('/queue', { transports, extraHeaders: { cookie, origin: 'https://app.example' } }));
    const stray = open('/queue', { transports, extraHeaders: { cookie, origin: 'https://evil.example' } });
    await stray.next('connect_error');
    expect(stray.socket.connected).toBe(false);
  });
});

test('a cookie without an Origin opens no socket', async () => {
  await run('--cookie-name', 'session', '--allow-origin', 'https://app.example');
  expect(await open('/queue', { extraHeaders: { cookie: `session=${alice()}` } }).next('connect_error')).toMatchObject({ code: 'unauthenticated', field: 'Cookie' });
  expect(await plain('/queue', { cookie: `session=${alice()}` }).closed).toBe(4401);
});

test('on a plain WebSocket too: header, cookie of an allowed page, query where the operator says so', async () => {
  await run('--cookie-name', 'session', '--allow-origin', 'https://app.example');
  await isHersPlainly(plain('/queue', bearer(alice())));
  await isHersPlainly(plain('/queue', { cookie: `session=${alice()}`, origin: 'https://app.example' }));
  expect(await plain('/queue', { query: `?token=${alice()}` }).closed).toBe(4401);
  expect(await plain('/queue', { cookie: `session=${alice()}`, origin: 'https://evil.example' }).refused).toBe(403);
  await server.end();
  await run('--query-token');
  await isHersPlainly(plain('/queue', { query: `?token=${alice()}` }));
});

test.each([['none'], ['a bad one']])('at / a plain WebSocket with %s is told by auth-error, and then closed with 4401; elsewhere at once', async (given) => {
  await run();
  const headers = given === 'none' ? {} : bearer('nonsense');
  const wire = plain('/', headers);
  expect(JSON.parse(await wire.next())).toEqual({ event: 'auth-error', data: { code: 'unauthenticated', message: expect.any(String) } });
  expect(await wire.closed).toBe(4401);
  for (const path of ['/queue', '/jobs', '/file-processing', '/notifications']) {
    const other = plain(path, headers);
    expect(await other.closed).toBe(4401);
    expect(other.queue).toEqual([]);
  }
});

describe('a token that expires', () => {
  test('is told by auth-error, then the conversation ends; the others on its connection go on', async () => {
    await run('--expiry-grace', '500ms');
    const page = open('/queue', { auth: { token: alice(3) } });
    await page.next('connect');
    const other = new Page(server.url, { forceNew: false });
    other.close();
    const inbox = page.socket.io.socket('/notifications', { auth: { token: alice() } });
    await new Promise((resolve) => inbox.on('connect', resolve));
    expect(await page.next('auth-error')).toEqual({ code: 'unauthenticated', message: expect.any(String) });
    expect(await page.next('disconnect')).toBe('io server disconnect');
    expect(await inbox.emitWithAck('get-unread-count', {})).toEqual({ count: 0 });
    inbox.close();
  });

  test.each([['/'], ['/queue'], ['/jobs'], ['/file-processing'], ['/notifications']])('closes a plain WebSocket at %s with 4401 after its grace', async (path) => {
    await run('--expiry-grace', '500ms');
    const wire = plain(path, bearer(alice(2)));
    for (;;) {
      const { event, data } = JSON.parse(await wire.next());
      if (event !== 'auth-error') continue;
      expect(data).toMatchObject({ code: 'unauthenticated' });
      break;
    }
    expect(await wire.closed).toBe(4401);
  });

  test('is replaced in place by `token`, and the page goes on where it is', async () => {
    await run('--expiry-grace', '20s');
    const page = open('/jobs', { auth: { token: alice(2) } });
    await page.next('connect');
    await page.socket.emitWithAck('subscribe:jobs', { jobId: 'hers' });
    const wire = plain('/queue', bearer(alice(2)));
    await page.next('auth-error');
    expect(await page.socket.emitWithAck('token', { token: alice() })).toEqual({ success: true });
    expect(await page.socket.emitWithAck('token', { token: token({ sub: 'bob' }) })).toMatchObject({ success: false, code: 'forbidden', field: 'token' });
    expect(JSON.parse(await wire.next()).event).toBe('auth-error');
    wire.send(JSON.stringify({ event: 'token', data: alice() }));
    expect(JSON.parse(await wire.next())).toEqual({ success: true });
    await server.publish(started('hers'));
    await page.next('job:update');
    expect(JSON.parse(await wire.next()).event).toBe('queue-update');
    expect(page.names('job:update', 'job:progress')).toEqual([]);
  });

  test('and is replaced by one that is no good, ends the conversation', async () => {
    await run();
    const page = open('/queue', { auth: { token: alice() } });
    await page.next('connect');
    expect(await page.socket.emitWithAck('token', { token: 'nonsense' })).toMatchObject({ success: false, code: 'unauthenticated' });
    await page.next('auth-error');
    expect(await page.next('disconnect')).toBe('io server disconnect');
  });
});

describe('too often', () => {
  const forwarded = (address) => ({ 'x-forwarded-for': address });
  const asked = (page) => page.socket.emitWithAck('subscribe:jobs', { jobId: 'j' });

  test.each([['connection', true], ['user', false]])('subscribing is refused with the time to come back, by %s', async (scope, anotherTabMay) => {
    await run('--limit-subscribes', `${scope}:2/20s`);
    const [page, tab, bobs] = [alice(), alice(), token({ sub: 'bob' })].map((given) => open('/jobs', { auth: { token: given } }));
    await Promise.all([page, tab, bobs].map((each) => each.next('connect')));
    for (let i = 0; i < 2; ++i) expect(await asked(page)).toMatchObject({ success: true });
    const refused = await asked(page);
    expect(refused).toMatchObject({ success: false, message: expect.any(String) });
    expect(refused.retryAfter).toBeGreaterThan(0);
    expect((await asked(tab)).success).toBe(anotherTabMay);
    expect((await asked(bobs)).success).toBe(true);
  });

  test('a plain WebSocket is told alike', async () => {
    await run('--limit-subscribes', 'connection:1/20s', '--limit-commands', 'connection:1/20s');
    const wire = plain('/file-processing', bearer(alice()));
    await wire.opened;
    const ask = async (event) => { wire.send(JSON.stringify({ event, data: { fileId: 'f' } })); return JSON.parse(await wire.next()); };
    expect(await ask('subscribe:file')).toEqual({ success: true, fileId: 'f' });
    expect(JSON.parse(await wire.next()).event).toBe('subscribed');
    expect(await ask('subscribe:file')).toMatchObject({ success: false, retryAfter: expect.any(Number) });
    expect(await ask('nonsense')).toMatchObject({ event: 'exception', data: { code: 'bad_request' } });
    expect(await ask('nonsense')).toMatchObject({ event: 'exception', data: { code: 'rate_limited', retryAfter: expect.any(Number) } });
  });

  test('connecting as one user is refused, whatever the address; a plain WebSocket closes with 4429', async () => {
    await run('--limit-connects', 'user:2/60s,address:off');
    await open('/queue', { auth: { token: alice() } }).next('connect');
    await open('/jobs', { auth: { token: alice() } }).next('connect');
    const third = open('/queue', { auth: { token: alice() }, reconnection: false });
    await third.next('disconnect').catch(() => {});
    expect(third.socket.connected).toBe(false);
    expect(await plain('/queue', bearer(alice())).closed).toBe(4429);
    await open('/queue', { auth: { token: token({ sub: 'bob' }) } }).next('connect');
  });

  test('connecting from one address is 429 with Retry-After at the handshake already, for that address only', async () => {
    await run('--limit-connects', 'address:3/60s,user:off', '--trusted-proxy', '127.0.0.1');
    const handshake = (address) => fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: forwarded(address) });
    for (let i = 0; i < 3; ++i) expect((await handshake('192.0.2.1')).status).toBe(200);
    const refused = await handshake('192.0.2.1');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await plain('/socket.io/', { query: '?EIO=4&transport=websocket', ...forwarded('192.0.2.1') }).refused).toBe(429);
    expect((await handshake('192.0.2.2')).status).toBe(200);
  });

  test('a page counts once for its address: its handshake and its first namespace are one', async () => {
    await run('--limit-connects', 'address:2/60s,user:off', '--trusted-proxy', '127.0.0.1');
    const page = open('/queue', { auth: { token: alice() }, extraHeaders: forwarded('192.0.2.1') });
    await page.next('connect');
    const second = page.socket.io.socket('/jobs', { auth: { token: alice() } });
    await new Promise((resolve) => second.on('connect', resolve));
    const third = page.socket.io.socket('/notifications', { auth: { token: alice() } });
    const error = await new Promise((resolve) => third.on('connect_error', resolve));
    expect(error.data).toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) });
    expect(page.socket.connected).toBe(true);
    for (const each of [second, third]) each.close();
  });
});

describe('published keys', () => {
  const pair = (kid) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } };
  };
  const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = ({ kid, privateKey }, claims) => {
    const text = `${base64url({ alg: 'ES256', kid })}.${base64url({ exp: Math.floor(Date.now() / 1000) + 600, ...claims })}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  const [first, second] = [pair('a'), pair('b')];
  const isAlice = async (key) => isHers(open('/queue', { auth: { token: signed(key, { sub: 'alice' }) } }));

  test('from a URL: a page with a new key comes back by itself once it is fetched; with one that is gone it is refused', async () => {
    let keys = [first.jwk];
    const published = createServer((_, response) => response.end(JSON.stringify({ keys })));
    published.listen(0, '127.0.0.1');
    await once(published, 'listening');
    closing.push(() => published.close());
    await run('--jwks', `http://127.0.0.1:${published.address().port}/jwks.json`);
    await isAlice(first);
    keys = [second.jwk];
    await isAlice(second);
    expect(await open('/queue', { auth: { token: signed(first, { sub: 'alice' }) } }).next('connect_error')).toMatchObject({ code: 'unauthenticated' });
    const wire = plain('/queue', bearer(signed(second, { sub: 'alice' })));
    await isHersPlainly(wire);
  });

  test('from a file that is written anew', async () => {
    const file = `${process.env.TMPDIR ?? '/tmp'}/jobwire-jwks-${process.pid}.json`;
    await writeFile(file, JSON.stringify({ keys: [first.jwk] }));
    await run('--jwks', file);
    await isAlice(first);
    await writeFile(file, JSON.stringify({ keys: [second.jwk] }));
    await isAlice(second);
  });
});
