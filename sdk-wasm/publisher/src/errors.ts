/** Codes of the wire (PROTOCOL.md, "Errors"), and `closed`, which only arises here. */
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
  | 'closed';

/** What a `JobwireError` is about, where that is known. */
export interface ErrorContext {
  /** The field that broke the rule. */
  readonly field?: string | undefined;
  readonly jobId?: string | undefined;
  /** The event's type, or the message's name. */
  readonly type?: string | undefined;
  /** Of the HTTP answer. */
  readonly status?: number | undefined;
}

/** What was refused, by Jobwire or before it was sent. */
export class JobwireError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly jobId: string | undefined;
  readonly type: string | undefined;
  readonly status: number | undefined;

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message);
    this.name = 'JobwireError';
    this.code = code;
    this.field = context.field;
    this.jobId = context.jobId;
    this.type = context.type;
    this.status = context.status;
  }
}

/** A field that breaks a rule. */
export function bad(field: string, rule: string): JobwireError {
  return new JobwireError('bad_request', `${field} ${rule}`, { field });
}

/** The reason of a `run` signal: nobody waits for this work any longer. */
export class JobStopped extends Error {
  readonly jobId: string;
  /** `cancel-requested`: somebody pressed Cancel; `ended`: the job has ended elsewhere, or was removed. */
  readonly why: 'cancel-requested' | 'ended';

  constructor(jobId: string, why: 'cancel-requested' | 'ended') {
    super(why === 'ended' ? `job ${jobId} has ended elsewhere` : `job ${jobId} is to be cancelled`);
    this.name = 'JobStopped';
    this.jobId = jobId;
    this.why = why;
  }
}
