import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { checkPort, freePort } from '../src/ports.js';

test('a taken port is told with what to do', async () => {
  const port = await freePort();
  await checkPort(port, 'PORT');
  const other = createServer().listen({ port, host: '127.0.0.1' });
  await new Promise((resolve) => { other.once('listening', resolve); });
  await expect(checkPort(port, 'PORT')).rejects.toThrow(`port ${port} is taken by another program. Choose another one: PORT=${port + 10} make run`);
  await new Promise((resolve) => { other.close(resolve); });
});
