// The whole demo as child processes: Jobwire with its store and the page, and the back end. Used by run.mjs and by tests/e2e.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnBound } from './command.js';
import { makeFolder, readJson, unusable, writeWhole } from './data_dir.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
export const paths = {
  server: path.join(root, 'build/jobwire-server'),
  page: path.join(root, 'web-demo/dist'),
  samples: path.join(root, 'build/samples'),
  serverConfig: path.join(root, 'web-demo/jobwire.toml'),
  backend: fileURLToPath(new URL('main.js', import.meta.url)),
};

/** The secret and the key that Jobwire and the back end share: made once, kept beside the data, for the owner's eyes only. */
async function secretsIn(dataDir) {
  const file = path.join(dataDir, 'secrets.json');
  const kept = await readJson(file);
  if (kept) return kept;
  const [page, ours] = ['page', 'page/config.json'].map((name) => existsSync(path.join(dataDir, name)));
  if (page && !ours) throw new Error("it holds somebody's folder 'page', which would be replaced");
  const secrets = { jwtSecret: randomBytes(32).toString('hex'), apiKey: randomBytes(24).toString('hex') };
  await writeWhole(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}

/** The page as built, with a config.json that says where its back end is. */
async function layOutPage({ dataDir, backendPort }) {
  const site = path.join(dataDir, 'page');
  await rm(site, { recursive: true, force: true });
  await cp(paths.page, site, { recursive: true });
  await writeWhole(path.join(site, 'config.json'), JSON.stringify({ backendPort }));
  return site;
}

async function prepare({ dataDir, backendPort }) {
  await makeFolder(path.join(dataDir, 'backend'));
  return { secrets: await secretsIn(dataDir), site: await layOutPage({ dataDir, backendPort }) };
}

/**
 * @param {{dataDir: string, port: number, backendPort: number, pageOrigins?: string[], serverArgs?: string[],
 *          onOutput?: (who: string, line: string) => void}} options
 */
export async function createStack({ dataDir, port, backendPort, pageOrigins = [], serverArgs = [], env = {}, onOutput = () => {} }) {
  for (const [what, file] of [['the server', paths.server], ['the page', path.join(paths.page, 'index.html')]]) {
    if (!existsSync(file)) throw new Error(`${what} is not built (${file}): make build`);
  }
  const { secrets, site } = await prepare({ dataDir, backendPort }).catch((failure) => { throw unusable(dataDir, failure); });
  const url = `http://127.0.0.1:${port}`;
  const backendUrl = `http://127.0.0.1:${backendPort}`;
  const ownOrigins = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${port}`);

  const startServer = () => launch('jobwire', paths.server, [
    '--config', paths.serverConfig, '--port', String(port), '--data-dir', path.join(dataDir, 'jobwire'), '--store', 'sqlite', '--static', site,
    ...pageOrigins.flatMap((origin) => ['--allow-origin', origin]), ...serverArgs,
  ], { JOBWIRE_SECRET: secrets.jwtSecret, JOBWIRE_API_KEY: `demo-backend:${secrets.apiKey}` }, `${url}/readyz`, onOutput);

  const startBackend = () => launch('back end', process.execPath, [paths.backend], {
    PORT: String(backendPort), DATA_DIR: path.join(dataDir, 'backend'), SAMPLES_DIR: paths.samples,
    JOBWIRE_URL: url, JOBWIRE_API_KEY: secrets.apiKey, JWT_SECRET: secrets.jwtSecret,
    PAGE_ORIGINS: [...ownOrigins, ...pageOrigins].join(), ...env,
  }, `${backendUrl}/health`, onOutput);

  return { url, backendUrl, secrets, startServer, startBackend };
}

/** Starts a program and waits until `readyUrl` answers with 200. */
async function launch(who, program, args, env, readyUrl, onOutput) {
  const child = spawnBound(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  let over;
  void ended.then((how) => { over = how; });
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      last = (last + text).slice(-2000);
      for (const line of text.split('\n')) if (line.trim()) onOutput(who, line);
    });
  }
  const stop = async (signal = 'SIGTERM') => {
    if (over === undefined) child.kill(signal);
    return ended;
  };
  while (over === undefined) {
    const ready = await fetch(readyUrl, { signal: AbortSignal.timeout(1_000) }).then((answer) => answer.ok, () => false);
    if (ready) return { pid: child.pid, ended, stop };
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  throw new Error(`${who} did not start (${over}): ${last.trim().split('\n').slice(-3).join(' ')}`);
}
