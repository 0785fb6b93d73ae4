import { expect, it } from 'vitest';

import { errorOf, readMessageAnswer, readVerdicts, retryAfterMs } from '../src/answers.js';
import { ok, problem } from './support/world.js';

const html = (status: number) => ({ status, retryAfter: undefined, body: '<html>Bad gateway</html>' });
const now = Date.parse('2026-01-01T00:00:00Z');

it('reads a verdict for each event', () => {
  const answer = ok({
    verdicts: [
      { jobId: 'a', status: 'appended', version: 3, seq: 1, cancelRequested: false },
      { jobId: 'b', status: 'repeated', cancelRequested: true },
      { status: 'rejected', cancelRequested: false, error: { code: 'bad_request', message: 'progress must be a number', field: 'progress' } },
    ],
  });
  const read = readVerdicts(answer, 3, now);
  expect(read).toMatchObject({ kind: 'verdicts', verdicts: [{ cancelRequested: false }, { cancelRequested: true }, { error: { code: 'bad_request', field: 'progress' } }] });
});

it('leaves open what the store could not take, and heeds how long it asks to wait', () => {
  const failed = (code: string, retryAfter?: number) => ({ status: 'rejected', cancelRequested: false, error: { code, message: 'disk full', retryAfter } });
  const read = readVerdicts(ok({ verdicts: [failed('unavailable', 1500), failed('rate_limited'), failed('internal', 20), failed('conflict')] }), 4, now);
  expect(read).toMatchObject({ kind: 'verdicts', verdicts: [undefined, undefined, undefined, { error: { code: 'conflict' } }], reason: 'disk full', retryAfterMs: 1500 });
});

it.each([
  ['no connection', { status: 0 as const, reason: 'ECONNREFUSED' }, 0],
  ['503 with a time', problem(503, 'unavailable', 'restarting', '3'), 3000],
  ['429 with a date', problem(429, 'rate_limited', 'slowly', 'Thu, 01 Jan 2026 00:00:10 GMT'), 10_000],
  ['a proxy without its server', html(502), 0],
  ['408', html(408), 0],
  ['an answer that is not Jobwire\'s', { status: 200, retryAfter: undefined, body: 'OK' }, 0],
  ['too few verdicts', ok({ verdicts: [] }), 0],
])('%s is tried again', (_, answer, retryAfter) => {
  expect(readVerdicts(answer, 1, now)).toMatchObject({ kind: 'again', retryAfterMs: retryAfter });
});

it.each([
  [400, 'bad_json', true],
  [413, 'too_large', true],
  [422, 'event_id_reused', true],
  [401, 'unauthenticated', false],
  [403, 'forbidden', false],
  [404, 'not_found', false],
  [415, 'unsupported_media', false],
])('%i is refused', (status, code, divisible) => {
  expect(readVerdicts(problem(status, code, 'why'), 1, now)).toMatchObject({ kind: 'refused', divisible, error: { code, message: 'why', status } });
  expect(readMessageAnswer(problem(status, code, 'why'), now)).toMatchObject({ kind: 'refused', error: { code } });
});

it('makes an error of whatever answers', () => {
  expect(errorOf(html(404))).toMatchObject({ code: 'not_found', status: 404 });
  expect(errorOf(html(502))).toMatchObject({ code: 'unavailable', status: 502 });
  expect(errorOf(html(301))).toMatchObject({ code: 'bad_request', status: 301 });
  expect(errorOf({ status: 0, reason: 'ENOTFOUND' }).message).toContain('ENOTFOUND');
});

it('reads Retry-After, and nothing from what is none', () => {
  expect(['7', undefined, 'soon', '-1', 'Thu, 01 Jan 2015 00:00:00 GMT'].map((text) => retryAfterMs(text, now))).toEqual([7000, 0, 0, 0, 0]);
});

it('takes any 2xx for a message', () => {
  expect(readMessageAnswer({ status: 202, retryAfter: undefined, body: '' }, now)).toMatchObject({ kind: 'verdicts', verdicts: [{ cancelRequested: false }] });
});
