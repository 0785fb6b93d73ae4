import { JobwireProvider } from '@jobwire/react';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { Toasts } from '../src/components/toasts.js';
import { fakeClient, makeNotice } from './fake_client.js';

let fake: ReturnType<typeof fakeClient>;
const toasts = (isInboxOpen = false) => (
  <JobwireProvider client={fake.client}>
    <Toasts isInboxOpen={isInboxOpen} />
  </JobwireProvider>
);
const old = makeNotice({ title: 'old.pdf is done' });
const shown = () => screen.queryAllByRole('button', { name: /^Dismiss/ }).map((button) => button.getAttribute('aria-label'));

beforeEach(() => {
  fake = fakeClient();
  fake.inbox.show([old]);
});

test('what the inbox held before is no news; what comes is shown and said once, and gone when dismissed', async () => {
  render(toasts());
  expect(shown()).toEqual([]);
  act(() => fake.inbox.show([makeNotice({ type: 'error', title: 'torn.pdf has failed' }), old]));
  expect(shown()).toEqual(['Dismiss: torn.pdf has failed']);
  expect(screen.getByRole('status')).toHaveTextContent(/^torn.pdf has failed$/);
  await userEvent.click(screen.getByRole('button', { name: 'Dismiss: torn.pdf has failed' }));
  expect(shown()).toEqual([]);
  expect(screen.getByRole('region', { name: 'Just now' })).toHaveFocus();
  expect(fake.inbox.asked).toEqual([]);
});

test('a page of older ones is no news', () => {
  render(toasts());
  act(() => fake.inbox.show([old, makeNotice({ createdAt: old.createdAt - 1_000 })]));
  expect(shown()).toEqual([]);
});

test('nothing pops up over an open inbox, where it is in sight; it is said all the same', () => {
  const view = render(toasts());
  const first = makeNotice({ title: 'a.pdf is done' });
  act(() => fake.inbox.show([first, old]));
  expect(shown()).toHaveLength(1);
  view.rerender(toasts(true));
  expect(shown()).toEqual([]);
  act(() => fake.inbox.show([makeNotice({ title: 'b.pdf is done' }), first, old]));
  expect(shown()).toEqual([]);
  expect(screen.getByRole('status')).toHaveTextContent(/^b.pdf is done$/);
});

test('what is read in another tab goes here too', () => {
  render(toasts());
  const come = makeNotice();
  act(() => fake.inbox.show([come, old]));
  act(() => fake.inbox.show([{ ...come, read: true }, old]));
  expect(shown()).toEqual([]);
});

test('many at once are said in one breath, and the same words again are said again', () => {
  render(toasts());
  const five = [5, 4, 3, 2, 1].map((n) => makeNotice({ title: `${n}.pdf is done`, createdAt: old.createdAt + n }));
  act(() => fake.inbox.show([...five, old]));
  expect(screen.getByRole('status')).toHaveTextContent('5 new notifications, the last one: 5.pdf is done');
  expect(shown()).toHaveLength(3);
  const same = makeNotice({ title: 'x', createdAt: old.createdAt + 10 });
  act(() => fake.inbox.show([same, ...five, old]));
  const said = screen.getByText('x', { selector: '[role=status] p' });
  act(() => fake.inbox.show([makeNotice({ title: 'x', createdAt: old.createdAt + 11 }), same, ...five, old]));
  expect(screen.getByText('x', { selector: '[role=status] p' })).not.toBe(said);
});

test('its button leads where the notification says, and has it read', async () => {
  render(toasts());
  const come = makeNotice();
  act(() => fake.inbox.show([come, old]));
  await userEvent.click(screen.getByRole('link', { name: 'Show the job' }));
  expect(fake.inbox.asked).toEqual([`read ${come.id}`]);
  expect(shown()).toEqual([]);
});
