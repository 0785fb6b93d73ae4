// Who sends garbage loses its own session and nothing else: to the real server, over bare sockets.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Wire } from '../fixture.js';
import { Server, token } from '../pages/server.js';
import { Page } from './page.js';

let server;
let page;
let reported = 0;
const polling = () => `${server.url}/socket.io/?EIO=4&transport=polling`;

beforeAll(async () => {
  server = await Server.start();
  page = new Page(`${server.url}/queue`, { auth: { token: token({ sub: 'alice' }) } });
  await page.next('connect');
});
afterAll(async () => {
  page.close();
  await server.end();
});

// A page beside the culprit is still told of its jobs, on the connection that it had.
async function expectOthersUnharmed() {
  const jobId = `j${++reported}`;
  await server.publish({ jobId, type: 'started', job: { userId: 'alice', type: 'report' } });
  await page.next('queue-update', (update) => update.jobId === jobId);
  expect(page.names('queue-update')).toEqual([]);
}

const bodies = {
  'no packet': 'hello',
  'bytes that are no text': Buffer.from([0x34, 0xff, 0xfe, 0x00]),
  'a namespace that is no text': Buffer.from([0x34, 0x30, 0x2f, 0xff, 0x2c]),
  'an event before any CONNECT': '42["subscribe:jobs",{}]',
  'JSON that ends early': '42["a",',
  'a payload of another kind': '40[]',
  'a reserved name': '40/queue,\x1e42/queue,["disconnect"]',
  'deep JSON': `42["a",${'['.repeat(500)}${']'.repeat(500)}]`,
  'attachments that nobody can hold': '4599999999-["a"]',
  'base64 that is none': 'b!!!!',
  'many empty packets': '\x1e'.repeat(5000),
  'a body over maxPayload': `4${'x'.repeat(1_000_001)}`,
};

describe('over polling', () => {
  test.each(Object.entries(bodies))('%s', async (_, body) => {
    const { sid } = JSON.parse((await (await fetch(polling())).text()).slice(1));
    const answer = await fetch(`${polling()}&sid=${sid}`, { method: 'POST', body });
    expect([200, 400, 413]).toContain(answer.status);
    expect((await fetch(`${polling()}&sid=${sid}`)).status).toBe(400);
    await expectOthersUnharmed();
  });
});

describe('over WebSocket', () => {
  test.each(Object.entries(bodies))('%s', async (_, body) => {
    const wire = new Wire(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    await wire.next();
    for (const packet of typeof body === 'string' && body.includes('\x1e4') ? body.split('\x1e') : [body]) wire.socket.send(packet, { binary: false });
    await wire.closed;
    await expectOthersUnharmed();
  });

  test('on a plain path it is told what is wrong, and at last sent away', async () => {
    const wire = new Wire(`${server.url.replace('http', 'ws')}/jobs`, { headers: { authorization: `Bearer ${token({ sub: 'bob' })}` } });
    await wire.opened;
    for (let i = 0; i < 10; ++i) wire.send('{');
    expect(JSON.parse(await wire.next())).toMatchObject({ event: 'exception', data: { status: 'error', code: 'bad_json' } });
    expect(await wire.closed).toBe(4400);
    await expectOthersUnharmed();
  });
});
