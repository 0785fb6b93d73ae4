// `make run` as a person uses it: one URL, Ctrl-C, a second start, a port that is taken.
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../web-demo/backend/src/ports.js';
import { launch, openPage } from './browser.js';
import { build } from './stack.js';

const program = fileURLToPath(new URL('../../web-demo/backend/run.mjs', import.meta.url));
let dataDir;
let browser;
const children = new Set();
beforeAll(async () => {
  await mkdir(path.join(build, 'e2e'), { recursive: true });
  dataDir = await mkdtemp(path.join(build, 'e2e/run-'));
  browser = await launch();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await browser?.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Two neighbouring ports that are both free: the back end takes the second one. */
async function freePair() {
  for (;;) {
    const port = await freePort();
    const next = await fetch(`http://127.0.0.1:${port + 1}`).then(() => false, (error) => error.cause?.code === 'ECONNREFUSED');
    if (next && port < 65_000) return port;
  }
}

function start(port) {
  const child = spawn(process.execPath, [program, '--port', String(port), '--data-dir', dataDir], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const run = { output: '', ended: new Promise((resolve) => { child.once('close', (code) => { children.delete(child); resolve(code); }); }) };
  const news = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { run.output += text; news.emit('more'); });
  run.says = (pattern) => new Promise((resolve, reject) => {
    const look = () => {
      const found = pattern.exec(run.output);
      if (!found) return;
      news.off('more', look);
      resolve(found);
    };
    news.on('more', look);
    look();
    void run.ended.then((code) => reject(new Error(`ended with ${code} and never said ${pattern}: ${run.output}`)));
  });
  run.interrupt = () => { child.kill('SIGINT'); return run.ended; };
  return run;
}

test('prints one URL, starts a killed server again, stops everything on Ctrl-C, and knows its jobs the next time', async () => {
  const port = await freePair();
  const first = start(port);
  const [, url] = await first.says(/(http:\S+)/);
  expect(url).toBe(`http://localhost:${port}`);
  const { demo, page, context } = await openPage(browser, url);
  await demo.untilBadge('Live');
  await demo.sample('torn.pdf');
  await demo.until('torn.pdf', 'failed');

  const [, pid] = await first.says(/kill -9 (\d+)/);
  process.kill(Number(pid), 'SIGKILL');
  await first.says(/Jobwire is back/);
  await page.locator('[data-testid=connection][data-state=online]').waitFor();
  expect(await first.interrupt()).toBe(0);
  for (const gone of [port, port + 1]) await expect(fetch(`http://127.0.0.1:${gone}`)).rejects.toThrow();

  const second = start(port);
  await second.says(/http:/);
  await demo.untilBadge('Live');
  await page.reload();
  await demo.until('torn.pdf', 'failed');
  expect(await second.interrupt()).toBe(0);
  await context.close();
});

test('says so when its port is taken, and what to do', async () => {
  const port = await freePair();
  const first = start(port);
  await first.says(/http:/);
  const second = start(port);
  expect(await second.ended).toBe(1);
  expect(second.output).toContain(`port ${port} is taken by another program. Choose another one: PORT=${port + 10} make run`);
  expect(await first.interrupt()).toBe(0);
});
