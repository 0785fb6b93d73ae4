import { JobwireProvider } from '@jobwire/react';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { Guard } from '../src/components/guard.js';
import { late } from '../src/components/late.js';
import { fakeClient, live } from './fake_client.js';

/** A part that comes once `open` is true, shown beside something that must not go with it. */
function setup() {
  const line = { open: false, asked: 0 };
  const Part = late<{ word: string }>(async () => {
    line.asked += 1;
    if (!line.open) throw new TypeError('Failed to fetch dynamically imported module');
    return ({ word }) => <p>{word}</p>;
  }, <p>Drawing…</p>);
  const fake = fakeClient();
  render(
    <JobwireProvider client={fake.client}>
      <h1>The page</h1>
      <Part word="drawn" />
    </JobwireProvider>,
  );
  return { line, fake };
}

test('a part that does not come leaves the page, and comes when it is asked for again', async () => {
  const { line } = setup();
  expect(screen.getByText('Drawing…')).toBeVisible();
  expect(await screen.findByRole('alert')).toHaveTextContent('did not come');
  expect(screen.getByRole('heading', { name: 'The page' })).toBeVisible();
  line.open = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('drawn')).toBeVisible();
});

test('it is asked for again when the line is back', async () => {
  const { line, fake } = setup();
  await screen.findByRole('alert');
  act(() => fake.connection.set({ ...live, state: 'offline', isLive: false }));
  expect(line.asked).toBe(1);
  line.open = true;
  act(() => fake.connection.set(live));
  expect(await screen.findByText('drawn')).toBeVisible();
  expect(line.asked).toBe(2);
});

test('what cannot be drawn is said, and the rest of the page stays', () => {
  const Torn = () => {
    throw new TypeError('result.pictures is undefined');
  };
  render(
    <>
      <h1>The page</h1>
      <Guard words="Nothing that this page knows how to draw.">
        <Torn />
      </Guard>
    </>,
    { onCaughtError: () => {} },
  );
  expect(screen.getByText('Nothing that this page knows how to draw.')).toBeVisible();
  expect(screen.getByRole('heading', { name: 'The page' })).toBeVisible();
});
