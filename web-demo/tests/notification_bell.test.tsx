import { JobwireProvider } from '@jobwire/react';
import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, describe, expect, test } from 'vitest';
import { NotificationBell } from '../src/components/notification_bell.js';
import { DemoContext, type Demo } from '../src/demo.js';
import { fakeClient, makeNotice } from './fake_client.js';

let fake: ReturnType<typeof fakeClient>;
function Bar() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <NotificationBell isOpen={isOpen} onOpen={setOpen} />
      <button type="button">elsewhere</button>
    </>
  );
}
const show = (persona = 'alice') =>
  render(
    <DemoContext value={{ persona } as Demo}>
      <JobwireProvider client={fake.client}>
        <Bar />
      </JobwireProvider>
    </DemoContext>,
  );
const bell = () => screen.getByRole('button', { name: /^Notifications/ });
const entries = () => within(screen.getByRole('list')).getAllByRole('listitem');

beforeEach(() => {
  fake = fakeClient();
  document.title = 'Jobwire';
  location.hash = '';
});

describe('the bell', () => {
  test('says how many are unread: in figures, by name, and in the title of the tab', () => {
    show();
    expect(bell()).toHaveAccessibleName('Notifications');
    act(() => fake.inbox.show([makeNotice(), makeNotice({ read: true }), makeNotice()]));
    expect(bell()).toHaveAccessibleName('Notifications, 2 unread');
    expect(bell()).toHaveTextContent('2');
    expect(document.title).toBe('(2) Jobwire');
    act(() => fake.inbox.show([], { unread: 240 }));
    expect(bell()).toHaveTextContent('99+');
    act(() => fake.inbox.show([]));
    expect(document.title).toBe('Jobwire');
  });
  test('opens, closes with Escape and gives the focus back', async () => {
    show();
    await userEvent.click(bell());
    expect(bell()).toHaveAttribute('aria-expanded', 'true');
    expect(screen.getByRole('region', { name: 'Notifications' })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    expect(bell()).toHaveAttribute('aria-expanded', 'false');
    expect(bell()).toHaveFocus();
  });
  test('closes when somebody goes on elsewhere, by mouse or by keyboard', async () => {
    fake.inbox.show([makeNotice({ action: undefined })]);
    show();
    await userEvent.click(bell());
    await userEvent.click(document.body);
    expect(screen.queryByRole('region')).toBeNull();
    await userEvent.click(bell());
    await userEvent.tab();  // mark all read
    await userEvent.tab();  // mark this one
    expect(screen.getByRole('region')).toBeVisible();
    await userEvent.tab();
    expect(screen.getByRole('button', { name: 'elsewhere' })).toHaveFocus();
    expect(screen.queryByRole('region')).toBeNull();
  });
});

describe('the inbox', () => {
  test('tells what there is: kind, title, text, time, and the way to the job', async () => {
    const now = Date.now();
    fake.inbox.show([
      makeNotice({ type: 'error', title: 'torn.pdf has failed', message: 'It has no pages', createdAt: now - 3 * 60_000 }),
      makeNotice({ read: true, createdAt: now - 3 * 3_600_000 }),
      makeNotice({ type: 'alert', title: 'Queue large is stuck', action: undefined, createdAt: now - 5 * 3_600_000, clearedAt: now }),
    ]);
    show();
    await userEvent.click(bell());
    const [failed, done, alert] = entries().map((entry) => within(entry));
    expect(failed!.getByText('torn.pdf has failed')).toHaveTextContent('Unread. Error: torn.pdf has failed');
    expect(failed!.getByText('It has no pages')).toBeVisible();
    expect(failed!.getByText('3 min ago')).toBeVisible();
    expect(failed!.getByRole('link', { name: 'Show the job' })).toHaveAttribute('href', `${location.origin}/#job-job-1`);
    expect(done!.getByText('report.pdf is done')).toHaveTextContent('Success: report.pdf is done');
    expect(done!.queryByRole('button', { name: /Mark read/ })).toBeNull();
    expect(alert!.queryByRole('link')).toBeNull();
    expect(alert!.getByText(/over since/)).toBeVisible();
  });
  test('marks one as read, and stays where it was', async () => {
    const [first, second] = [makeNotice({ title: 'a.pdf is done' }), makeNotice({ title: 'b.pdf is done' })];
    fake.inbox.show([first, second]);
    show();
    await userEvent.click(bell());
    await userEvent.click(screen.getByRole('button', { name: 'Mark read: b.pdf is done' }));
    expect(fake.inbox.asked).toEqual([`read ${second.id}`]);
    expect(entries()[1]).toHaveFocus();
    expect(screen.getByRole('region')).toBeVisible();
    expect(bell()).toHaveAccessibleName('Notifications, 1 unread');
  });
  test('marks all as read, once', async () => {
    fake.inbox.show([makeNotice(), makeNotice()]);
    show();
    await userEvent.click(bell());
    await userEvent.click(screen.getByRole('button', { name: 'Mark all read' }));
    await userEvent.click(screen.getByRole('button', { name: 'All read' }));
    expect(fake.inbox.asked).toEqual(['read all']);
    expect(screen.getByRole('button', { name: 'All read' })).toHaveFocus();
  });
  test('following a button reads it and leaves the inbox', async () => {
    const one = makeNotice();
    fake.inbox.show([one]);
    show();
    await userEvent.click(bell());
    await userEvent.click(screen.getByRole('link', { name: 'Show the job' }));
    expect(fake.inbox.asked).toEqual([`read ${one.id}`]);
    expect(screen.queryByRole('region')).toBeNull();
  });
  test('a button leads to another site in a tab of its own, and to no script', async () => {
    fake.inbox.show([makeNotice({ action: { label: 'Open', url: 'https://example.com/x' } }), makeNotice({ action: { label: 'Run', url: 'javascript:alert(1)' } })]);
    show();
    await userEvent.click(bell());
    expect(screen.getAllByRole('link').map((link) => [link.textContent, link.getAttribute('target'), link.getAttribute('rel')])).toEqual([
      ['Open (opens in a new tab)', '_blank', 'noopener noreferrer'],
    ]);
  });
  test('fetches older ones when asked, and says why it could not', async () => {
    fake.inbox.show([makeNotice()], { hasMore: true });
    show();
    await userEvent.click(bell());
    await userEvent.click(screen.getByRole('button', { name: 'Show older ones' }));
    expect(fake.inbox.asked).toEqual(['more']);
    fake.inbox.refuse('the server does not answer');
    await userEvent.click(screen.getByRole('button', { name: 'Show older ones' }));
    expect(screen.getByRole('alert')).toHaveTextContent('Older ones did not come: the server does not answer');
    expect(screen.getByRole('button', { name: 'Show older ones' })).toBeEnabled();
  });
  test('says when there is nothing, and what would be there', async () => {
    fake.inbox.show([], { isPending: true });
    show();
    await userEvent.click(bell());
    expect(screen.getByText('Asking for your notifications…')).toBeVisible();
    act(() => fake.inbox.show([]));
    expect(screen.getByText(/When one of your jobs ends it is told here/)).toBeVisible();
  });
  test('says to an admin what the system tells', async () => {
    show('admin');
    await userEvent.click(bell());
    expect(screen.getByText(/when a queue is stuck/)).toBeVisible();
  });
});
