import { JobwireProvider } from '@jobwire/react';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { JobList } from '../src/components/job_list.js';
import { DemoContext, type Demo } from '../src/demo.js';
import type { FileJob } from '../src/kinds.js';
import { jobOf } from '../src/linked_job.js';
import { fakeClient, makeJob } from './fake_client.js';

const fake = fakeClient();
const list = (jobs: readonly FileJob[], isPending = false, isTruncated = false) => (
  <DemoContext value={{ config: { jobwireUrl: 'http://j', backendUrl: 'http://b' } } as Demo}>
    <JobwireProvider client={fake.client}>
      <JobList jobs={jobs} uploads={[]} onRemoveUpload={() => {}} isPending={isPending} isTruncated={isTruncated} error={undefined} showOwner={false} />
    </JobwireProvider>
  </DemoContext>
);
const job = (n: number, fields: Partial<FileJob> = {}) => makeJob({ id: `job-${n}`, metadata: { name: `${n}.pdf` }, ...fields });
const follow = (hash: string) =>
  act(() => {
    history.pushState(null, '', hash);
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  });
const focused = () => document.activeElement?.closest('[data-job]')?.getAttribute('data-job');

beforeEach(() => history.replaceState(null, '', '/'));

test('an empty list says what it is that is not there', async () => {
  const view = render(list([]));
  expect(screen.getByText(/^No job yet/)).toBeVisible();
  view.rerender(list([job(1)]));
  await userEvent.click(screen.getByRole('button', { name: /Ended/ }));
  expect(screen.getByText('Nothing has ended yet.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: /In progress/ }));
  view.rerender(list([job(1, { status: 'completed' })]));
  expect(screen.getByText('Nothing is being worked on.')).toBeVisible();
});

test('a list that does not hold all of them says so where it ends', async () => {
  const view = render(list(Array.from({ length: 31 }, (_, n) => job(n)), false, true));
  expect(screen.queryByText(/older jobs/)).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Show 1 more of 1' }));
  expect(screen.getByText(/older jobs/)).toBeVisible();
  view.rerender(list([job(1)]));
  expect(screen.queryByText(/older jobs/)).toBeNull();
});

test('a card that leaves the list takes nobody with it: the focus stays at the jobs', async () => {
  const view = render(list([job(1)]));
  await userEvent.click(screen.getByRole('button', { name: /In progress/ }));
  screen.getByRole('button', { name: 'Log of 1.pdf' }).focus();
  view.rerender(list([job(1, { status: 'completed' })]));
  expect(screen.getByRole('region', { name: 'Your jobs' })).toHaveFocus();
});

describe('a link to a job', () => {
  test('leads to its card, whatever is filtered, however far down; and leads there again', async () => {
    render(list(Array.from({ length: 50 }, (_, n) => job(n))));
    await userEvent.click(screen.getByRole('button', { name: /Ended/ }));
    expect(screen.queryByText('49.pdf')).toBeNull();
    follow('#job-job-49');
    expect(focused()).toBe('job-49');
    expect(location.hash).toBe('');
    act(() => (document.activeElement as HTMLElement).blur());
    follow('#job-job-49');
    expect(focused()).toBe('job-49');
  });
  test('that the page was opened with waits for the jobs', () => {
    history.replaceState(null, '', '#job-job-2');
    const view = render(list([], true));
    expect(screen.queryByRole('alert')).toBeNull();
    view.rerender(list([job(1), job(2)]));
    expect(focused()).toBe('job-2');
  });
  test('that is not kept any more says so, until it is dismissed', async () => {
    render(list([job(1)]));
    follow('#job-gone');
    expect(screen.getByRole('alert')).toHaveTextContent('That job is not here any more.');
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByRole('alert')).toBeNull();
  });
  test('is the address after #job-', () => {
    expect(['#job-a', '#job-a%2Fb', '#jobs', '#job-', '#job-%', ''].map(jobOf)).toEqual(['a', 'a/b', undefined, undefined, undefined, undefined]);
  });
});
