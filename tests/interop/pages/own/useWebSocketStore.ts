// What a page keeps of its jobs, the queues and the server, in the PDF system's words.
import { useSyncExternalStore } from 'react';
import { io, type Socket } from 'socket.io-client';

type JobProgress = { jobId: string; status: string; progress?: number; step?: string; result?: unknown; error?: string };
type State = {
  isConnected: boolean; authError?: string; refusal?: string; queueStatus?: any; systemMetrics?: any;
  jobProgress: Record<string, JobProgress>; notifications: JobProgress[];
};

let socket: Socket | undefined;
let state: State = { isConnected: false, jobProgress: {}, notifications: [] };
const watchers = new Set<() => void>();

function change(part: Partial<State>) {
  state = { ...state, ...part };
  for (const watcher of watchers) watcher();
}

function hear(job: JobProgress) {
  const ended = job.status === 'completed' || job.status === 'failed';
  change({ jobProgress: { ...state.jobProgress, [job.jobId]: job }, notifications: ended ? [...state.notifications, job] : state.notifications });
}

// A page's own way to a fresh token; once, for a token that is refused again will not get better.
async function refresh() {
  const fresh = await (window as any).freshToken?.();
  if (!fresh || !socket) return;
  (window as any).freshToken = undefined;
  socket.auth = { token: fresh };
  socket.disconnect().connect();
}

function connect(authToken: string) {
  if (socket) return;
  socket = io('http://localhost:3000', { auth: { token: authToken }, transports: ['websocket', 'polling'], timeout: 10000, forceNew: true });
  socket.on('connect', () => change({ isConnected: true }));
  socket.on('disconnect', () => change({ isConnected: false }));
  for (const event of ['job-queued', 'job-started', 'job-progress', 'job-completed', 'job-failed']) socket.on(event, hear);
  socket.on('queue-status', (queueStatus) => change({ queueStatus }));
  socket.on('system-metrics', (systemMetrics) => change({ systemMetrics }));
  socket.on('exception', ({ message }) => change({ refusal: message }));
  socket.on('auth-error', ({ message }) => { change({ authError: message }); void refresh(); });
}

const actions = {
  connect,
  subscribeToAdminEvents: () => { socket?.emit('subscribe-admin'); },
  unsubscribeFromAdminEvents: () => { socket?.emit('unsubscribe-admin'); },
};

const watch = (watcher: () => void) => { watchers.add(watcher); return () => { watchers.delete(watcher); }; };

export const useWebSocketStore = () => ({ ...useSyncExternalStore(watch, () => state), ...actions });
