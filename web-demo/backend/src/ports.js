import { createServer } from 'node:net';

/**
 * Rejects when something else has the port, with what it is for and what to set to what instead. `address` is a loopback here.
 * @param {number} port
 * @param {{use?: string, instead: string}} told
 */
export function checkPort(port, { use = '', instead }, address = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(error.code === 'EADDRINUSE'
      ? new Error(`port ${port}${use} is taken by another program. Choose another one: ${instead} make run`)
      : new Error(`port ${port} cannot be used: ${error.message}`)));
    probe.listen({ port, host: address }, () => probe.close(() => resolve()));
  });
}

// Below the ports that the kernel lends to outgoing connections, which would be gone again by the time they are used.
const [first, last] = [10_000, 32_000];

/** A port that nobody has at this moment. */
export async function freePort() {
  for (;;) {
    const port = first + Math.floor(Math.random() * (last - first));
    if (await checkPort(port, { instead: '' }).then(() => true, () => false)) return port;
  }
}
