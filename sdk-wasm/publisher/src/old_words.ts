/** How the systems that were here before say what a job does, and how Jobwire says it. Pure. */
import { failureOf } from './reports.js';
import type { JobEvent, StoredEvent } from './types.js';

/** The events of video analysis notifications. */
export const EVENTS = {
  ANALYSIS_STARTED: 'analysis:started',
  ANALYSIS_COMPLETED: 'analysis:completed',
  ANALYSIS_FAILED: 'analysis:failed',
} as const;

export type AnalysisEvent = (typeof EVENTS)[keyof typeof EVENTS];

/** One update of a job as `getJobHistory` tells it: what its `job:*` event carried. */
export interface JobUpdate {
  jobId: string;
  /** `in_progress`, `completed`, `failed`, or whatever `emitJobUpdate` was given. */
  status: string;
  /** ISO 8601. */
  timestamp: string;
  data?: unknown;
  progress?: number;
  message?: string;
  result?: unknown;
  error?: string;
}

type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const idOf = (value: unknown): string | undefined => textOf(typeof value === 'number' ? String(value) : value);

/** Those of its members that are there and are none of `names`; undefined where none is left. */
function others(value: Json, names: readonly string[]): Json | undefined {
  const rest = Object.entries(value).filter(([name, member]) => member !== undefined && !names.includes(name));
  return rest.length > 0 ? Object.fromEntries(rest) : undefined;
}

/** An object that goes out says when, unless it says so itself; anything else goes out as it is. */
export function stamped(value: unknown, now: number): unknown {
  return isObject(value) && value['timestamp'] === undefined ? { ...value, timestamp: new Date(now).toISOString() } : value;
}

/** Statuses with which the same job begins again after it has ended. */
const beginnings = new Set(['started', 'queued', 'retrying', 'retried']);
export const beginsAgain = (status: string): boolean => beginnings.has(status.toLowerCase());

export function updateOf(jobId: string, status: string, data: unknown): JobEvent {
  if (!isObject(data)) return { type: 'updated', jobId, status, ...(data !== undefined && data !== null && { metadata: { data } }) };
  const userId = idOf(data['userId']);
  return {
    type: 'updated',
    jobId,
    status,
    message: textOf(data['message']),
    metadata: others(data, textOf(data['message']) ? ['message'] : []),
    job: userId === undefined ? undefined : { userId },
  };
}

/** Whose id a payload carries under the application's own name: `interviewId` -> `interview`. */
const handles = ['interview', 'video', 'file', 'analysis'] as const;

/** An `analysis:*` event as what happens to a job; undefined where the payload names none. */
export function analysisOf(userId: string, event: AnalysisEvent, payload: unknown): JobEvent | undefined {
  if (!isObject(payload)) return undefined;
  const kind = handles.find((name) => idOf(payload[`${name}Id`]) !== undefined);
  const handle = kind && idOf(payload[`${kind}Id`]);
  const jobId = idOf(payload['jobId']) ?? handle;
  if (jobId === undefined) return undefined;
  const said = ['jobId', ...(kind ? [`${kind}Id`] : []), 'timestamp', ...(textOf(payload['message']) ? ['message'] : [])];
  const common = { jobId, message: textOf(payload['message']), job: { userId, ...(kind && { ref: `${kind}:${handle}` }) } };
  if (event === EVENTS.ANALYSIS_STARTED) return { ...common, type: 'started', metadata: others(payload, said) };
  if (event === EVENTS.ANALYSIS_COMPLETED) {
    return { ...common, type: 'completed', result: payload['result'], metadata: others(payload, [...said, 'result']) };
  }
  const error = failureOf(payload['error'] ?? payload['message']);
  return { ...common, type: 'failed', error, metadata: others(payload, [...said, 'error']) };
}

export function isAnalysis(event: string): event is AnalysisEvent {
  return (Object.values(EVENTS) as string[]).includes(event);
}

/** What the page of a job was told of this event; undefined: nothing. */
export function updateFrom(event: StoredEvent): JobUpdate | undefined {
  const common = { jobId: event.jobId, timestamp: new Date(event.at).toISOString() };
  switch (event.type) {
    case 'progress':
    case 'log': {
      const message = event.message ?? event.stage;
      return { ...common, status: 'in_progress', ...(event.progress !== undefined && { progress: event.progress }), ...(message && { message }) };
    }
    case 'completed':
      return { ...common, status: 'completed', result: event.result ?? null };
    case 'failed':
      return { ...common, status: 'failed', error: failureOf(event.error).message };
    case 'cancelled':
      return { ...common, status: 'failed', error: event.reason ? `Cancelled: ${event.reason}` : 'Cancelled' };
    case 'queued':
    case 'retried':
    case 'started':
    case 'updated':
      return { ...common, status: statusOf(event), data: dataOf(event) };
    default:
      return undefined;
  }
}

const statusOf = ({ type, status }: StoredEvent): string => status ?? (type === 'retried' ? 'queued' : type);

function dataOf({ metadata, message }: StoredEvent): unknown {
  const members = Object.keys(metadata ?? {});
  if (members.length === 1 && members[0] === 'data' && !isObject(metadata!['data'])) return metadata!['data'];
  return { ...metadata, ...(message && { message }) };
}
