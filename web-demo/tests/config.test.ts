import { expect, test } from 'vitest';
import { resolveConfig } from '../src/config.js';

const page = { origin: 'http://demo.example:7070', protocol: 'http:', hostname: 'demo.example' };

test('Jobwire is where the page came from, the back end on the same host at its own port', () => {
  expect(resolveConfig({ backendPort: 7081 }, page)).toEqual({ jobwireUrl: 'http://demo.example:7070', backendUrl: 'http://demo.example:7081' });
});
test('a page on another origin names both', () => {
  const file = { jobwireUrl: 'http://127.0.0.1:1', backendUrl: 'http://127.0.0.1:2' };
  expect(resolveConfig(file, page)).toEqual(file);
});
