import { expect, test } from 'vitest';
import { curve, type ReportedEvent } from '../src/components/history_view.js';

const event = (seq: number, type: string, progress?: number): ReportedEvent => ({ seq, type, at: 1_000 * seq, ...(progress === undefined ? {} : { progress }) });

test('progress stands still between reports, never goes back within an attempt, and begins anew with the next', () => {
  const events = [event(1, 'queued'), event(2, 'progress', 40), event(3, 'log'), event(4, 'progress', 30), event(5, 'failed'), event(6, 'retried'), event(7, 'completed')];
  expect(curve(events).map((point) => [point.seconds, point.percent])).toEqual([[0, 0], [1, 40], [2, 40], [3, 40], [4, 40], [5, 0], [6, 100]]);
});
