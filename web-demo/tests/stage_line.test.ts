import { expect, test } from 'vitest';
import { segments } from '../src/components/stage_line.js';

const stages = [{ name: 'start', startedAt: 100 }, { name: 'pages', startedAt: 300 }];

test('a stage lasts until the next one, the last until the end', () => {
  const job = { stages, finishedAt: 1_000, lastReportAt: 900, updatedAt: 1_000, isFinished: true };
  expect(segments(job)).toEqual([{ name: 'start', ms: 200, running: false }, { name: 'pages', ms: 700, running: false }]);
});
test('a running stage is as long as was reported, not as the clock says', () => {
  const job = { stages, finishedAt: undefined, lastReportAt: 450, updatedAt: 450, isFinished: false };
  expect(segments(job).at(-1)).toEqual({ name: 'pages', ms: 150, running: true });
});
