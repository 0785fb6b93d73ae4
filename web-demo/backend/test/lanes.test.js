import { expect, test } from 'vitest';
import { createLanes } from '../src/lanes.js';

const settled = () => new Promise((resolve) => { setTimeout(resolve); });

test('at most so many at a time, in order, each lane by itself', async () => {
  const lanes = createLanes({ normal: 1, premium: 2 });
  const begun = [];
  const ends = new Map();
  const task = (id) => () => { begun.push(id); return new Promise((resolve) => { ends.set(id, resolve); }); };
  for (const id of ['n1', 'n2', 'n3']) lanes.add('normal', id, task(id));
  for (const id of ['p1', 'p2', 'p3']) lanes.add('premium', id, task(id));
  await settled();
  expect(begun).toEqual(['n1', 'p1', 'p2']);
  expect(lanes.waiting).toBe(3);
  expect([lanes.remove('n2'), lanes.remove('n1')]).toEqual([true, false]);
  ends.get('n1')();
  ends.get('p2')();
  await settled();
  expect(begun).toEqual(['n1', 'p1', 'p2', 'n3', 'p3']);
});
