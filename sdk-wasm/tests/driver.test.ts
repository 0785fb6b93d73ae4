// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeClients, connectTo, FakeServer } from './support/fake_server.js';

afterEach(() => {
  closeClients();
  vi.unstubAllGlobals();
});

const state = (client: ReturnType<typeof connectTo>) => client.connection.getSnapshot().state;

async function online(server = new FakeServer(), options: Parameters<typeof connectTo>[1] = {}) {
  const client = connectTo(server, options);
  await vi.waitFor(() => expect(client.connection.getSnapshot()).toMatchObject({ state: 'online', isLive: true }));
  return { server, client };
}

describe('WebSocket', () => {
  it('is opened below the url, says hello first, and asks for binary frames', async () => {
    const { server } = await online(undefined, { token: 'secret', clientName: 'shop/2' });
    const socket = server.live!;
    expect(socket.url).toBe('ws://jobs.test/base/ws');
    expect(socket.protocols).toEqual(['jobwire.v1']);
    expect(socket.binaryType).toBe('arraybuffer');
    expect(socket.received[0]).toMatchObject({ event: 'hello', data: { token: 'secret', client: 'shop/2', binary: true } });
  });

  it('reads binary and text frames alike', async () => {
    const { server, client } = await online();
    const job = client.job('1');
    job.subscribe(() => {});
    await vi.waitFor(() => expect(server.channels).toEqual(['job:1']));
    server.live!.isBinary = false;
    server.put({ id: '1', message: 'tëxt' });
    await vi.waitFor(() => expect(job.getSnapshot().job?.message).toBe('tëxt'));
    server.live!.isBinary = true;
    server.put({ id: '1', message: 'bïnary' });
    await vi.waitFor(() => expect(job.getSnapshot().job?.message).toBe('bïnary'));
  });

  it('reconnects with its cursor and its channels', async () => {
    const { server, client } = await online();
    client.job('1').subscribe(() => {});
    await vi.waitFor(() => expect(server.channels).toEqual(['job:1']));
    await vi.waitFor(() => expect(client.connection.getSnapshot().isLive).toBe(true));
    server.cut();
    await vi.waitFor(() => expect(server.channels).toEqual(['job:1']));
    expect(server.live!.received[0]).toMatchObject({ event: 'hello', data: { channels: ['job:1'], cursor: server.cursor } });
  });

  it('stops when the server says stop, and starts again when told to', async () => {
    const { server, client } = await online();
    server.cut(4403);
    await vi.waitFor(() => expect(client.connection.getSnapshot()).toMatchObject({ state: 'closed', reasonCode: 'forbidden' }));
    const count = server.sockets.length;
    await new Promise((done) => setTimeout(done, 100));
    expect(server.sockets).toHaveLength(count);
    expect(client.job('1').getSnapshot().error).toMatchObject({ code: 'forbidden' });
    client.retry();
    await vi.waitFor(() => expect(state(client)).toBe('online'));
    expect(client.job('1').getSnapshot().error).toBeUndefined();
  });

  it('a constructor that throws counts as a failed socket', async () => {
    const server = new FakeServer();
    const client = connectTo(server, {
      WebSocket: class {
        constructor() {
          throw new SyntaxError('blocked');
        }
      } as never,
    });
    await vi.waitFor(() => expect(state(client)).toBe('polling'));
  });
});

describe('long-polling', () => {
  it('takes over where WebSocket does not get through, knows the user, and climbs back', async () => {
    const server = new FakeServer();
    server.webSocketWorks = false;
    server.put({ id: '1', userId: 'alice', progress: 1 });
    const client = connectTo(server, { token: 't' });
    const mine = client.jobs();
    mine.subscribe(() => {});
    await vi.waitFor(() => expect(client.connection.getSnapshot()).toMatchObject({ state: 'polling', transport: 'polling', user: 'alice' }));
    await vi.waitFor(() => expect(mine.getSnapshot()).toMatchObject({ isPending: false, isStale: false, jobs: [{ progress: 1 }] }));
    server.put({ id: '1', progress: 2 });
    await vi.waitFor(() => expect(mine.getSnapshot().jobs[0]!.progress).toBe(2));
    expect(server.requests[0]).toMatchObject({ path: '/base/api/v1/changes', authorization: 'Bearer t' });
    server.webSocketWorks = true;
    await vi.waitFor(() => expect(state(client)).toBe('online'));
    expect(server.live!.received[0]).toMatchObject({ data: { channels: ['user:alice'] } });
    server.put({ id: '1', progress: 3 });
    await vi.waitFor(() => expect(mine.getSnapshot().jobs[0]!.progress).toBe(3));
  });

  it('is all there is on a platform without WebSocket', async () => {
    const server = new FakeServer();
    vi.stubGlobal('WebSocket', undefined);
    const client = connectTo(server, { WebSocket: undefined });
    client.job('1').subscribe(() => {});
    await vi.waitFor(() => expect(state(client)).toBe('polling'));
    expect(server.sockets).toEqual([]);
  });

  it('can be chosen, and so can doing without it', async () => {
    const server = new FakeServer();
    const polling = connectTo(server, { transports: { websocket: false } });
    await vi.waitFor(() => expect(state(polling)).toBe('polling'));
    expect(server.sockets).toEqual([]);
    server.webSocketWorks = false;
    const requests = server.requests.length;
    polling.close();
    const stubborn = connectTo(server, { transports: { polling: false } });
    await vi.waitFor(() => expect(server.sockets.length).toBeGreaterThan(4));
    expect(server.requests).toHaveLength(requests);
    expect(stubborn.connection.getSnapshot().isLive).toBe(false);
  });

  it('ends its request when the client closes', async () => {
    const server = new FakeServer();
    const signals: AbortSignal[] = [];
    const client = connectTo(server, {
      transports: { websocket: false },
      timing: { pollWaitMs: 60_000 },
      fetch: ((url: string, init: RequestInit) => {
        signals.push(init.signal!);
        return server.fetch(url, init);
      }) as typeof fetch,
    });
    client.job('1').subscribe(() => {});
    await vi.waitFor(() => expect(server.requests.at(-1)?.body).toMatchObject({ channels: ['job:1'], wait: 60_000 }));
    expect(signals.at(-1)!.aborted).toBe(false);
    client.close();
    expect(signals.at(-1)!.aborted).toBe(true);
  });

  it('waits as long as a busy server says', async () => {
    const server = new FakeServer();
    let asked = 0;
    const client = connectTo(server, {
      transports: { websocket: false },
      fetch: (async () => {
        asked++;
        return new Response('{}', { status: 503, headers: { 'retry-after': '60' } });
      }) as typeof fetch,
    });
    await vi.waitFor(() => expect(state(client)).toBe('offline'));
    const { nextTryAt } = client.connection.getSnapshot();
    expect(nextTryAt! - Date.now()).toBeGreaterThan(50_000);
    expect(asked).toBe(1);
    client.retry();
    await vi.waitFor(() => expect(asked).toBe(2));
  });
});

