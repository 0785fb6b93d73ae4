export { JobwireProvider, useClient, type JobwireProviderProps } from './context.js';
export {
  useConnection,
  useJob,
  useJobEnd,
  useJobs,
  useQueueStatus,
  useSystemMetrics,
  type UseConnection,
  type UseJob,
} from './hooks.js';
export { connect, defineJob, JobError, JobwireError } from '@jobwire/client';
export type * from '@jobwire/client';
