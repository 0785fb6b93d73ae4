import { afterEach, expect, it, vi } from 'vitest';

import { closeClients, connectTo, FakeServer } from './support/fake_server.js';

afterEach(closeClients);

const ids = (client: { notifications: { getSnapshot(): { notifications: readonly { id: string }[] } } }) =>
  client.notifications.getSnapshot().notifications.map(({ id }) => id);
const asked = (server: FakeServer) => server.requests.filter(({ path }) => path.endsWith('/notifications')).length;

async function showing(server: FakeServer, options = {}) {
  const client = connectTo(server, options);
  const notify = vi.fn();
  const stop = client.notifications.subscribe(notify);
  await vi.waitFor(() => expect(client.notifications.getSnapshot().isPending).toBe(false));
  return { client, inbox: client.notifications, notify, stop };
}

it('asks for nothing before somebody looks; then the newest page, and older ones by and by', async () => {
  const server = new FakeServer();
  server.pageSize = 2;
  for (const id of ['a', 'b', 'c', 'd', 'e']) server.notify(id);
  const client = connectTo(server);
  await vi.waitFor(() => expect(client.connection.getSnapshot().isLive).toBe(true));
  expect(asked(server)).toBe(0);
  const inbox = client.notifications;
  inbox.subscribe(() => {});
  await vi.waitFor(() => expect(inbox.getSnapshot()).toMatchObject({ isPending: false, hasMore: true, unread: 5 }));
  expect(ids(client)).toEqual(['e', 'd']);
  await inbox.loadMore();
  expect(ids(client)).toEqual(['e', 'd', 'c', 'b']);
  await inbox.loadMore();
  expect(ids(client)).toEqual(['e', 'd', 'c', 'b', 'a']);
  expect(inbox.getSnapshot().hasMore).toBe(false);
  await inbox.loadMore();
  expect(asked(server)).toBe(3);
});

it('is told what is made and what is read, here or on another device', async () => {
  const server = new FakeServer();
  server.notify('a');
  const { client, inbox, notify } = await showing(server);
  const before = inbox.getSnapshot();
  expect(inbox.getSnapshot()).toBe(before);
  server.notify('b', { type: 'success', action: { label: 'Open', url: '/b' } });
  const both = [{ id: 'b', action: { url: '/b' } }, { id: 'a' }];
  await vi.waitFor(() => expect(inbox.getSnapshot()).toMatchObject({ unread: 2, notifications: both }));
  server.notify('a', { read: true, readAt: 7 });
  const read = [{ id: 'b' }, { id: 'a', read: true, readAt: 7 }];
  await vi.waitFor(() => expect(inbox.getSnapshot()).toMatchObject({ unread: 1, notifications: read }));
  expect(inbox.getSnapshot().notifications[0]).toBe(inbox.getSnapshot().notifications[0]);
  expect(notify).toHaveBeenCalled();
  expect(asked(server)).toBe(1);
  expect(ids(client)).toEqual(['b', 'a']);
});

it('misses nothing that comes while what shows the list is being loaded', async () => {
  const server = new FakeServer();
  server.notify('a');
  const client = connectTo(server);
  await vi.waitFor(() => expect(client.connection.getSnapshot().isLive).toBe(true));
  server.notify('b');
  expect(client.notifications.getSnapshot()).toMatchObject({ unread: 2, isPending: true });
  client.notifications.subscribe(() => {});
  server.notify('c');
  server.notify('a', { read: true });
  expect(asked(server)).toBe(0);
  await vi.waitFor(() => expect(ids(client)).toEqual(['c', 'b', 'a']));
  expect(client.notifications.getSnapshot()).toMatchObject({ unread: 2, notifications: [{}, {}, { read: true }] });
});

it('marks one as read, and all; what there is not is an error', async () => {
  const server = new FakeServer();
  for (const id of ['a/1', 'b', 'c']) server.notify(id);
  const { inbox } = await showing(server);
  await inbox.read('a/1');
  expect(inbox.getSnapshot().unread).toBe(2);
  await inbox.readAll();
  expect(inbox.getSnapshot()).toMatchObject({ unread: 0, notifications: [{ read: true }, { read: true }, { read: true }] });
  await expect(inbox.read('z')).rejects.toMatchObject({ name: 'JobwireError', code: 'not_found' });
});

