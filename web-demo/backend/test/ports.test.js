import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { checkPort, freePort } from '../src/ports.js';

test('a taken port is told with what it is for and what to do', async () => {
  const port = await freePort();
  await checkPort(port, { instead: 'PORT=1' });
  const other = createServer().listen({ port, host: '127.0.0.1' });
  await new Promise((resolve) => { other.once('listening', resolve); });
  await expect(checkPort(port, { instead: 'PORT=1' })).rejects.toThrow(`port ${port} is taken by another program. Choose another one: PORT=1 make run`);
  await expect(checkPort(port, { use: ' (of the back end)', instead: 'PORT=1' })).rejects.toThrow(`port ${port} (of the back end) is taken`);
  await new Promise((resolve) => { other.close(resolve); });
});

test('a port that no browser opens is told at once', async () => {
  await expect(checkPort(10_080, { instead: 'PORT=10090' })).rejects.toThrow('port 10080 is one that browsers do not open. Choose another one: PORT=10090 make run');
});
