// A client whose snapshots the test sets.
import type { ConnectionSnapshot, Job, JobsSnapshot, JobwireClient, Notification, NotificationsSnapshot, Observable } from '@jobwire/react';
import type { FileJob } from '../src/kinds.js';

export function cell<T>(first: T) {
  let value = first;
  const listeners = new Set<() => void>();
  const observable: Observable<T> = {
    subscribe: (notify) => {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    getSnapshot: () => value,
  };
  return { observable, set: (next: T) => { value = next; for (const notify of listeners) notify(); } };
}

export const live: ConnectionSnapshot = {
  state: 'online', transport: 'websocket', reason: '', reasonCode: '', nextTryAt: undefined, lastHeardAt: Date.now(), latency: 2, user: 'alice', role: 'user', isLive: true,
};

export function fakeClient() {
  const jobs = cell<JobsSnapshot>({ jobs: [], isPending: false, isStale: false, isTruncated: false, error: undefined });
  const connection = cell(live);
  const inbox = fakeInbox();
  const endings = new Set<(job: Job) => void>();
  const cancelled: [string, string | undefined][] = [];
  let answer = Promise.resolve();
  const nothing = cell<undefined>(undefined).observable;
  const client = {
    connection: connection.observable,
    jobs: () => jobs.observable,
    job: () => ({ ...cell({ job: undefined, isPending: true, isStale: false, error: undefined }).observable }),
    queueStatus: () => queues,
    systemMetrics: nothing,
    notifications: { ...inbox.cell.observable, ...inbox.calls },
    onEnd: (listener: (job: Job) => void) => {
      endings.add(listener);
      return () => endings.delete(listener);
    },
    cancel: (id: string, reason?: string) => {
      cancelled.push([id, reason]);
      return answer;
    },
    retry() {},
    close() {},
  };
  const queues = cell([]).observable;
  /** Lets a cancel wait until the test answers it. */
  const holdCancels = () => {
    let reject: (error: Error) => void;
    answer = new Promise((_, no) => { reject = no; });
    return {
      refuse: (message: string) => {
        const refused = answer.catch(() => {});
        answer = Promise.resolve();
        reject(new Error(message));
        return refused;
      },
    };
  };
  return { client: client as unknown as JobwireClient, jobs, connection, inbox, cancelled, holdCancels, end: (job: FileJob) => endings.forEach((tell) => tell(job as unknown as Job)) };
}

/** An inbox that the test fills; what is marked as read is read at once, as if the server had answered. */
function fakeInbox() {
  const inside = cell<NotificationsSnapshot>({ notifications: [], unread: 0, hasMore: false, isPending: false, error: undefined });
  const asked: string[] = [];
  let answer = (): Promise<void> => Promise.resolve();
  const show = (notifications: readonly Notification[], more: Partial<NotificationsSnapshot> = {}) =>
    inside.set({ ...inside.observable.getSnapshot(), isPending: false, notifications, unread: notifications.filter((one) => !one.read).length, ...more });
  const mark = async (what: string, which: (one: Notification) => boolean) => {
    asked.push(what);
    await answer();
    show(inside.observable.getSnapshot().notifications.map((one) => (which(one) ? { ...one, read: true } : one)));
  };
  const calls = {
    read: (id: string) => mark(`read ${id}`, (one) => one.id === id),
    readAll: () => mark('read all', () => true),
    loadMore: () => {
      asked.push('more');
      return answer();
    },
  };
  return { cell: inside, calls, asked, show, refuse: (message: string) => { answer = () => Promise.reject(new Error(message)); } };
}

const now = Date.now();
let notices = 0;
export function makeNotice(fields: Partial<Notification> = {}): Notification {
  notices += 1;
  return {
    id: `n${notices}`, type: 'success', title: 'report.pdf is done', message: '34 pages, 8,512 words', jobId: 'job-1', action: { label: 'Show the job', url: '/#job-job-1' },
    read: false, createdAt: now + notices, ...fields,
  };
}
export function makeJob(fields: Partial<FileJob> = {}): FileJob {
  const status = fields.status ?? 'active';
  return {
    id: 'job-1', type: 'pdf', queue: 'normal', userId: 'alice', ref: undefined, parentId: undefined, status, statusText: undefined, progress: 40, stage: 'pages',
    message: 'page 3 of 8', stages: [{ name: 'pages', startedAt: now - 4_000 }], attempt: 1, priority: 0, result: undefined, error: undefined,
    cancelRequestedAt: undefined, cancelReason: undefined, stalled: false, metadata: { name: 'report.pdf', size: 1_200_000 }, workerId: undefined,
    createdAt: now - 5_000, startedAt: now - 4_500, finishedAt: undefined, lastReportAt: now - 200, updatedAt: now - 200, estimate: undefined,
    isFinished: ['completed', 'failed', 'cancelled'].includes(status), isCancelling: false, toJSON: () => ({}), ...fields,
  };
}
