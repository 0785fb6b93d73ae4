// Socket.IO protocol v5, rule by rule: bare packets over WebSocket, then the real socket.io-client.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { io } from 'socket.io-client';
import { start, Wire } from '../fixture.js';

let server;
let ws;

beforeAll(async () => {
  server = await start('jobwire-conformance', ['--port', '0']);
  ws = `${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
});
afterAll(() => server.stop());

async function engine() {
  const wire = new Wire(ws);
  expect((await wire.next())[0]).toBe('0');
  return wire;
}

async function connected(name = '') {
  const wire = await engine();
  wire.send(`40${name}`);
  expect(await wire.said()).toMatch(/^40/);
  expect(await wire.said()).toContain('"auth"');
  return wire;
}

const after = (prefix, packet) => {
  expect(packet.slice(0, prefix.length)).toBe(prefix);
  return JSON.parse(packet.slice(prefix.length));
};

describe('connect', () => {
  it.each([
    ['40', '40', '42["auth",{}]'],
    ['40{"token":"123"}', '40', '42["auth",{"token":"123"}]'],
    ['40/custom,', '40/custom,', '42/custom,["auth",{}]'],
    ['40/custom', '40/custom,', '42/custom,["auth",{}]'],
    ['40/custom,{"token":"abc"}', '40/custom,', '42/custom,["auth",{"token":"abc"}]'],
  ])('%s is answered with an id of its own, and the namespace speaks', async (packet, prefix, spoken) => {
    const wire = await engine();
    wire.send(packet);
    expect(after(prefix, await wire.said())).toEqual({ sid: expect.stringMatching(/.{16,}/) });
    expect(await wire.said()).toBe(spoken);
    await wire.close();
  });

  it('to an unknown namespace is refused, and the connection goes on', async () => {
    const wire = await engine();
    wire.send('40/random');
    expect(await wire.said()).toBe('44/random,{"message":"Invalid namespace"}');
    wire.send('40');
    expect(await wire.said()).toMatch(/^40\{"sid"/);
    await wire.close();
  });

  it.each(['4abc', '40"text"', '40[]', '47', '42["message"]', '41', '43[]', '40{', '452-["message"]'])('%s as the first packet closes the connection', async (packet) => {
    const wire = await engine();
    wire.send(packet);
    await wire.closed;
  });

  it('who joins no namespace is closed in time', async () => {
    const wire = await engine();
    const begun = Date.now();
    const heartbeats = setInterval(() => wire.send('3'), 50);
    await wire.closed;
    clearInterval(heartbeats);
    expect(Date.now() - begun).toBeGreaterThan(500);
  });

  it('to the same namespace twice closes the connection', async () => {
    const wire = await connected();
    wire.send('40');
    await wire.closed;
  });
});

describe('disconnect', () => {
  it('from one namespace leaves the other', async () => {
    const wire = await connected();
    wire.send('40/custom');
    await wire.said();
    await wire.said();
    wire.send('41/custom');
    wire.send('42["message","message to main namespace"]');
    expect(await wire.said()).toBe('42["message-back","message to main namespace"]');
    wire.send('42/custom,["message"]'); // where it no longer is
    await wire.closed;
  });
});

describe('events', () => {
  it('arguments come back as they were', async () => {
    const wire = await connected();
    wire.send('42["message",1,"2",{"3":[true]},0.30000000000000004,"\\ud83d"]');
    expect(await wire.said()).toBe('42["message-back",1,"2",{"3":[true]},0.30000000000000004,"\\ud83d"]');
    await wire.close();
  });

  it('bytes come back as bytes', async () => {
    const wire = await connected();
    wire.send('452-["message",{"_placeholder":true,"num":0},{"a":[{"_placeholder":true,"num":1}]}]');
    wire.send(Uint8Array.from([1, 2, 3]));
    wire.send(Uint8Array.from([4, 5, 6]));
    expect(await wire.said()).toBe('452-["message-back",{"_placeholder":true,"num":0},{"a":[{"_placeholder":true,"num":1}]}]');
    expect(await wire.said()).toEqual(Uint8Array.from([1, 2, 3]));
    expect(await wire.said()).toEqual(Uint8Array.from([4, 5, 6]));
    await wire.close();
  });

  it('an acknowledgement names what it answers, with text and with bytes', async () => {
    const wire = await connected('/custom');
    wire.send('42/custom,456["message-with-ack",1,"2",{"3":[false]}]');
    expect(await wire.said()).toBe('43/custom,456[1,"2",{"3":[false]}]');
    wire.send('451-/custom,789["message-with-ack",{"_placeholder":true,"num":0}]');
    wire.send(Uint8Array.from([7]));
    expect(await wire.said()).toBe('461-/custom,789[{"_placeholder":true,"num":0}]');
    expect(await wire.said()).toEqual(Uint8Array.from([7]));
    await wire.close();
  });

  it.each([
    '42', '42{}', '42[]', '42[null]', '42["connect"]', '42["disconnecting"]', '42["newListener"]', '42["message"', '43[1]', '44{}', '45["message"]', '4599-["message"]',
    '451-["message",{"_placeholder":true,"num":1}]', '451-["message",{"_placeholder":true,"num":-1}]', '451-["message",{"_placeholder":true,"num":"0"}]',
    `42["message",${'['.repeat(100)}${']'.repeat(100)}]`,
  ])('%s closes this connection and no other', async (packet) => {
    const other = await connected();
    const wire = await connected();
    wire.send(packet);
    await wire.closed;
    other.send('42["message"]');
    expect(await other.said()).toBe('42["message-back"]');
    await other.close();
  });

  it('bytes that nobody announced, and text where bytes are due, close the connection', async () => {
    const stray = await connected();
    stray.send(Uint8Array.from([1]));
    await stray.closed;
    const late = await connected();
    late.send('451-["message",{"_placeholder":true,"num":0}]');
    late.send('42["message"]');
    await late.closed;
  });
});

describe('the real socket.io-client', () => {
  const ways = [['websocket only', { transports: ['websocket'] }], ['polling only', { transports: ['polling'] }], ['upgrade', {}]];

  it.each(ways)('%s: connects with auth, speaks and is answered, in two namespaces', async (_, options) => {
    for (const name of ['/', '/custom']) {
      const socket = io(server.url + name, { ...options, auth: { token: 'abc' }, forceNew: true });
      const auth = new Promise((resolve) => socket.on('auth', resolve));
      await new Promise((resolve, reject) => { socket.on('connect', resolve); socket.on('connect_error', reject); });
      expect(await auth).toEqual({ token: 'abc' });
      const back = new Promise((resolve) => socket.on('message-back', (...all) => resolve(all)));
      socket.emit('message', 1, 'zwei', { drei: [3] }, Buffer.from([1, 2]));
      const heard = await back;
      expect(heard.slice(0, 3)).toEqual([1, 'zwei', { drei: [3] }]);
      expect(new Uint8Array(heard[3])).toEqual(Uint8Array.from([1, 2]));
      const answer = await socket.timeout(5000).emitWithAck('message-with-ack', 'x');
      expect(answer).toBe('x');
      if (!options.transports) await expect.poll(() => socket.io.engine.transport.name).toBe('websocket');
      socket.close();
    }
  });

  it('an unknown namespace is a connect_error with a message', async () => {
    const socket = io(`${server.url}/nowhere`, { forceNew: true });
    const error = await new Promise((resolve) => socket.on('connect_error', resolve));
    expect(error.message).toBe('Invalid namespace');
    socket.close();
  });

  it('two namespaces share one connection', async () => {
    const main = io(server.url, { forceNew: true, transports: ['websocket'] });
    const custom = main.io.socket('/custom');
    await Promise.all([main, custom].map((each) => new Promise((resolve) => each.on('auth', resolve))));
    expect(main.id).not.toBe(custom.id);
    custom.close();
    expect(await main.timeout(5000).emitWithAck('message-with-ack', 'still here')).toBe('still here');
    main.close();
  });
});
