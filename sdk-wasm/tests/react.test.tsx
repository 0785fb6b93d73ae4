// @vitest-environment happy-dom
import { connect, defineJob, JobwireProvider, useConnection, useJob, useJobEnd, useJobs, useMessage, useNotifications, useQueueStatus, type Job } from '@jobwire/react';
import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import { readFileSync } from 'node:fs';
import { StrictMode, useState, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { wasmFile } from '../scripts/aliases.mjs';
import { closeClients, connectTo, FakeServer } from './support/fake_server.js';

afterEach(() => {
  cleanup();
  closeClients();
});

const pdf = defineJob<{ result: { pages: number } }>('pdf');

function Progress({ id, onRender }: { id: string | undefined; onRender?: () => void }) {
  const { job, isPending, isStale, error } = useJob(id, pdf);
  onRender?.();
  if (error) return <p>error {error.code}</p>;
  if (isPending) return <p>pending</p>;
  return <p>{job ? `${job.status} ${job.progress} ${job.result?.pages ?? ''}${isStale ? ' stale' : ''}` : 'none'}</p>;
}

function within(server: FakeServer, children: ReactNode) {
  const client = connectTo(server);
  return { client, ...render(<JobwireProvider client={client}>{children}</JobwireProvider>) };
}

describe('useJob', () => {
  it('shows a job from pending to its result', async () => {
    const server = new FakeServer();
    within(server, <Progress id="1" />);
    expect(screen.getByText('pending')).toBeTruthy();
    await waitFor(() => expect(server.channels).toEqual(['job:1']));
    act(() => server.put({ id: '1', progress: 5 }));
    await screen.findByText('active 5');
    act(() => server.event('1', { type: 'completed', result: { pages: 3 } }));
    await screen.findByText('completed 100 3');
  });

  it('renders once per frame however many events come', async () => {
    const server = new FakeServer();
    server.put({ id: '1', progress: 0 });
    const onRender = vi.fn();
    within(server, <Progress id="1" onRender={onRender} />);
    await screen.findByText('active 0');
    onRender.mockClear();
    act(() => {
      for (let at = 1; at <= 50; at++) server.event('1', { type: 'progress', progress: at }, { progress: at });
    });
    await screen.findByText('active 50');
    expect(onRender).toHaveBeenCalledTimes(1);
  });

  it('does not render for another job, nor anew without a change', async () => {
    const server = new FakeServer();
    server.put({ id: '1' });
    server.put({ id: '2' });
    const onRender = vi.fn();
    within(server, <><Progress id="1" onRender={onRender} /><Progress id="2" /></>);
    await waitFor(() => expect(screen.getAllByText('active 0')).toHaveLength(2));
    onRender.mockClear();
    act(() => server.put({ id: '2', progress: 7 }));
    await screen.findByText('active 7');
    expect(onRender).not.toHaveBeenCalled();
  });

  it('follows another id when it gets one, and nothing without one', async () => {
    const server = new FakeServer();
    server.put({ id: '1', progress: 1 });
    server.put({ id: '2', progress: 2 });
    const client = connectTo(server);
    const tree = (id: string | undefined) => <JobwireProvider client={client}><Progress id={id} /></JobwireProvider>;
    const { rerender } = render(tree(undefined));
    await screen.findByText('none');
    rerender(tree('1'));
    await screen.findByText('active 1');
    rerender(tree('2'));
    await screen.findByText('active 2');
    await waitFor(() => expect(server.channels).toEqual(['job:2']));
  });

  it('cancels', async () => {
    const server = new FakeServer();
    server.put({ id: '1' });
    let cancel!: (reason?: string) => Promise<void>;
    function Cancel() {
      ({ cancel } = useJob('1'));
      return null;
    }
    within(server, <Cancel />);
    await waitFor(() => expect(server.channels).toEqual(['job:1']));
    await cancel('why');
    expect(server.live!.received.at(-1)).toMatchObject({ event: 'cancel', data: { jobId: '1', reason: 'why' } });
  });

  it('outside of a provider is pending, and says why it cannot cancel', async () => {
    let cancel!: () => Promise<void>;
    function Lonely() {
      const job = useJob('1');
      cancel = job.cancel;
      return <p>{String(job.isPending)}</p>;
    }
    render(<Lonely />);
    await screen.findByText('true');
    await expect(cancel()).rejects.toThrow('before there is a client');
  });
});

describe('StrictMode', () => {
  it('subscribes once, and keeps following', async () => {
    const server = new FakeServer();
    server.put({ id: '1', progress: 3 });
    within(server, <StrictMode><Progress id="1" /></StrictMode>);
    await screen.findByText('active 3');
    expect(server.sockets).toHaveLength(1);
    const asked = server.live!.received.filter(({ event }) => event === 'subscribe' || event === 'unsubscribe');
    expect(asked.length).toBeLessThanOrEqual(1);
    act(() => server.put({ id: '1', progress: 4 }));
    await screen.findByText('active 4');
  });

  it('a provider with options connects in the end, and closes what it opened', async () => {
    const server = new FakeServer();
    server.put({ id: '1', progress: 3 });
    const { unmount } = render(
      <StrictMode>
        <JobwireProvider url="http://jobs.test" wasm={new WebAssembly.Module(readFileSync(wasmFile))} WebSocket={server.WebSocket} fetch={server.fetch}>
          <Progress id="1" />
        </JobwireProvider>
      </StrictMode>,
    );
    await screen.findByText('active 3');
    expect(server.sockets.filter(({ isLive }) => isLive)).toHaveLength(1);
    unmount();
    expect(server.sockets.filter(({ isLive }) => isLive)).toHaveLength(0);
  });
});

describe('a server', () => {
  it('renders the pending state, and hydrates without a complaint', async () => {
    const server = new FakeServer();
    server.put({ id: '1', progress: 9 });
    const client = connectTo(server);
    const tree = <JobwireProvider client={client}><Progress id="1" /></JobwireProvider>;
    client.job('1').subscribe(() => {});
    await vi.waitFor(() => expect(client.job('1').getSnapshot().job).toBeDefined());
    const html = renderToString(tree);
    expect(html).toBe('<p>pending</p>');
    const container = document.createElement('div');
    container.innerHTML = html;
    document.body.append(container);
    const complaints = vi.spyOn(console, 'error');
    render(tree, { container, hydrate: true });
    await screen.findByText('active 9');
    expect(complaints).not.toHaveBeenCalled();
    complaints.mockRestore();
  });

  it('connects to nothing when it renders a provider with options', () => {
    const server = new FakeServer();
    expect(renderToString(<JobwireProvider url="http://jobs.test" WebSocket={server.WebSocket}><Progress id="1" /></JobwireProvider>)).toBe('<p>pending</p>');
    expect(server.sockets).toEqual([]);
  });
});

it('useJobs lists, useConnection and useQueueStatus tell', async () => {
  const server = new FakeServer();
  server.put({ id: '1', userId: 'alice', type: 'pdf', createdAt: 1 });
  server.put({ id: '2', userId: 'alice', type: 'pdf', createdAt: 2 });
  function Page() {
    const { jobs, isPending } = useJobs({ type: pdf, status: ['queued', 'active'] });
    const { state, isLive } = useConnection();
    const counts = useQueueStatus('pdf');
    return <p>{`${state} ${isLive} ${isPending} ${jobs.map(({ id }) => id)} ${counts?.waiting}`}</p>;
  }
  within(server, <Page />);
  await screen.findByText('online true false 2,1 undefined');
  act(() => server.push('queue-status', { queues: [{ queue: 'pdf', waiting: 4, active: 0 }] }));
  await screen.findByText('online true false 2,1 4');
  act(() => server.put({ id: '2', status: 'completed' }));
  await screen.findByText('online true false 1 4');
});

it('useJobEnd calls the newest listener, once, for what it was asked about', async () => {
  const server = new FakeServer();
  for (const id of ['1', '2']) server.put({ id, userId: 'alice', type: id === '1' ? 'pdf' : 'video' });
  const ended: string[] = [];
  let count!: (by: number) => void;
  function Page() {
    const [number, setNumber] = useState(0);
    count = setNumber;
    useJobs();
    useJobEnd((job: Job<{ pages: number }>) => ended.push(`${job.id} ${number}`), { type: pdf });
    return <p>{`number ${number}`}</p>;
  }
  const { client } = within(server, <StrictMode><Page /></StrictMode>);
  await waitFor(() => expect(client.jobs().getSnapshot().jobs).toHaveLength(2));
  act(() => count(7));
  await screen.findByText('number 7');
  act(() => {
    server.event('2', { type: 'completed' });
    server.event('1', { type: 'completed', result: { pages: 1 } });
  });
  await waitFor(() => expect(ended).toEqual(['1 7']));
});

it('useNotifications lists, counts and marks; useMessage calls the newest listener', async () => {
  const server = new FakeServer();
  server.notify('a');
  const heard: string[] = [];
  function Page() {
    const { notifications, unread, isPending, read, readAll } = useNotifications();
    useMessage('hello', (data) => heard.push(`${data} ${unread}`));
    return (
      <>
        <p>{`${isPending} ${unread} ${notifications.map(({ id, read }) => id + (read ? '!' : ''))}`}</p>
        <button onClick={() => void read('a')}>one</button>
        <button onClick={() => void readAll()}>all</button>
      </>
    );
  }
  within(server, <StrictMode><Page /></StrictMode>);
  await screen.findByText('false 1 a');
  act(() => server.notify('b'));
  await screen.findByText('false 2 b,a');
  act(() => server.push('message', { name: 'hello', data: 'you' }));
  expect(heard).toEqual(['you 2']);
  act(() => screen.getByText('one').click());
  await screen.findByText('false 1 b,a!');
  act(() => screen.getByText('all').click());
  await screen.findByText('false 0 b!,a!');
});

it('exports connect, for one import', () => {
  expect(connect).toBeTypeOf('function');
});
