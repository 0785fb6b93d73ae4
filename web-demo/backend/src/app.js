// The back end's own HTTP: sign in as a persona, hand in a file, look at pictures. Progress is Jobwire's business.
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import cors from '@fastify/cors';
import multipart from '@fastify/multipart';
import files from '@fastify/static';
import Fastify from 'fastify';
import { personas, queueFor } from './config.js';
import { sniff } from './sniff.js';

const JOB_ID = /^[0-9a-f-]{36}$/;
const SESSION_SECONDS = 10 * 60;
const BY_HAND_MS = 5_000;
const FILE_NAME = /^(page|frame)-\d+\.jpg$|^preview\.mp4$/;

/** @param {{config: any, verify: any, jobwire: import('@jobwire/publisher').Jobwire, journal: any, take: (job: object) => Promise<void>}} parts */
export async function createApp({ config, verify, jobwire, journal, take }) {
  // At the end connections are cut: a browser keeps one open on which it asks for nothing, and Node would wait for that one.
  const app = Fastify({ logger: false, bodyLimit: 64 * 1024, forceCloseConnections: true });
  await app.register(cors, { origin: config.pageOrigins, maxAge: 600, methods: ['GET', 'POST'] });
  await app.register(multipart, { limits: { files: 1, fields: 4, fileSize: config.maxUploadBytes } });
  await app.register(files, { root: config.samplesDir, prefix: '/samples/', cacheControl: false });

  // Anybody may sign in as anybody here, so a page that has its own name point at this machine (DNS rebinding) is turned away.
  if (!config.host || config.host === 'localhost') {
    app.addHook('onRequest', async (request) => {
      if (!/^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) throw problem(403, 'forbidden', 'Only for this machine');
    });
  }

  app.setErrorHandler((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500 && !error.told) console.error(error);
    const large = status === 413 && { code: 'too_large', message: `At most ${config.maxUploadBytes / 1048576} MB a file` };
    reply.code(status).send(large || { code: error.code ?? 'internal', message: status >= 500 && !error.told ? 'The back end had an accident' : error.message });
  });

  async function signedIn(request) {
    const person = await verify(request.headers.authorization);
    if (!person) throw problem(401, 'unauthenticated', 'Sign in first');
    return person;
  }

  app.get('/health', async () => ({ status: 'ok' }));

  app.post('/session', async (request) => {
    const persona = personas[request.body?.persona];
    if (!persona) throw problem(400, 'bad_request', `persona is one of ${Object.keys(personas).join(', ')}`);
    const { user, role } = persona;
    return { token: jobwire.tokenFor({ user, role, expiresIn: SESSION_SECONDS }), expiresAt: Date.now() + SESSION_SECONDS * 1000, ...persona };
  });

  app.get('/samples', async () => {
    const names = await readdir(config.samplesDir).catch(() => []);
    return { samples: await Promise.all(names.sort().map(async (name) => ({ name, size: (await stat(path.join(config.samplesDir, name))).size }))) };
  });

  app.post('/jobs', async (request, reply) => {
    const { user } = await signedIn(request);
    const part = await request.file();
    if (!part) throw problem(400, 'bad_request', 'No file came along');
    const id = randomUUID();
    await journal.open(id);
    try {
      const job = await receive(part, { id, user });
      // On disk before Jobwire hears of it: a restart in between makes the job again, and never leaves one that nobody works on.
      await journal.save(job);
      await take(job).catch((error) => { throw refused(error); });
      return reply.code(201).send({ jobId: id, kind: job.kind, queue: job.queue });
    } catch (error) {
      await journal.drop(id);
      throw error;
    }
  });

  async function receive(part, { id, user }) {
    await pipeline(part.file, createWriteStream(journal.upload(id)));
    if (part.file.truncated) throw problem(413, 'too_large', 'Too large');
    const { size } = await stat(journal.upload(id));
    if (!size) throw problem(400, 'bad_request', 'This file is empty');
    const kind = await sniff(journal.upload(id));
    if (!kind) throw problem(415, 'unsupported_media', 'Only PDF, video and UTF-8 text are taken; this file is none of them');
    const queue = queueFor({ plan: personas[user]?.plan, size }, config.largeBytes);
    const name = path.basename(part.filename || 'unnamed').replace(/[\u0000-\u001f\u007f]/g, '').slice(0, 120);
    return { id, kind, name, size, queue, user, state: 'waiting', createdAt: Date.now() };
  }

  /** A job that nobody works on: the terminal moves it. */
  app.post('/by-hand', async (request) => {
    const { user } = await signedIn(request);
    const id = `hand-${randomUUID().slice(0, 8)}`;
    const job = { id, type: 'by-hand', queue: 'by-hand', userId: user, metadata: { name: 'Moved from a terminal' } };
    await jobwire.create(job, { signal: AbortSignal.timeout(BY_HAND_MS) }).catch((error) => {
      throw error.name === 'TimeoutError' ? problem(503, 'unavailable', 'Jobwire does not answer; the job comes when it does') : refused(error);
    });
    // For the curl line: lets its holder publish for an hour.
    return { jobId: id, token: jobwire.tokenFor({ user: 'terminal', role: 'service', expiresIn: '1h' }) };
  });

  // An id of 122 random bits is the permission to look: <img> and <video> send no token.
  app.get('/files/:id/:name', async (request, reply) => {
    const { id, name } = request.params;
    if (!JOB_ID.test(id) || !FILE_NAME.test(name)) throw problem(404, 'not_found', 'No such file');
    reply.header('cache-control', 'private, max-age=86400, immutable').header('cross-origin-resource-policy', 'cross-origin');
    return reply.sendFile(name, journal.out(id), { cacheControl: false });
  });

  return app;
}

const refused = (error) => problem(503, 'unavailable', `Jobwire did not take the job: ${error.message}`);
const problem = (statusCode, code, message) => Object.assign(new Error(message), { statusCode, code, told: true });
