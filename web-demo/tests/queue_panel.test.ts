import { expect, test } from 'vitest';
import { averageWait } from '../src/components/queue_panel.js';

test('the wait of a queue is what was measured of it, not a promise', () => {
  expect([undefined, 400, 12_300].map(averageWait)).toEqual(['no wait measured yet', 'on average no wait', 'average wait about 12 s']);
});
