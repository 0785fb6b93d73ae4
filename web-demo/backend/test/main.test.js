import { connect } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../src/config.js';
import { startBackend } from '../src/main.js';
import { fakeJobwire } from './fake_jobwire.js';
import { folder } from './samples.js';

test('stops although a browser keeps a connection open on which it has asked for nothing yet', async () => {
  const place = await folder();
  const server = await fakeJobwire();
  const config = readConfig({ JOBWIRE_URL: server.url, JOBWIRE_API_KEY: 'k', JWT_SECRET: 'a secret of at least thirty-two bytes', DATA_DIR: path.join(place.dir, 'data'), HOST: '127.0.0.1', PORT: '0' });
  const backend = await startBackend(config);
  const spare = connect(backend.port, '127.0.0.1');
  await once(spare, 'connect');
  const closed = once(spare, 'close');
  await backend.stop();
  await closed;
  await expect(fetch(`http://127.0.0.1:${backend.port}/health`)).rejects.toThrow();
  await server.close();
  await place.drop();
});
