import { createHmac } from 'node:crypto';

import { expect, it } from 'vitest';

import { secondsOf, signToken } from '../src/token.js';
import type { ExpiresIn, TokenRequest } from '../src/types.js';

const now = 1_764_000_000_900;
const part = (token: string, at: number): unknown => JSON.parse(Buffer.from(token.split('.')[at]!, 'base64url').toString());

it('is a JWT of HS256 over the secret (RFC 7515)', () => {
  const token = signToken('s3cret', { user: 'alice', expiresIn: '10m' }, now);
  const [head, claims, signature] = token.split('.');
  expect(part(token, 0)).toEqual({ alg: 'HS256', typ: 'JWT' });
  expect(part(token, 1)).toEqual({ sub: 'alice', iat: 1_764_000_000, exp: 1_764_000_600 });
  expect(signature).toBe(createHmac('sha256', 's3cret').update(`${head}.${claims}`).digest('base64url'));
});

it('names jobs, or a role', () => {
  expect(part(signToken('s', { job: '42' }, now), 1)).toMatchObject({ jobs: ['42'], exp: 1_764_003_600 });
  expect(part(signToken('s', { user: 'a', job: ['1', '2'] }, now), 1)).toMatchObject({ sub: 'a', jobs: ['1', '2'] });
  expect(part(signToken('s', { user: 'root', role: 'admin' }, now), 1)).toMatchObject({ sub: 'root', role: 'admin' });
});

it('counts in seconds, or in units', () => {
  expect(([30, 1.5, '90s', '10m', '1h', '7d', '0.5h'] as ExpiresIn[]).map(secondsOf)).toEqual([30, 2, 90, 600, 3600, 604_800, 1800]);
});

it.each([
  ['nobody', {}, 'user'],
  ['a user that is no id', { user: '' }, 'user'],
  ['no job', { job: [] }, 'job'],
  ['a job that is no id', { job: '..' }, 'job'],
  ['an admin of one job', { user: 'a', job: '1', role: 'admin' }, 'role'],
  ['an unknown role', { user: 'a', role: 'root' }, 'role'],
  ['no time', { user: 'a', expiresIn: 0 }, 'expiresIn'],
  ['a past time', { user: 'a', expiresIn: -5 }, 'expiresIn'],
  ['a time in words', { user: 'a', expiresIn: 'tomorrow' }, 'expiresIn'],
])('refuses %s, and names the field', (_, request, field) => {
  expect(() => signToken('s', request as TokenRequest, now)).toThrow(expect.objectContaining({ code: 'bad_request', field }));
});
