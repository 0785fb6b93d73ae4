// What a person writes with `ws`: remember each job's last event, tell a newcomer all of them, send each event to everyone.
//   S subscribes (answered by C and the state), P<event> publishes, I<batch> is parsed and answered by A
import { WebSocketServer } from 'ws';

const jobs = new Map();
const subscribers = new Set();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => console.log(server.address().port));

server.on('connection', (socket) => {
  socket.on('close', () => subscribers.delete(socket));
  socket.on('message', (bytes) => {
    const text = bytes.toString();
    if (text[0] === 'S') {
      subscribers.add(socket);
      socket.send('C' + JSON.stringify([...jobs.values()]));
    } else if (text[0] === 'P') {
      const event = JSON.parse(text.slice(1));
      jobs.set(event.jobId, event);
      const message = JSON.stringify(event);
      for (const each of subscribers) each.send(message);
    } else if (text[0] === 'I') {
      for (const event of JSON.parse(text.slice(1))) jobs.set(event.jobId, event);
      socket.send('A');
    }
  });
});
