import { expect, it } from 'vitest';

import { SharedJson } from '../ts/core/shared_json.js';

const read = (text: string, earlier?: SharedJson) => {
  const json = new SharedJson(text, earlier);
  return { json, value: json.value as any };
};

it('parses when looked at, once', () => {
  const { json, value } = read('{"a":[1,{"b":null}]}');
  expect(value).toEqual({ a: [1, { b: null }] });
  expect(json.value).toBe(value);
  expect(() => new SharedJson('never looked at')).not.toThrow();
});

it('shares what equals the value before', () => {
  const before = read('{"same":{"x":[1,2]},"other":1}');
  const after = read('{"same":{"x":[1,2]},"other":2}', before.json);
  expect(after.value).toEqual({ same: { x: [1, 2] }, other: 2 });
  expect(after.value.same).toBe(before.value.same);
  expect(read('{"same":{"x":[1,2]},"other":2}', after.json).value).toBe(after.value);
});

it.each([
  ['[1,2]', '[1,2,3]'],
  ['[1,2,3]', '[1,2]'],
  ['{"a":1}', '{"b":1}'],
  ['{"0":1}', '[1]'],
  ['null', '{}'],
  ['{"a":null}', '{"a":{}}'],
  ['{"a":1,"b":1}', '{"a":1}'],
  ['1', '"1"'],
])('does not take %s for %s', (before, after) => {
  expect(read(after, read(before).json).value).toEqual(JSON.parse(after));
});

it('passes over versions that nobody looked at', () => {
  const first = read('{"a":{"x":1}}');
  const unseen = new SharedJson('{"a":{"x":2}}', first.json);
  const third = read('{"a":{"x":1},"b":1}', unseen);
  expect(third.value.a).toBe(first.value.a);
});

it('carries __proto__ as the key that it is', () => {
  const before = read('{"__proto__":{"evil":1},"a":1}');
  const after = read('{"__proto__":{"evil":1},"a":2}', before.json);
  expect(Object.hasOwn(after.value, '__proto__')).toBe(true);
  expect(after.value.evil).toBeUndefined();
  expect(({} as any).evil).toBeUndefined();
});
