import { createServer } from 'node:net';

/**
 * Rejects when a port cannot be had, with what it is for and what to set to what instead. `address` is a loopback here.
 * @param {number} port
 * @param {{use?: string, instead: string}} told
 */
export async function checkPort(port, { use = '', instead }, address = '127.0.0.1') {
  const another = `Choose another one: ${instead} make run`;
  const probe = createServer();
  await new Promise((resolve, reject) => {
    probe.once('error', (error) => reject(error.code === 'EADDRINUSE'
      ? new Error(`port ${port}${use} is taken by another program. ${another}`)
      : new Error(`port ${port} cannot be used: ${error.message}`)));
    probe.listen({ port, host: address }, () => probe.close(resolve));
  });
  // As a browser would answer (the Fetch Standard, "bad port"); of another one this fails because nobody is there.
  const refusal = await fetch(`http://${address}:${port}`, { signal: AbortSignal.timeout(1_000) }).catch((error) => error.cause?.message);
  if (refusal === 'bad port') throw new Error(`port ${port}${use} is one that browsers do not open. ${another}`);
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
