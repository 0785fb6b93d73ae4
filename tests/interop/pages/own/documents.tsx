// The PDF system's parts: how the jobs go, how full the queues are, what happened, and for admins how the server does.
import { useEffect } from 'react';
import { said, show } from './page';
import { useWebSocketStore } from './useWebSocketStore';

function WebSocketStatus() {
  const { connect, isConnected, authError } = useWebSocketStore();
  useEffect(() => connect(said('token') ?? ''), []);
  return <p id="connection">Status: {isConnected ? 'Connected' : authError ?? 'Disconnected'}</p>;
}

function RealTimeProgress() {
  const { jobProgress } = useWebSocketStore();
  return (
    <ul id="jobs">
      {Object.values(jobProgress).map((job) => (
        <li key={job.jobId} data-job={job.jobId} data-status={job.status}>
          <progress value={job.progress ?? 0} max={100} /> <span>{job.error ?? job.step}</span>
        </li>
      ))}
    </ul>
  );
}

function QueueStatus() {
  const { queueStatus } = useWebSocketStore();
  if (!queueStatus) return null;
  const { totalWorkers, activeWorkers, ...queues } = queueStatus;
  return (
    <table id="queues">
      <caption>{activeWorkers} of {totalWorkers} workers at work</caption>
      <tbody>
        {Object.entries<any>(queues).map(([name, { waiting, active, avgWaitTime }]) => (
          <tr key={name}><th>{name}</th><td>{waiting} waiting</td><td>{active} active</td><td>{avgWaitTime.toFixed(2)} min</td></tr>
        ))}
      </tbody>
    </table>
  );
}

function RealTimeNotifications() {
  const { notifications } = useWebSocketStore();
  return <ol id="notifications">{notifications.map((job, index) => <li key={index}>{job.jobId} {job.status}</li>)}</ol>;
}

function AdminDashboard() {
  const { systemMetrics, refusal, subscribeToAdminEvents, unsubscribeFromAdminEvents } = useWebSocketStore();
  useEffect(() => {
    subscribeToAdminEvents();
    return unsubscribeFromAdminEvents;
  }, []);
  if (refusal) return <p id="admin" role="alert">{refusal}</p>;
  if (!systemMetrics) return null;
  const { workers, system, performance } = systemMetrics;
  return (
    <dl id="admin">
      <dt>Memory</dt><dd>{(system.totalMemoryUsage / 2 ** 20).toFixed(0)} MB</dd>
      <dt>Jobs</dt><dd>{performance.totalJobsProcessed} processed, {(100 * performance.errorRate).toFixed(0)} % failed</dd>
      <dt>Workers</dt><dd>{workers.map((each: any) => `${each.workerId} ${each.status}`).join()}</dd>
    </dl>
  );
}

function App() {
  return (
    <main>
      <WebSocketStatus /> <RealTimeProgress /> <QueueStatus /> <RealTimeNotifications />
      {said('admin') !== undefined && <AdminDashboard />}
    </main>
  );
}

show(<App />);
