// Engine.IO protocol v4, rule by rule, over bare HTTP and WebSockets.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Socket } from 'engine.io-client';
import { start, Wire } from '../fixture.js';

let server;
let http;
let ws;

beforeAll(async () => {
  server = await start('jobwire-conformance', ['--port', '0']);
  http = `${server.url}/engine.io/?EIO=4&transport=polling`;
  ws = `${server.url.replace('http', 'ws')}/engine.io/?EIO=4&transport=websocket`;
});
afterAll(() => server.stop());

const read = async (response) => [response.status, await response.text()];
const get = async (url) => read(await fetch(url));
const post = async (url, body) => read(await fetch(url, { method: 'POST', body, headers: { 'content-type': 'text/plain;charset=UTF-8' } }));
const error = (status, code) => [status, expect.stringContaining(`"code":${code}`)];

async function polling() {
  const [, body] = await get(http);
  return `${http}&sid=${JSON.parse(body.slice(1)).sid}`;
}

describe('handshake', () => {
  it('over polling says exactly its five fields', async () => {
    const [status, body] = await get(http);
    expect(status).toBe(200);
    expect(body[0]).toBe('0');
    expect(JSON.parse(body.slice(1))).toEqual({ sid: expect.any(String), upgrades: ['websocket'], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
  });

  it('over WebSocket offers no further upgrade', async () => {
    const wire = new Wire(ws);
    expect(JSON.parse((await wire.next()).slice(1))).toEqual({ sid: expect.any(String), upgrades: [], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
    await wire.close();
  });

  it('of another version, transport or method is 400', async () => {
    const at = `${server.url}/engine.io/`;
    expect(await get(`${at}?transport=polling`)).toEqual(error(400, 5));
    expect(await get(`${at}?EIO=abc&transport=polling`)).toEqual(error(400, 5));
    expect(await get(`${at}?EIO=4`)).toEqual(error(400, 0));
    expect(await get(`${at}?EIO=4&transport=abc`)).toEqual(error(400, 0));
    expect(await get(`${at}?EIO=4&transport=websocket`)).toEqual(error(400, 3));
    expect(await post(http, '')).toEqual(error(400, 2));
    expect(await read(await fetch(http, { method: 'PUT' }))).toEqual(error(400, 2));
    expect(await get(`${http}&sid=nobody`)).toEqual(error(400, 1));
  });

  it('of another version or transport is refused before the upgrade', async () => {
    const at = `${server.url.replace('http', 'ws')}/engine.io/`;
    for (const query of ['?transport=websocket', '?EIO=abc&transport=websocket', '?EIO=4', '?EIO=4&transport=abc', '?EIO=4&transport=websocket&sid=nobody']) {
      expect(await new Wire(at + query).refused).toBe(400);
    }
  });
});

describe('messages over polling', () => {
  it('one, several, and binary ones come back', async () => {
    const url = await polling();
    expect(await post(url, '4hello')).toEqual([200, 'ok']);
    expect(await get(url)).toEqual([200, '4hello']);
    await post(url, '4test1\x1e4test2\x1e4test3');
    expect(await get(url)).toEqual([200, '4test1\x1e4test2\x1e4test3']);
    await post(url, '4hello\x1ebAQIDBA==');
    expect(await get(url)).toEqual([200, '4hello\x1ebAQIDBA==']);
  });

  it('a poll waits, and is answered by the next message', async () => {
    const url = await polling();
    const poll = get(url);
    await post(url, '4later');
    expect(await poll).toEqual([200, '4later']);
  });

  it.each(['abc', '', '4a\x1e', 'b#', '9'])('a malformed body (%j) ends the session', async (body) => {
    const url = await polling();
    expect((await post(url, body))[0]).toBe(400);
    expect(await get(url)).toEqual(error(400, 1));
  });

  it('a body over maxPayload is 413 and ends the session', async () => {
    const url = await polling();
    expect((await post(url, `4${'x'.repeat(1_000_000)}`))[0]).toBe(413);
    expect((await get(url))[0]).toBe(400);
  });

  it('two polls at once end the session: the first hears so, the second is 400', async () => {
    const url = await polling();
    const first = fetch(url);
    await new Promise((resolve) => setTimeout(resolve, 20)); // so that they arrive in this order
    expect((await get(url))[0]).toBe(400);
    expect(await read(await first)).toEqual([200, '1']);
    expect((await get(url))[0]).toBe(400);
  });

  it('a poll that is given up ends the session', async () => {
    const url = await polling();
    const giveUp = new AbortController();
    const poll = fetch(url, { signal: giveUp.signal }).catch(() => 'gone');
    await new Promise((resolve) => setTimeout(resolve, 20)); // so that it is there
    giveUp.abort();
    expect(await poll).toBe('gone');
    await expect.poll(async () => (await post(url, '4late'))[0]).toBe(400);
  });

  it.each(['0', '2', '5'])('a packet that only a server sends (%s) ends the session', async (packet) => {
    const url = await polling();
    await post(url, packet);
    expect((await get(url))[0]).toBe(400);
  });
});

describe('messages over WebSocket', () => {
  it('text and bytes come back as what they were', async () => {
    const wire = new Wire(ws);
    await wire.next();
    wire.send('4hello');
    expect(await wire.said()).toBe('4hello');
    wire.send(Uint8Array.from([1, 2, 3, 4]));
    expect(await wire.said()).toEqual(Uint8Array.from([1, 2, 3, 4]));
    await wire.close();
  });

  it('a malformed packet closes it', async () => {
    const wire = new Wire(ws);
    await wire.next();
    wire.send('abc');
    await wire.closed;
  });
});

describe('heartbeat', () => {
  it('over polling the server pings and goes on while it is answered', async () => {
    const url = await polling();
    for (let i = 0; i < 3; ++i) {
      expect(await get(url)).toEqual([200, '2']);
      expect(await post(url, '3')).toEqual([200, 'ok']);
    }
  });

  it('over WebSocket too', async () => {
    const wire = new Wire(ws);
    await wire.next();
    for (let i = 0; i < 3; ++i) {
      expect(await wire.next()).toBe('2');
      wire.send('3');
    }
    await wire.close();
  });

  it('a client that answers none is dropped', async () => {
    const url = await polling();
    const wire = new Wire(ws);
    await wire.closed;
    await expect.poll(async () => (await post(url, '4late'))[0]).toBe(400);
  });
});

describe('close', () => {
  it('by the client ends its poll with a noop', async () => {
    const url = await polling();
    const poll = fetch(url);
    await new Promise((resolve) => setTimeout(resolve, 20)); // so that it is there
    expect(await post(url, '1')).toEqual([200, 'ok']);
    expect(await read(await poll)).toEqual([200, '6']);
    expect((await get(url))[0]).toBe(400);
  });

  it('by the client closes its WebSocket', async () => {
    const wire = new Wire(ws);
    await wire.next();
    wire.send('1');
    await wire.closed;
  });
});

describe('upgrade', () => {
  async function upgraded() {
    const url = await polling();
    const wire = new Wire(`${ws}&sid=${new URL(url).searchParams.get('sid')}`);
    await wire.opened;
    wire.send('2probe');
    expect(await wire.next()).toBe('3probe');
    return { url, wire };
  }

  it('ends the waiting poll with a noop and carries on over the WebSocket', async () => {
    const { url, wire } = await upgraded();
    expect(await get(url)).toEqual([200, '6']);
    wire.send('5');
    wire.send('4hello');
    expect(await wire.said()).toBe('4hello');
    await wire.close();
  });

  it('what was queued for a poll comes over the WebSocket', async () => {
    const { url, wire } = await upgraded();
    await post(url, '4queued\x1ebAQI=');
    wire.send('5');
    expect(await wire.said()).toBe('4queued');
    expect(await wire.said()).toEqual(Uint8Array.from([1, 2]));
    await wire.close();
  });

  it('after it polling is 400 and a second WebSocket is closed, and the session goes on', async () => {
    const { url, wire } = await upgraded();
    wire.send('5');
    wire.send('4hello');
    expect(await wire.said()).toBe('4hello');
    expect((await get(url))[0]).toBe(400);
    expect((await post(url, '4x'))[0]).toBe(400);
    await new Wire(`${ws}&sid=${new URL(url).searchParams.get('sid')}`).closed;
    wire.send('4still');
    expect(await wire.said()).toBe('4still');
    await wire.close();
  });

  it('a probe that is none is closed, and polling goes on', async () => {
    const url = await polling();
    const wire = new Wire(`${ws}&sid=${new URL(url).searchParams.get('sid')}`);
    await wire.opened;
    wire.send('4hello');
    await wire.closed;
    await post(url, '4polling');
    expect((await get(url))[0]).toBe(200);
  });
});

describe('the real engine.io-client', () => {
  it.each([[['polling']], [['websocket']], [['polling', 'websocket']]])('%j: text and bytes come back', async (transports) => {
    const socket = new Socket(server.url, { transports });
    const heard = [];
    await new Promise((resolve, reject) => {
      socket.on('open', () => { socket.send('text'); socket.send(Uint8Array.from([5, 6])); });
      socket.on('message', (message) => heard.push(message) === 2 && resolve());
      socket.on('close', reject);
    });
    expect(heard[0]).toBe('text');
    expect(new Uint8Array(heard[1])).toEqual(Uint8Array.from([5, 6]));
    if (transports.length > 1) await expect.poll(() => socket.transport.name).toBe('websocket');
    socket.removeAllListeners('close');
    socket.close();
  });
});

describe('across origins', () => {
  it('a preflight and the answers name the page', async () => {
    const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-mine' };
    const asked = await fetch(http, { method: 'OPTIONS', headers });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(asked.headers.get('access-control-allow-headers')).toBe('x-mine');
    const answered = await fetch(http, { headers: { origin: 'https://app.example' } });
    expect(answered.headers.get('access-control-allow-origin')).toBe('https://app.example');
  });
});
