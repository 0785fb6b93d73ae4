// A page that follows one job in the jobs gateway's words.
import { useEffect, useReducer } from 'react';
import { io } from 'socket.io-client';
import { said, show } from './page';

type Shown = { status?: string; percent: number; message?: string; error?: string };

const next = (shown: Shown, heard: Partial<Shown>): Shown => ({ ...shown, ...heard });

function Monitor({ job }: { job: string }) {
  const [shown, tell] = useReducer(next, { percent: 0 });

  useEffect(() => {
    const socket = io('http://localhost:3000/jobs', { auth: { token: said('token') }, withCredentials: said('cookies') !== undefined });
    socket.emit('subscribe:jobs', { jobId: job }, (answer: { success: boolean; room: string; message: string }) => {
      console.log(answer.success ? `follows ${answer.room}` : answer.message);
    });
    socket.on('job:update', ({ status, data }) => tell({ status, message: data.message }));
    socket.on('job:progress', ({ progress, message }) => tell({ percent: progress, message }));
    socket.on('job:completed', ({ status }) => tell({ status }));
    socket.on('job:error', ({ status, error }) => tell({ status, error }));
    return () => { socket.disconnect(); };
  }, [job]);

  return (
    <section>
      <h2>Job Status: {shown.status}</h2>
      <progress value={shown.percent} max={100} />
      <p>{shown.message}</p>
      {shown.error && <p role="alert">{shown.error}</p>}
    </section>
  );
}

show(<Monitor job={said('job')!} />);
