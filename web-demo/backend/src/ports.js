import { createServer } from 'node:net';

/** Rejects with what to do when something else has the port. `address` is a loopback here. */
export function checkPort(port, variable, address = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(error.code === 'EADDRINUSE'
      ? new Error(`port ${port} is taken by another program. Choose another one: ${variable}=${port + 10} make run`)
      : new Error(`port ${port} cannot be used: ${error.message}`)));
    probe.listen({ port, host: address }, () => probe.close(() => resolve()));
  });
}

/** A port that nobody has at this moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen({ port: 0, host: '127.0.0.1' }, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
