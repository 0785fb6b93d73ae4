// The same with Socket.IO: a room, an emit to the room, the state to who joins it.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const jobs = new Map();
const http = createServer();
const io = new Server(http, { transports: ['websocket'] });

io.on('connection', (socket) => {
  socket.on('subscribe', () => {
    socket.join('jobs');
    socket.emit('state', [...jobs.values()]);
  });
  socket.on('publish', (event) => {
    jobs.set(event.jobId, event);
    io.to('jobs').emit('progress', event);
  });
  socket.on('ingest', (batch, answer) => {
    for (const event of batch) jobs.set(event.jobId, event);
    answer('ok');
  });
});
http.listen(0, '127.0.0.1', () => console.log(http.address().port));
