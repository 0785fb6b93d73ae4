import { JobwireProvider } from '@jobwire/react';
import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { JobCard } from '../src/components/job_card.js';
import { DemoContext, type Demo } from '../src/demo.js';
import type { FileJob, PdfResult } from '../src/kinds.js';
import { fakeClient, makeJob } from './fake_client.js';

let fake: ReturnType<typeof fakeClient>;
const card = (job: FileJob) => (
  <DemoContext value={{ config: { jobwireUrl: 'http://j', backendUrl: 'http://b' } } as Demo}>
    <JobwireProvider client={fake.client}>
      <ul>
        <JobCard job={job} showOwner={false} />
      </ul>
    </JobwireProvider>
  </DemoContext>
);
const estimate = { queuePosition: undefined, waitMs: undefined, remainingMs: undefined, learning: false, silentMs: undefined };
const result: PdfResult = { kind: 'pdf', pageCount: 1, words: 3, readingMinutes: 1, wordsPerPage: [3], inkPerPage: [2], topWords: [], pictures: ['page-1.jpg'] };

beforeEach(() => {
  fake = fakeClient();
});

describe('a job that is worked on', () => {
  test('says how far it is, in which stage, and what is left', () => {
    render(card(makeJob({ progress: 46.7, estimate: { ...estimate, remainingMs: 5_200 } })));
    const bar = screen.getByRole('progressbar', { name: 'Progress of report.pdf' });
    expect(bar).toHaveAttribute('aria-valuenow', '47');
    expect(bar).toHaveAttribute('aria-valuetext', '47 %, pages, page 3 of 8');
    expect(screen.getByText('about 5 s left')).toBeVisible();
    expect(within(screen.getByRole('list', { name: 'Stages' })).getByText('pages')).toBeVisible();
  });
  test('invents no time while the server is learning', () => {
    render(card(makeJob({ estimate: { ...estimate, learning: true } })));
    expect(screen.getByText('learning how long this takes')).toBeVisible();
    expect(screen.queryByText(/left/)).toBeNull();
  });
  test('says when nothing was reported', () => {
    render(card(makeJob({ lastReportAt: Date.now() - 14_000, estimate: { ...estimate, silentMs: 14_000, remainingMs: 4_000 } })));
    expect(screen.getByText('no report for 14 s')).toBeVisible();
  });
  test('is cancelled by its button, and says that it waits for the worker', async () => {
    const view = render(card(makeJob({ estimate: { ...estimate, remainingMs: 5_200 } })));
    await userEvent.click(screen.getByRole('button', { name: 'Cancel report.pdf' }));
    expect(fake.cancelled).toEqual([['job-1', 'asked for on the page']]);
    view.rerender(card(makeJob({ cancelRequestedAt: Date.now(), isCancelling: true, estimate: { ...estimate, remainingMs: 5_200 } })));
    expect(screen.getByText('waiting for the worker to stop')).toBeVisible();
    expect(screen.queryByRole('button', { name: /Cancel/ })).toBeNull();
    expect(screen.queryByText(/left/)).toBeNull();
    // The button has gone: who pressed it by keyboard is still at this job.
    expect(screen.getByRole('article', { name: 'report.pdf' })).toHaveFocus();
  });
  test('says that its cancel was not answered, and may be asked again', async () => {
    render(card(makeJob()));
    const answer = fake.holdCancels();
    const button = screen.getByRole('button', { name: 'Cancel report.pdf' });
    await userEvent.click(button);
    await userEvent.click(button);
    expect(button).toHaveTextContent('Asking…');
    expect(fake.cancelled).toHaveLength(1);
    await act(() => answer.refuse('the server has not answered'));
    expect(screen.getByRole('alert')).toHaveTextContent('Not cancelled: the server has not answered');
    expect(button).toHaveFocus();
    await userEvent.click(button);
    expect(fake.cancelled).toHaveLength(2);
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

describe('a job that waits', () => {
  test('knows its place', () => {
    render(card(makeJob({ status: 'queued', progress: 0, stages: [], estimate: { ...estimate, queuePosition: 3, waitMs: 12_000 } })));
    expect(screen.getByText('3rd')).toBeVisible();
    expect(screen.getByText('2 jobs before it')).toBeVisible();
    expect(screen.getByText('starts in about 12 s')).toBeVisible();
    expect(screen.queryByRole('progressbar')).toBeNull();
  });
});

describe('a job that has ended', () => {
  test('well: what came out is open for who watched it, and folded for who did not', async () => {
    const view = render(card(makeJob()));
    view.rerender(card(makeJob({ status: 'completed', progress: 100, finishedAt: Date.now(), result })));
    expect(screen.getByRole('button', { name: 'Hide result of report.pdf' })).toHaveAttribute('aria-expanded', 'true');
    expect(await screen.findByRole('button', { name: 'Look at page 1' })).toBeVisible();
    view.unmount();
    render(card(makeJob({ status: 'completed', progress: 100, finishedAt: Date.now(), result })));
    expect(screen.getByRole('button', { name: 'Show result of report.pdf' })).toHaveAttribute('aria-expanded', 'false');
  });
  test('badly: why', () => {
    render(card(makeJob({ status: 'failed', error: { message: 'This PDF has no pages', code: 'E_EMPTY' } })));
    expect(screen.getByText('This PDF has no pages')).toBeVisible();
    expect(screen.getByText('E_EMPTY')).toBeVisible();
  });
  test('too soon to be cancelled', () => {
    render(card(makeJob({ status: 'completed', cancelRequestedAt: 1, finishedAt: 2 })));
    expect(screen.getByText('too late, it was done')).toBeVisible();
  });
  test('cancelled, step by step', () => {
    render(card(makeJob({ status: 'cancelled', cancelRequestedAt: 1, finishedAt: 2, stages: [{ name: 'stopping', startedAt: 2 }] })));
    expect(within(screen.getByRole('list', { name: 'Cancel' })).getAllByRole('listitem').map((item) => item.textContent)).toEqual([
      expect.stringMatching(/^asked to stop\d/), expect.stringMatching(/^heard by the worker\d/), expect.stringMatching(/^stopped\d/),
    ]);
  });
});
