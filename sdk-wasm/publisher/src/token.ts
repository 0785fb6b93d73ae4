/** Tokens for pages: a JWT (RFC 7519) signed with HS256 over the secret that Jobwire has too. Pure but for the signature. */
import { createHmac } from 'node:crypto';

import { bad } from './errors.js';
import { idProblem } from './reports.js';
import type { ExpiresIn, TokenRequest } from './types.js';

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const mostNamedJobs = 1000;

const encode = (value: string | Buffer): string => Buffer.from(value as string).toString('base64url');

/** In whole seconds. */
export function secondsOf(expiresIn: ExpiresIn): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(String(expiresIn)) ?? [];
  const seconds = typeof expiresIn === 'number' ? expiresIn : Number(number) * units[unit as keyof typeof units];
  if (!Number.isFinite(seconds) || seconds <= 0) throw bad('expiresIn', "must be a positive number of seconds, or a text such as '10m' or '1h'");
  return Math.ceil(seconds);
}

export function signToken(secret: string, { user, job, role = 'user', expiresIn = '1h' }: TokenRequest, now: number): string {
  const jobs = job === undefined ? [] : [job].flat();
  if (job !== undefined && jobs.length === 0) throw bad('job', 'must name a job at least');
  if (user === undefined && jobs.length === 0 && role === 'user') throw bad('user', 'or job must be given');
  if (user !== undefined) checkId('user', user);
  for (const id of jobs) checkId('job', id);
  if (jobs.length > mostNamedJobs) throw bad('job', `may name ${mostNamedJobs} jobs at most`);
  if (!['user', 'admin', 'service'].includes(role)) throw bad('role', 'must be user, admin or service');
  if (jobs.length > 0 && role !== 'user') throw bad('role', 'must be user in a token that names jobs');
  const issued = Math.floor(now / 1000);
  const claims = {
    ...(user !== undefined && { sub: user }),
    ...(role !== 'user' && { role }),
    ...(jobs.length > 0 && { jobs }),
    iat: issued,
    exp: issued + secondsOf(expiresIn),
  };
  const signed = `${encode('{"alg":"HS256","typ":"JWT"}')}.${encode(JSON.stringify(claims))}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function checkId(field: string, id: unknown): void {
  const problem = idProblem(id);
  if (problem) throw bad(field, problem);
}
