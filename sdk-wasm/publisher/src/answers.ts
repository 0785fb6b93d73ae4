/** Reads what Jobwire (or a proxy before it) answered. Pure. */
import { type ErrorCode, type ErrorContext, JobwireError } from './errors.js';
import type { Answer, Verdict } from './outbox.js';

/** An HTTP answer, or why there was none. */
export type HttpAnswer =
  | { readonly status: number; readonly retryAfter: string | undefined; readonly body: string }
  | { readonly status: 0; readonly reason: string };

type Json = Readonly<Record<string, unknown>>;

const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  410: 'gone',
  413: 'too_large',
  415: 'unsupported_media',
  422: 'event_id_reused',
  429: 'rate_limited',
  500: 'internal',
  503: 'unavailable',
};
const known = new Set<unknown>(['bad_json', ...Object.values(byStatus)]);
/** What may be well the next time, the request being the same. */
const passing = new Set<ErrorCode>(['rate_limited', 'internal', 'unavailable']);
/** Refusals that what is in a batch may have caused. */
const aboutContent = new Set([400, 413, 422]);

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isOk(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** Worth another try. */
export function isPassing({ status }: HttpAnswer): boolean {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500;
}

/** The error that a refusal tells, by its problem document or else by its status. */
export function errorOf(answer: HttpAnswer, context: ErrorContext = {}): JobwireError {
  if (!('body' in answer)) return new JobwireError('unavailable', `Jobwire does not answer: ${answer.reason}`, context);
  const { code, message, field } = objectOf(parse(answer.body));
  const text = typeof message === 'string' ? message : `the answer was ${answer.status}, and not Jobwire's`;
  const ours = known.has(code) ? (code as ErrorCode) : (byStatus[answer.status] ?? (answer.status >= 500 ? 'unavailable' : 'bad_request'));
  return new JobwireError(ours, text, { ...context, status: answer.status, ...(typeof field === 'string' && { field }) });
}

/** RFC 9110 section 10.2.3: seconds, or a date. 0: none. */
export function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms > 0 ? ms : 0;
}

function whole(answer: HttpAnswer, now: number): Answer | undefined {
  if (isOk(answer)) return undefined;
  const error = errorOf(answer);
  if (!('body' in answer)) return { kind: 'again', reason: answer.reason, retryAfterMs: 0 };
  if (isPassing(answer)) {
    return { kind: 'again', reason: `${answer.status} ${error.message}`, retryAfterMs: retryAfterMs(answer.retryAfter, now) };
  }
  return { kind: 'refused', error, divisible: aboutContent.has(answer.status) };
}

/** The answer to `POST /events` with `count` of them. */
export function readVerdicts(answer: HttpAnswer, count: number, now: number): Answer {
  const refusal = whole(answer, now);
  if (refusal) return refusal;
  const { verdicts } = objectOf(parse((answer as { body: string }).body));
  if (!Array.isArray(verdicts) || verdicts.length !== count) {
    return { kind: 'again', reason: `${answer.status} without a verdict for each event: is this Jobwire?`, retryAfterMs: 0 };
  }
  const read = verdicts.map((verdict) => readVerdict(objectOf(verdict)));
  const open = read.filter(({ isOpen }) => isOpen);
  return {
    kind: 'verdicts',
    verdicts: read.map(({ isOpen, verdict }) => (isOpen ? undefined : verdict)),
    reason: open[0]?.verdict.error?.message ?? '',
    retryAfterMs: Math.max(0, ...open.map(({ waitMs }) => waitMs)),
  };
}

function readVerdict(verdict: Json): { isOpen: boolean; waitMs: number; verdict: Verdict } {
  const cancelRequested = verdict['cancelRequested'] === true;
  if (verdict['error'] === undefined) return { isOpen: false, waitMs: 0, verdict: { cancelRequested } };
  const { code, message, field, retryAfter } = objectOf(verdict['error']);
  const ours = known.has(code) ? (code as ErrorCode) : 'bad_request';
  const jobId = verdict['jobId'];
  const error = new JobwireError(ours, typeof message === 'string' ? message : 'refused', {
    ...(typeof field === 'string' && { field }),
    ...(typeof jobId === 'string' && { jobId }),
  });
  return { isOpen: passing.has(ours), waitMs: typeof retryAfter === 'number' ? retryAfter : 0, verdict: { cancelRequested, error } };
}

/** The answer to one application message. */
export function readMessageAnswer(answer: HttpAnswer, now: number): Answer {
  return whole(answer, now) ?? { kind: 'verdicts', verdicts: [{ cancelRequested: false }], reason: '', retryAfterMs: 0 };
}