it('one that is older than what is listed is not listed because it is read', async () => {
  const server = new FakeServer();
  server.pageSize = 1;
  for (const id of ['a', 'b']) server.notify(id);
  const { client, inbox } = await showing(server);
  server.notify('a', { read: true });
  expect(ids(client)).toEqual(['b']);
  expect(inbox.getSnapshot().unread).toBe(1);
  await inbox.loadMore();
  expect(inbox.getSnapshot().notifications).toMatchObject([{ id: 'b', read: false }, { id: 'a', read: true }]);
});

it('catches up with a lost connection by the cursor, and asks again only where a view begins', async () => {
  const server = new FakeServer();
  server.notify('a');
  const { client, inbox } = await showing(server);
  server.cut();
  await vi.waitFor(() => expect(client.connection.getSnapshot().isLive).toBe(true));
  expect(asked(server)).toBe(1);
  // Another server's log: what was is not.
  server.inbox = [];
  server.notify('b');
  await vi.waitFor(() => expect(ids(client)).toEqual(['b', 'a']));
  server.tell({ reset: true, unread: 1 });
  await Promise.resolve();
  expect(ids(client)).toEqual(['b', 'a']); // until the new list is there
  await vi.waitFor(() => expect(ids(client)).toEqual(['b']));
  expect(asked(server)).toBe(2);
  expect(inbox.getSnapshot().unread).toBe(1);
});

it('an answer that comes when its view is no more is not shown', async () => {
  const server = new FakeServer();
  server.notify('old');
  const late: (() => void)[] = [];
  const holding = (async (url: string, init: RequestInit) => {
    const answer = await server.fetch(url, init);
    if (url.includes('/notifications') && late.length === 0) await new Promise<void>((go) => late.push(go));
    return answer;
  }) as typeof fetch;
  const client = connectTo(server, { fetch: holding });
  client.notifications.subscribe(() => {});
  await vi.waitFor(() => expect(late).toHaveLength(1));
  server.inbox = [];
  server.notify('new');
  server.tell({ reset: true, unread: 1 });
  late[0]!();
  await vi.waitFor(() => expect(ids(client)).toEqual(['new']));
});

it('says why there is no list, and gets it when the connection is back', async () => {
  const server = new FakeServer();
  server.notify('a');
  let works = false;
  const failing = (async (url: string, init: RequestInit) => {
    if (url.includes('/notifications') && !works) return new Response('<html>', { status: 502 });
    return server.fetch(url, init);
  }) as typeof fetch;
  const client = connectTo(server, { fetch: failing });
  const inbox = client.notifications;
  inbox.subscribe(() => {});
  await vi.waitFor(() => expect(inbox.getSnapshot()).toMatchObject({ isPending: true, error: { code: 'unavailable' } }));
  await expect(inbox.loadMore()).rejects.toMatchObject({ code: 'unavailable' });
  works = true;
  server.cut();
  await vi.waitFor(() => expect(inbox.getSnapshot()).toMatchObject({ isPending: false, error: undefined, unread: 1 }));
  expect(ids(client)).toEqual(['a']);
});

it('while polling, the same', async () => {
  const server = new FakeServer();
  server.webSocketWorks = false;
  server.notify('a');
  const { client, inbox } = await showing(server);
  server.notify('b');
  await vi.waitFor(() => expect(ids(client)).toEqual(['b', 'a']));
  expect(inbox.getSnapshot().unread).toBe(2);
  await inbox.read('b');
  await vi.waitFor(() => expect(inbox.getSnapshot().unread).toBe(1));
});

it('shows nobody what another user was told', async () => {
  const server = new FakeServer();
  server.notify('hers');
  const { client } = await showing(server);
  server.user = 'bob';
  server.inbox = [];
  const seen: string[][] = [];
  client.notifications.subscribe(() => seen.push(ids(client)));
  server.cut();
  await vi.waitFor(() => expect(client.connection.getSnapshot().user).toBe('bob'));
  expect(ids(client)).toEqual([]);
  server.tell({ reset: true, unread: 0 });
  await vi.waitFor(() => expect(client.notifications.getSnapshot()).toMatchObject({ isPending: false, notifications: [] }));
  expect(seen.flat()).toEqual([]);
});

it('before there is a connection, and after the end, marking is refused', async () => {
  const client = connectTo(new FakeServer());
  await expect(client.notifications.readAll()).rejects.toMatchObject({ code: 'unavailable' });
  client.close();
  await expect(client.notifications.readAll()).rejects.toMatchObject({ code: 'closed' });
});
