import { expect, it } from 'vitest';

import { type Parcel, type Rank, ranks, Waiting } from '../src/waiting.js';

let made = 0;
function parcel(group: string, rank: Rank = ranks.lifecycle, more: Partial<Parcel> = {}): Parcel {
  return { group, rank, text: `${group}${++made}`, bytes: 10, ...more };
}
const all = { parcels: Infinity, bytes: Infinity };

it('gives back in the order of arrival, so many or so much at a time', () => {
  const waiting = new Waiting<Parcel>({ parcels: 10, bytes: 1000 });
  const parcels = ['a', 'b', 'a', 'c', 'd'].map((group) => parcel(group));
  for (const each of parcels) expect(waiting.add(each, false)).toEqual([]);
  expect(waiting.take({ parcels: 2, bytes: 1000 })).toEqual(parcels.slice(0, 2));
  expect(waiting.take({ parcels: 10, bytes: 25 })).toEqual(parcels.slice(2, 4));
  expect(waiting.take({ parcels: 10, bytes: 1 })).toEqual(parcels.slice(4)); // one at least
  expect([waiting.size, waiting.bytes]).toEqual([0, 0]);
});

it('without room drops progress first, then logs, updates, the rest of a life, and its end last; the oldest of each', () => {
  const waiting = new Waiting<Parcel>({ parcels: 5, bytes: 1000 });
  const order = [ranks.end, ranks.lifecycle, ranks.update, ranks.log, ranks.progress].map((rank) => parcel('a', rank));
  for (const each of order) waiting.add(each, false);
  const ends = Array.from({ length: 6 }, () => parcel('b', ranks.end));
  const dropped = ends.map((end) => waiting.add(end, false));
  expect(dropped.slice(0, 4)).toEqual(order.slice(1).reverse().map((each) => [{ parcel: each, how: 'dropped' }]));
  expect(dropped[4]).toEqual([{ parcel: order[0], how: 'dropped' }]);
  expect(dropped[5]).toEqual([{ parcel: ends[0], how: 'dropped' }]);
  expect(waiting.take(all)).toEqual(ends.slice(1));
});

it('does not drop what counts more for what counts less', () => {
  const waiting = new Waiting<Parcel>({ parcels: 1, bytes: 1000 });
  const end = parcel('a', ranks.end);
  const late = parcel('b', ranks.progress);
  waiting.add(end, false);
  expect(waiting.add(late, false)).toEqual([{ parcel: late, how: 'dropped' }]);
  expect(waiting.take(all)).toEqual([end]);
});

it('makes as much room as is needed, and none for what would never fit', () => {
  const waiting = new Waiting<Parcel>({ parcels: 10, bytes: 100 });
  const small = Array.from({ length: 10 }, () => parcel('a', ranks.log));
  for (const each of small) waiting.add(each, false);
  expect(waiting.add(parcel('a', ranks.end, { bytes: 35 }), false).map(({ parcel: each }) => each)).toEqual(small.slice(0, 4));
  expect(waiting.add(parcel('a', ranks.end, { bytes: 101 }), false)).toMatchObject([{ how: 'dropped' }]);
  expect(waiting.bytes).toBe(95);
});

it('lets newer progress take the place of the one right before it, of the same job and stage only', () => {
  const waiting = new Waiting<Parcel>({ parcels: 10, bytes: 1000 });
  const progress = (group: string, slot: string) => parcel(group, ranks.progress, { slot });
  const first = progress('a', 'pages');
  const other = progress('b', 'pages');
  const second = progress('a', 'pages');
  const next = progress('a', 'sum');
  waiting.add(first, true);
  waiting.add(other, true);
  expect(waiting.add(second, true)).toEqual([{ parcel: first, how: 'replaced' }]);
  expect(waiting.add(next, true)).toEqual([]);
  expect(waiting.add(parcel('a', ranks.log), true)).toEqual([]);
  expect(waiting.add(progress('a', 'sum'), true)).toEqual([]); // a log stands between
  expect(waiting.take(all).map(({ group, slot }) => [group, slot])).toEqual([
    ['b', 'pages'],
    ['a', 'pages'],
    ['a', 'sum'],
    ['a', undefined],
    ['a', 'sum'],
  ]);
});

it('replaces nothing while there is no need', () => {
  const waiting = new Waiting<Parcel>({ parcels: 10, bytes: 1000 });
  for (let i = 0; i < 3; i += 1) expect(waiting.add(parcel('a', ranks.progress, { slot: '' }), false)).toEqual([]);
  expect(waiting.size).toBe(3);
});
