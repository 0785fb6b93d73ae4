/** Codes of the wire (PROTOCOL.md, "Errors"), and those that only arise here. */
export type ErrorCode =
  | 'bad_json'
  | 'bad_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'gone'
  | 'too_large'
  | 'unsupported_media'
  | 'event_id_reused'
  | 'rate_limited'
  | 'internal'
  | 'unavailable'
  /** The client was closed by its owner before the answer came. */
  | 'closed'
  /** The core could not be loaded; `retry()` tries again. */
  | 'load_failed'
  /** The server does not understand this client: one of the two is out of date. */
  | 'bad_message'
  /** `transports` allows neither. */
  | 'no_transport';

/** What Jobwire itself answers with: a refused channel, a cancel that came too late, a token that is not valid. */
export class JobwireError extends Error {
  readonly code: ErrorCode;
  /** The field that broke the rule, where there is one. */
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string, field?: string) {
    super(message);
    this.name = 'JobwireError';
    this.code = code;
    this.field = field;
  }
}

/** A job did not complete: it failed, or it was cancelled. */
export class JobError extends Error {
  readonly jobId: string;
  readonly status: 'failed' | 'cancelled';
  /** The application's own code (`error.code` of the `failed` event), where it gave one. */
  readonly code: string | undefined;

  constructor(jobId: string, status: 'failed' | 'cancelled', message: string, code?: string) {
    super(message);
    this.name = 'JobError';
    this.jobId = jobId;
    this.status = status;
    this.code = code;
  }
}

/** What was thrown, in words. */
export const wordsOf = (error: any): string => error?.message ?? String(error);
