import { expect, test } from 'vitest';
import { rateBetween } from '../src/components/metrics_panel.js';

test('messages a second are counted between two readings', () => {
  expect(rateBetween({ at: 1_000, stats: { messagesOut: 10 } }, { at: 3_000, stats: { messagesOut: 35 } })).toEqual({ at: 3_000, messages: 12.5 });
});
test('a first reading, or a server started anew, gives no rate', () => {
  expect(rateBetween(undefined, { at: 1, stats: { messagesOut: 1 } })).toBeUndefined();
  expect(rateBetween({ at: 1, stats: { messagesOut: 50 } }, { at: 2, stats: { messagesOut: 3 } })).toBeUndefined();
});
