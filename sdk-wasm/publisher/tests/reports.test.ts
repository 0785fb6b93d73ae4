import { expect, it } from 'vitest';

import { JobwireError } from '../src/errors.js';
import { cut, failureOf, idProblem, parcelOf, percentOf, withoutFault } from '../src/reports.js';

it('brings percentages into range, to two decimals', () => {
  expect([33.333333, -1, 100.4, Infinity, 0, '42.5', -0].map(percentOf)).toEqual([33.33, 0, 100, 100, 0, 42.5, 0]);
  expect([NaN, undefined, null, 'x', {}].map(percentOf)).toEqual(Array(5).fill(undefined));
});

it('cuts texts to 4 KiB between characters', () => {
  expect(cut('short')).toBe('short');
  expect(Buffer.byteLength(cut('x'.repeat(5000)))).toBe(4096);
  for (let shift = 0; shift < 4; shift += 1) {
    const text = cut('x'.repeat(shift) + '😀'.repeat(2000));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
    expect(Buffer.byteLength(text)).toBeGreaterThan(4088);
    expect(text).not.toContain('\ufffd');
  }
  expect(cut('ü'.repeat(2048))).toBe('ü'.repeat(2048));
});

it('makes an error of whatever was thrown', () => {
  const withCode = Object.assign(new Error('no such page'), { code: 'E_PAGE' });
  expect(failureOf(withCode)).toEqual({ message: 'no such page', code: 'E_PAGE' });
  expect(failureOf(new TypeError())).toEqual({ message: 'TypeError' });
  expect(failureOf({ message: 'plain', code: 7 })).toEqual({ message: 'plain', code: '7' });
  expect(failureOf({ reason: 1 })).toEqual({ message: '{"reason":1}' });
  expect(failureOf('text')).toEqual({ message: 'text' });
  expect([undefined, null, ''].map((thrown) => failureOf(thrown).message)).toEqual(['failed', 'failed', 'failed']);
  expect(failureOf(Object.assign(new Error('x'), { code: 'a\nb' }))).toEqual({ message: 'x' });
  expect(Buffer.byteLength(failureOf(new Error('x'.repeat(9999))).message)).toBe(4096);
});

it('knows what an id may be', () => {
  expect(['a', 'ü'.repeat(64), '...'].map(idProblem)).toEqual([undefined, undefined, undefined]);
  for (const id of ['', '.', '..', 'a\nb', 'ü'.repeat(65), 5, undefined]) expect(idProblem(id)).toEqual(expect.any(String));
});

it('writes an event once, in the bytes that are sent each time', () => {
  const metadata = { n: 1 };
  const parcel = parcelOf({ type: 'updated', jobId: 'a', eventId: 'e', metadata, message: 'm'.repeat(5000) });
  if (parcel instanceof JobwireError) throw parcel;
  metadata.n = 2;
  expect(JSON.parse(parcel.text)).toMatchObject({ type: 'updated', jobId: 'a', eventId: 'e', metadata: { n: 1 } });
  expect(parcel.bytes).toBe(Buffer.byteLength(parcel.text));
});

it('says which field cannot be written', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  expect(parcelOf({ type: 'completed', jobId: 'a', result: cycle })).toMatchObject({ code: 'bad_json', field: 'result', jobId: 'a' });
  expect(parcelOf({ type: 'log', jobId: 'a', metadata: { n: 1n } })).toMatchObject({ code: 'bad_json', field: 'metadata' });
  expect(parcelOf({ type: 'log', jobId: '' })).toMatchObject({ code: 'bad_request', field: 'jobId' });
});

it('an end is told without what was refused of it, anything without an identity that was; nothing else is told by halves', () => {
  const tooLarge = new JobwireError('too_large', 'x', { field: 'result' });
  const end = { type: 'completed', jobId: 'a', result: 'x', message: 'done' } as const;
  expect(withoutFault(end, tooLarge)).toEqual({ ...end, result: undefined, eventId: undefined });
  expect(withoutFault({ ...end, eventId: 'mine' }, tooLarge)).toMatchObject({ eventId: 'mine:without-result' });
  expect(withoutFault({ ...end, result: undefined }, tooLarge)).toBeUndefined();
  expect(withoutFault(end, new JobwireError('too_large', 'x'))).toMatchObject({ result: undefined });
  expect(withoutFault(end, new JobwireError('conflict', 'x'))).toBeUndefined();
  const another = new JobwireError('conflict', 'x', { field: 'job.userId' });
  expect(withoutFault({ type: 'started', jobId: 'a', job: { userId: 'bob' } }, another)).toEqual({ type: 'started', jobId: 'a' });
  expect(withoutFault({ type: 'queued', jobId: 'a', job: { userId: 'bob' } }, another)).toBeUndefined();
  expect(withoutFault({ type: 'log', jobId: 'a', metadata: {} }, new JobwireError('too_large', 'x', { field: 'metadata' }))).toBeUndefined();
});
