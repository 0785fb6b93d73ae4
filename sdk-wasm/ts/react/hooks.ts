import type {
  ConnectionSnapshot,
  Job,
  JobDefinition,
  JobFilter,
  JobSnapshot,
  JobsSnapshot,
  NotificationsSnapshot,
  Observable,
  QueueStatus,
  QueueStatusSnapshot,
  SystemMetrics,
} from '@jobwire/client';
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';

import { useClient } from './context.js';

// What is shown where there is no client (yet): on a server, and while hydrating.
const noJob: JobSnapshot<any, any> = { job: undefined, isPending: true, isStale: false, error: undefined };
const noJobs: JobsSnapshot<any, any> = {
  jobs: [],
  isPending: true,
  isStale: false,
  isTruncated: false,
  error: undefined,
};
const noId: JobSnapshot<any, any> = { ...noJob, isPending: false };
const noQueues: QueueStatusSnapshot = [];
const noConnection: ConnectionSnapshot = {
  state: 'connecting',
  transport: undefined,
  reason: '',
  reasonCode: '',
  nextTryAt: undefined,
  lastHeardAt: undefined,
  latency: undefined,
  user: undefined,
  role: undefined,
  isLive: false,
};
const noNotifications: NotificationsSnapshot = {
  notifications: [],
  unread: 0,
  hasMore: false,
  isPending: true,
  error: undefined,
};
const never = () => () => {};

// The server's snapshot is also what hydration starts from, so that both render the same.
function useObservable<T>(observable: Observable<T> | undefined, fallback: T): T {
  return useSyncExternalStore(
    observable ? observable.subscribe : never,
    observable ? observable.getSnapshot : () => fallback,
    () => fallback,
  );
}

export interface UseJob<Result, Metadata> extends JobSnapshot<Result, Metadata> {
  /** As `JobwireClient.cancel` for this job. */
  cancel(reason?: string): Promise<void>;
}

/**
 * Follows one job while mounted. `const { job, isPending, isStale, error, cancel } = useJob(id)`; without an id nothing is
 * followed. `error` says why the job cannot be shown; the job's own failure is `job.error`.
 */
export function useJob<Result = unknown, Metadata = Record<string, unknown>>(
  id: string | null | undefined,
  definition?: JobDefinition<Result, Metadata>,
): UseJob<Result, Metadata> {
  const client = useClient();
  const handle = id ? client?.job<Result, Metadata>(id, definition) : undefined;
  const snapshot = useObservable(handle, id ? noJob : noId) as JobSnapshot<Result, Metadata>;
  const cancel = useCallback(
    (reason?: string) =>
      handle ? handle.cancel(reason) : Promise.reject(new Error('useJob: nothing to cancel before there is a client')),
    [handle],
  );
  return useMemo(() => ({ ...snapshot, cancel }), [snapshot, cancel]);
}

/** Follows the jobs that match, newest first: one's own without a filter. The filter may be a new object every time. */
export function useJobs<Result = unknown, Metadata = Record<string, unknown>>(
  filter?: JobFilter<Result, Metadata>,
): JobsSnapshot<Result, Metadata> {
  return useObservable(useClient()?.jobs(filter), noJobs as JobsSnapshot<Result, Metadata>);
}

/**
 * Calls `listener` once per attempt when a followed job ends; see `JobwireClient.onEnd`. It may be a new function on every
 * render. Only what something follows is told of (`useJob`, `useJobs`): this hook follows nothing by itself.
 */
export function useJobEnd<Result = unknown, Metadata = Record<string, unknown>>(
  listener: (job: Job<Result, Metadata>) => void,
  only: { id?: string | undefined; type?: string | JobDefinition<Result, Metadata> | undefined } = {},
): void {
  const client = useClient();
  const newest = useRef(listener);
  useEffect(() => {
    newest.current = listener;
  });
  const { id } = only;
  const type = typeof only.type === 'object' ? only.type.type : only.type;
  useEffect(
    () =>
      client?.onEnd((job) => {
        if ((id === undefined || job.id === id) && (type === undefined || job.type === type)) {
          newest.current(job as Job<Result, Metadata>);
        }
      }),
    [client, id, type],
  );
}

/**
 * The newest counts of one queue, which is followed while mounted (undefined until told). Without a name: of all queues that
 * were told of; it follows none by itself.
 */
export function useQueueStatus(queue: string): QueueStatus | undefined;
export function useQueueStatus(): QueueStatusSnapshot;
export function useQueueStatus(queue?: string): QueueStatusSnapshot | QueueStatus | undefined {
  const queues = useObservable(useClient()?.queueStatus(queue), noQueues);
  return queue === undefined ? queues : queues[0];
}

export interface UseConnection extends ConnectionSnapshot {
  /** Tries to connect now. */
  retry(): void;
}

/** How the connection stands, for a badge that tells the truth. */
export function useConnection(): UseConnection {
  const client = useClient();
  const snapshot = useObservable(client?.connection, noConnection);
  return useMemo(() => ({ ...snapshot, retry: () => client?.retry() }), [snapshot, client]);
}

/** What the server measures about itself (admins). */
export function useSystemMetrics(): SystemMetrics | undefined {
  return useObservable(useClient()?.systemMetrics, undefined);
}

export interface UseNotifications extends NotificationsSnapshot {
  /** As `JobwireClient.notifications` has them; before there is a client they reject. */
  read(id: string): Promise<void>;
  readAll(): Promise<void>;
  loadMore(): Promise<void>;
}

/** The user's inbox: `const { notifications, unread, read, readAll } = useNotifications()`. */
export function useNotifications(): UseNotifications {
  const inbox = useClient()?.notifications;
  const snapshot = useObservable(inbox, noNotifications);
  return useMemo(() => {
    const missing = () => Promise.reject(new Error('useNotifications: there is no client yet'));
    return {
      ...snapshot,
      read: (id) => inbox?.read(id) ?? missing(),
      readAll: () => inbox?.readAll() ?? missing(),
      loadMore: () => inbox?.loadMore() ?? missing(),
    };
  }, [snapshot, inbox]);
}

/** Calls `listener` with the application messages of this name. It may be a new function on every render. */
export function useMessage(name: string, listener: (data: unknown) => void): void {
  const client = useClient();
  const newest = useRef(listener);
  useEffect(() => {
    newest.current = listener;
  });
  useEffect(() => client?.onMessage(name, (data) => newest.current(data)), [client, name]);
}
