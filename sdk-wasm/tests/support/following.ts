// A client that follows one job, which it has been told of.
import { expect, vi } from 'vitest';

import { connectTo, FakeServer } from './fake_server.js';

export async function following(id = '1', server = new FakeServer(), job: Record<string, unknown> = {}) {
  server.put({ id, type: 'pdf', userId: 'alice', progress: 10, ...job });
  const client = connectTo(server);
  const handle = client.job(id);
  const notify = vi.fn();
  const unsubscribe = handle.subscribe(notify);
  await vi.waitFor(() => expect(handle.getSnapshot().job).toBeDefined());
  return { server, client, handle, notify, unsubscribe };
}
