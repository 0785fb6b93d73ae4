export { JobStopped, JobwireError, type ErrorCode, type ErrorContext } from './errors.js';
export { JobReporter } from './job.js';
export { Jobwire, type JobwireOptions, type MessageOptions, type Recipient, type User } from './jobwire.js';
export type { RunContext } from './run.js';
export type { Listener } from './teller.js';
export type {
  Dropped,
  EventType,
  ExpiresIn,
  Fields,
  JobEvent,
  JobFilter,
  JobIdentity,
  JobState,
  NewJob,
  Notification,
  PublisherEvents,
  Receipt,
  StoredEvent,
  TokenRequest,
} from './types.js';
export type { Watch } from './watch.js';
