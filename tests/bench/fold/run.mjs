// How fast the SDK folds events, in Chromium, against JSON.parse and a JavaScript reducer: nanoseconds per 200-byte event.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { wasmFile } from '../../../sdk-wasm/scripts/aliases.mjs';
import { root } from '../servers.mjs';

const { build } = createRequire(join(root, 'sdk-wasm/package.json'))('esbuild');
// As the SDK's own, without the jobs of a page beside it: [jobs, events a message].
const shapes = [[100, 100], [20, 100], [10, 10]];

async function bundle() {
  const result = await build({
    entryPoints: [join(root, 'tests/bench/fold/page.ts')], bundle: true, write: false, format: 'esm', target: 'es2022', minify: true, logLevel: 'warning',
  });
  return result.outputFiles[0].text;
}

// Isolated from other origins the page's clock has microseconds.
function serve(script) {
  const files = {
    '/': ['text/html', '<!doctype html><script type="module" src="/page.js"></script>'], '/page.js': ['text/javascript', script],
    '/core.wasm': ['application/wasm', readFileSync(wasmFile)],
  };
  const server = createServer((request, response) => {
    const [type, body] = files[request.url] ?? [];
    const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp', 'content-type': type ?? 'text/plain' };
    response.writeHead(body ? 200 : 404, headers).end(body);
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

export async function foldBench(rounds) {
  const server = await serve(await bundle());
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => 'measure' in globalThis);
    const summaries = [];
    for (const [jobs, size] of shapes) {
      const times = await page.evaluate(([j, s, r]) => globalThis.measure(j, s, r), [jobs, size, Math.max(rounds, 5)]);
      summaries.push({ jobs, size, times, browser: browser.version() });
    }
    return summaries;
  } finally {
    await browser.close();
    server.close();
  }
}
