import { afterEach, expect, it, vi } from 'vitest';

import { closeClients, connectTo, FakeServer } from './support/fake_server.js';

afterEach(closeClients);

it('connects, follows a job, and shows what becomes of it', async () => {
  const server = new FakeServer();
  server.put({ id: '1', type: 'pdf', progress: 12.5, stage: 'pages', metadata: { title: 'a' } });
  const client = connectTo(server);
  const job = client.job('1');
  job.subscribe(() => {});
  expect(job.getSnapshot()).toEqual({ job: undefined, isPending: true, isStale: false, error: undefined });
  await vi.waitFor(() => expect(job.getSnapshot().job?.progress).toBe(12.5));
  console.log(client.connection.getSnapshot());
  expect(job.getSnapshot().job).toMatchObject({ id: '1', type: 'pdf', stage: 'pages', status: 'active' });
  expect(job.getSnapshot().job!.metadata).toEqual({ title: 'a' });
});
