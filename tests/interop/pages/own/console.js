// A session in a browser's console: everything that may be seen, written down.
import { io } from 'socket.io-client';

const socket = io('http://localhost:3000/jobs', { auth: { token: new URLSearchParams(location.search).get('token') } });
socket.on('connect', () => console.log('Connected'));
socket.emit('subscribe:jobs', { jobId: 'test-123' });
socket.on('job:update', (update) => console.log('Update:', JSON.stringify(update)));
