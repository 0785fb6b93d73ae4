import { expect, test } from 'vitest';
import { destination } from '../src/notices.js';

test('a button leads to a path of this site, or by http(s) to another one, and nowhere else', () => {
  const page = 'https://app.example/jobs?as=bob';
  expect(destination('/#job-1', page)).toEqual({ href: 'https://app.example/#job-1', isElsewhere: false });
  expect(destination('http://other.example/x', page)).toEqual({ href: 'http://other.example/x', isElsewhere: true });
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'mailto:a@b', 'http://', '', undefined]) expect(destination(url, page)).toBeUndefined();
});
