import type { JobDefinition } from './types.js';

/**
 * Names the types of one kind of job: `const pdf = defineJob<{ result: { pages: number } }>('pdf')`, then
 * `client.job(id, pdf)` or `useJob(id, pdf)`. Nothing is checked at run time: the types are a promise of the back end.
 */
export function defineJob<T extends { result?: unknown; metadata?: unknown } = {}>(
  type: string,
): JobDefinition<
  T extends { result: infer R } ? R : unknown,
  T extends { metadata: infer M } ? M : Record<string, unknown>
> {
  return { type };
}
