/** Turns what a job says into events that Jobwire takes: texts cut, numbers in range, whatever was thrown made an error. Pure. */
import { JobwireError } from './errors.js';
import type { JobEvent, NewJob } from './types.js';
import { type Parcel, type Rank, ranks } from './waiting.js';

/** PROTOCOL.md, "Identifiers". */
const mostTextBytes = 4096;
const mostIdBytes = 128;

export interface EventParcel extends Parcel {
  readonly event: JobEvent;
}

const rankOf: Partial<Record<JobEvent['type'], Rank>> = {
  progress: ranks.progress,
  log: ranks.log,
  updated: ranks.update,
  completed: ranks.end,
  failed: ranks.end,
  cancelled: ranks.end,
};

/** At most 4 KiB of UTF-8, cut between characters. */
export function cut(text: string, bytes = mostTextBytes): string {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text;
  // A character that was cut in two is read as U+FFFD, which is longer than what is left of it.
  const kept = new TextDecoder().decode(Buffer.from(text).subarray(0, bytes - 3), { stream: true });
  return `${kept}…`;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : String(value));
const cutText = (value: unknown): string | undefined => (value === undefined || value === null ? undefined : cut(textOf(value)));

/** 0 to 100 with two decimals; undefined for what is no number. */
export function percentOf(value: unknown): number | undefined {
  const percent = typeof value === 'string' ? Number.parseFloat(value) : value;
  if (typeof percent !== 'number' || Number.isNaN(percent)) return undefined;
  return Math.round(Math.min(100, Math.max(0, percent)) * 100) / 100;
}

/** Whatever was thrown, as `failed` tells it. */
export function failureOf(thrown: unknown): { message: string; code?: string } {
  if (typeof thrown === 'object' && thrown !== null) {
    const { message, code } = thrown as { message?: unknown; code?: unknown };
    const isSaid = typeof message === 'string' && message !== '';
    const text = isSaid ? message : thrown instanceof Error ? thrown.name : (asJson(thrown) ?? 'failed');
    return { message: cut(text), ...codeOf(code) };
  }
  return { message: thrown === undefined || thrown === null || thrown === '' ? 'failed' : cut(textOf(thrown)) };
}

function codeOf(code: unknown): { code?: string } {
  if (typeof code !== 'string' && typeof code !== 'number') return {};
  const text = String(code);
  return idProblem(text) ? {} : { code: text };
}

/** What is wrong with an id; undefined: nothing. */
export function idProblem(id: unknown): string | undefined {
  if (typeof id !== 'string') return 'must be a string';
  if (id === '' || Buffer.byteLength(id) > mostIdBytes) return `must have 1 to ${mostIdBytes} bytes`;
  if (id === '.' || id === '..') return 'must not be . or ..';
  return /[\u0000-\u001f\u007f]/.test(id) ? 'must have no control characters' : undefined;
}

/** Undefined where it cannot be. */
export function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The event that says that a job is there. Its id is fixed, so that to create a job twice is to create it once. */
export function creationOf({ id, type, queue, userId, ref, parentId, priority, payload, metadata }: NewJob & { id: string }): JobEvent {
  return { type: 'queued', jobId: id, eventId: 'created', job: { type, queue, userId, ref, parentId }, priority, payload, metadata };
}

/** The event as it is sent, each time in the same bytes. An error where that cannot be. */
export function parcelOf(event: JobEvent): EventParcel | JobwireError {
  const problem = idProblem(event.jobId);
  if (problem) return new JobwireError('bad_request', `jobId ${problem}`, { field: 'jobId', type: event.type });
  const tidy: JobEvent = { ...event, stage: cutText(event.stage), message: cutText(event.message), reason: cutText(event.reason), status: cutText(event.status) };
  const text = asJson(tidy);
  if (text === undefined) return new JobwireError('bad_json', unserialisable(event), { field: fieldAtFault(event), jobId: event.jobId, type: event.type });
  return {
    event,
    text,
    bytes: Buffer.byteLength(text),
    group: event.jobId,
    rank: rankOf[event.type] ?? ranks.lifecycle,
    ...(event.type === 'progress' && isPlain(event) && { slot: event.stage ?? '' }),
  };
}

// Progress that brings more than a figure and words is not replaced: its metadata would be lost.
const isPlain = ({ metadata, job }: JobEvent): boolean => metadata === undefined && job === undefined;

const payloads = ['result', 'metadata', 'payload'] as const;

function fieldAtFault(event: JobEvent): string | undefined {
  return payloads.find((name) => event[name] !== undefined && asJson(event[name]) === undefined);
}

function unserialisable(event: JobEvent): string {
  return `${fieldAtFault(event) ?? 'the event'} cannot be written as JSON (a cycle, or a BigInt)`;
}

const removable = ['result', 'metadata', 'job'] as const;

/**
 * The event without what was refused of it, where it matters more than that: the end of a job must be told, and an identity
 * that is not to be changed (or breaks a rule) must not take the report with it. Else undefined.
 */
export function withoutFault(event: JobEvent, { code, field }: JobwireError): JobEvent | undefined {
  if (event.type === 'queued') return undefined;
  const isEnd = rankOf[event.type] === ranks.end;
  const fault = removable.find((name) => event[name] !== undefined && (field === name || field?.startsWith(`${name}.`)));
  // An event that is too large as a whole names no field.
  const name = fault ?? (code === 'too_large' ? removable.find((each) => event[each] !== undefined) : undefined);
  if (!name || (!isEnd && name !== 'job')) return undefined;
  return { ...event, [name]: undefined, eventId: event.eventId && `${event.eventId.slice(0, 100)}:without-${name}` };
}
