// The real socket.io-client, as the pages import it. What their sockets hear is noted for the test: window.sockets,
// window.heard; and where the page's address says ?transports=, that is what they use.
import { io as real } from 'socket.io-client';

export * from 'socket.io-client';

window.sockets = [];
window.heard = [];
const transports = new URLSearchParams(location.search).get('transports');

export function io(address, options) {
  const socket = real(address, { ...options, ...(transports && { transports: transports.split(',') }) });
  window.sockets.push(socket);
  socket.onAny((event, value) => window.heard.push([event, value]));
  socket.on('connect', () => window.heard.push(['connect', { recovered: socket.recovered }]));
  socket.on('connect_error', ({ message, data }) => window.heard.push(['connect_error', { message, data }]));
  socket.on('disconnect', (reason) => window.heard.push(['disconnect', reason]));
  return socket;
}
export default io;
