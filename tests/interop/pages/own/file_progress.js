// A page without a framework that follows one file.
import { io } from 'socket.io-client';

const bar = document.getElementById('progress-bar');
const text = document.getElementById('status-text');
const socket = io('http://localhost:3001/file-processing', { auth: { token: new URLSearchParams(location.search).get('token') } });

socket.on('connect', () => socket.emit('subscribe:file', { fileId: 'video-uuid-123' }));
socket.on('processing:progress', (file) => {
  bar.value = file.progress;
  text.textContent = file.message ?? file.status;
});
socket.on('processing:completed', () => console.log('Processing completed'));
socket.on('processing:failed', (file) => console.error('Processing failed:', file.error));
