// A page that writes down how the queue's jobs of its user go.
import { io } from 'socket.io-client';

const socket = io('http://localhost:3000/queue', { auth: { token: new URLSearchParams(location.search).get('token') } });

socket.on('queue-update', ({ eventType, stage, progress, result, error, reason }) => {
  console.log(`${stage}: ${progress}%`);
  if (eventType === 'job-completed') console.log(`It came to ${JSON.stringify(result)}`);
  if (eventType === 'job-failed') console.log(`It failed: ${error}`);
  if (eventType === 'job-cancelled') console.log(`It was cancelled: ${reason}`);
});
