export { JobwireProvider, useClient, type JobwireProviderProps } from './context.js';
export {
  useConnection,
  useJob,
  useJobEnd,
  useJobs,
  useMessage,
  useNotifications,
  useQueueStatus,
  useSystemMetrics,
  type UseConnection,
  type UseJob,
  type UseNotifications,
} from './hooks.js';
export { connect, defineJob, JobError, JobwireError } from '@jobwire/client';
export type * from '@jobwire/client';
