// The whole page, over a client that the test moves: what only its parts together can get wrong.
import { JobwireProvider } from '@jobwire/react';
import { act, createEvent, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { Page } from '../src/components/page.js';
import { DemoContext, type Demo } from '../src/demo.js';
import { createFaults } from '../src/faults.js';
import { createLedger } from '../src/ledger.js';
import { fakeClient, live } from './fake_client.js';

let fake: ReturnType<typeof fakeClient>;
let answers: Record<string, () => Promise<Response>>;
const json = (value: unknown) => () => Promise.resolve(Response.json(value));
const away = () => Promise.reject(new TypeError('Failed to fetch'));

function page(persona: Demo['persona'] = 'alice', isChosen = false) {
  const demo: Demo = {
    config: { jobwireUrl: 'http://j', backendUrl: 'http://b' }, persona, client: fake.client, ledger: createLedger(),
    faults: createFaults({ WebSocket: WebSocket as never, fetch }), sessions: { token: () => Promise.resolve('t'), fresh: () => Promise.resolve('t') },
  };
  return (
    <DemoContext value={demo}>
      <JobwireProvider client={fake.client}>
        <Page isChosen={isChosen} onPersona={() => {}} />
      </JobwireProvider>
    </DemoContext>
  );
}

beforeEach(() => {
  fake = fakeClient();
  answers = { '/samples': json({ samples: [{ name: 'torn.pdf', size: 40_000 }] }), '/api/v1/jobs': json({ jobs: [] }), '/api/v1/stats': json({}) };
  vi.stubGlobal('fetch', (url: string) => answers[new URL(url).pathname]!());
});

/** Lets go of things over the page; `null` stands for a folder. jsdom has no DataTransfer. */
function drop(files: (File | null)[]) {
  const items = files.map((file) => ({ getAsFile: () => file ?? new File([], 'holiday'), webkitGetAsEntry: () => ({ isDirectory: file === null }) }));
  const event = createEvent.drop(document.body);
  Object.defineProperty(event, 'dataTransfer', { value: { types: ['Files'], items } });
  fireEvent(document.body, event);
  return event;
}

test('what misses the drop zone is not opened by the browser; a folder is refused in words', async () => {
  render(page());
  expect(drop([null]).defaultPrevented).toBe(true);
  expect(await screen.findByRole('alert')).toHaveTextContent('This is a folder: drop the files that are in it');
  await userEvent.click(screen.getByRole('button', { name: 'Dismiss holiday' }));
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.getByRole('region', { name: 'Your jobs' })).toHaveFocus();
});

test('an admin hands nothing in', async () => {
  render(page('admin'));
  expect(drop([new File(['x'], 'a.txt')]).defaultPrevented).toBe(true);
  expect(await screen.findByRole('alert')).toHaveTextContent('An admin hands nothing in');
});

test('the focus stays on the switch that has changed who is signed in, and is not taken by a page that was opened', () => {
  const view = render(page('bob', true));
  expect(screen.getByRole('radio', { name: /Bob/ })).toHaveFocus();
  view.unmount();
  render(page('bob'));
  expect(document.body).toHaveFocus();
});

test('samples that could not be had are asked for again when the line is back', async () => {
  const { '/samples': samples } = answers;
  answers['/samples'] = away;
  fake.connection.set({ ...live, state: 'offline', isLive: false });
  render(page());
  expect(await screen.findByRole('alert')).toHaveTextContent('The back end does not answer: no samples.');
  answers['/samples'] = samples!;
  act(() => fake.connection.set(live));
  expect(await screen.findByRole('button', { name: /A torn PDF/ })).toBeVisible();
  expect(screen.queryByRole('alert')).toBeNull();
});

test('a comparison asked for by hand is said, and its button keeps the focus', async () => {
  render(page());
  const button = screen.getByRole('button', { name: 'Compare now' });
  await userEvent.click(button);
  await waitFor(() => expect(screen.getByText('0 missed, 0 doubled')).toHaveAttribute('role', 'status'));
  expect(button).toHaveFocus();
  answers['/api/v1/jobs'] = away;
  await userEvent.click(button);
  expect(await screen.findByText('the server does not answer')).toHaveAttribute('role', 'status');
});

test('a try that is asked for takes its button away, and the focus stays at the line', async () => {
  fake.connection.set({ ...live, state: 'offline', isLive: false });
  render(page());
  await userEvent.click(screen.getByRole('button', { name: 'Try now' }));
  act(() => fake.connection.set({ ...live, state: 'connecting', isLive: false }));
  expect(screen.getByTestId('connection')).toHaveFocus();
});

test('with no socket there is none to cut, and the page says so', async () => {
  render(page());
  await userEvent.click(screen.getByRole('button', { name: /Cut the socket/ }));
  expect(screen.getByRole('button', { name: /Cut the socket/ })).toHaveTextContent('none is open');
});