describe('tokens', () => {
  it('are asked for before the first connection, and afresh when one has expired', async () => {
    const server = new FakeServer();
    const reasons: string[] = [];
    let number = 0;
    server.acceptsToken = (token) => token === 'token 2';
    const client = connectTo(server, {
      getToken: async (reason) => {
        reasons.push(reason);
        return `token ${++number}`;
      },
    });
    await vi.waitFor(() => expect(state(client)).toBe('online'));
    expect(reasons).toEqual(['Signing in', 'The sign-in has expired; getting a new one']);
    expect(server.live!.received[0]).toMatchObject({ data: { token: 'token 2' } });
  });

  it('that cannot be had are asked for again', async () => {
    const server = new FakeServer();
    let asked = 0;
    const client = connectTo(server, {
      getToken: () => {
        if (++asked < 3) throw new Error('the login server is down');
        return 'good';
      },
    });
    const reasons: string[] = [];
    client.connection.subscribe(() => reasons.push(client.connection.getSnapshot().reason));
    await vi.waitFor(() => expect(state(client)).toBe('online'));
    expect(reasons).toContain('Could not sign in: the login server is down');
  });

  it('that come as a line of their own are taken without its end', async () => {
    const server = new FakeServer();
    const client = connectTo(server, { getToken: async () => 'token\n' });
    await vi.waitFor(() => expect(state(client)).toBe('online'));
    expect(server.live!.received[0]).toMatchObject({ data: { token: 'token' } });
  });

  it.each([undefined, null, { token: 'x' }, 7])('that are none are a reason to be shown: %j', async (token) => {
    const client = connectTo(new FakeServer(), { getToken: () => token as unknown as string });
    await vi.waitFor(() => expect(client.connection.getSnapshot()).toMatchObject({ reason: expect.stringMatching(/^Could not sign in: .*trim/) }));
  });

  it('that are null are none: what a page has stored, before it has', async () => {
    const { server } = await online(new FakeServer(), { token: null as unknown as undefined });
    expect(server.live!.received[0]).not.toMatchObject({ data: { token: expect.anything() } });
  });

  it('that never change are not tried twice', async () => {
    const server = new FakeServer();
    server.acceptsToken = () => false;
    const client = connectTo(server, { token: 'old' });
    await vi.waitFor(() => expect(client.connection.getSnapshot()).toMatchObject({ state: 'closed', reasonCode: 'unauthenticated' }));
    expect(server.sockets).toHaveLength(1);
    expect(client.jobs().getSnapshot().error).toMatchObject({ code: 'unauthenticated' });
  });
});

describe('the platform', () => {
  it('tells of the network: offline waits, online tries at once', async () => {
    vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
    const server = new FakeServer();
    const { client } = await online(server, { timing: { backoffBaseMs: 60_000, backoffCapMs: 60_000 } });
    window.dispatchEvent(new Event('offline'));
    server.cut();
    await vi.waitFor(() => expect(client.connection.getSnapshot()).toMatchObject({ state: 'offline', reasonCode: 'no_network' }));
    window.dispatchEvent(new Event('online'));
    await vi.waitFor(() => expect(state(client)).toBe('online'));
  });

  it('has its listeners back when the client closes', async () => {
    const add = vi.spyOn(globalThis, 'addEventListener');
    const { client } = await online();
    const listeners = add.mock.calls.filter(([kind]) => /line$/.test(kind));
    expect(listeners.map(([kind]) => kind)).toEqual(['online', 'offline']);
    // A target lets go of a listener when its signal is aborted.
    const isHeld = listeners.map(([, , options]) => !(options as AddEventListenerOptions).signal!.aborted);
    expect(isHeld).toEqual([true, true]);
    client.close();
    expect(listeners.map(([, , options]) => (options as AddEventListenerOptions).signal!.aborted)).toEqual([true, true]);
  });

  it('shows jobs of a hidden page too, which has no frames', async () => {
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    const { server, client } = await online();
    server.put({ id: '1' });
    const job = client.job('1');
    job.subscribe(() => {});
    await vi.waitFor(() => expect(job.getSnapshot().job).toBeDefined());
    vi.restoreAllMocks();
  });
});
