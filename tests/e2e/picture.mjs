// Makes the README's picture of the demo, by day and by night: docs/images/demo.png and demo-dark.png.
//   make build && node tests/e2e/picture.mjs
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../web-demo/backend/src/command.js';
import { launch, openPage } from './browser.js';
import { startStack } from './stack.js';

const images = fileURLToPath(new URL('../../docs/images', import.meta.url));
const [PDF, VIDEO, TEXT] = ['atlas-of-curves.pdf', 'six-lights.mp4', 'keepers-log.txt'];

/** 256 colours are enough for a page like this, and a third of the bytes. */
async function take(page, name, folder) {
  const raw = path.join(folder, name);
  await page.screenshot({ path: raw });
  await run('ffmpeg', ['-v', 'error', '-y', '-i', raw, '-vf', 'split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=none', path.join(images, name)]);
}

const folder = await mkdtemp(path.join(tmpdir(), 'jobwire-picture-'));
const stack = await startStack();
const browser = await launch();
try {
  const options = { viewport: { width: 1280, height: 1290 } };
  const { page, demo } = await openPage(browser, stack.url, { options });
  await demo.untilBadge('Live');
  await demo.sample(PDF);
  await demo.until(PDF, 'completed');
  await demo.sample(VIDEO);
  await demo.until(VIDEO, 'active');
  await demo.sample(TEXT);
  await demo.until(TEXT, 'queued');
  await demo.sample(PDF);
  await page.waitForFunction((name) => {
    const bars = [...document.querySelectorAll('.card[data-status=active]')].filter((card) => card.textContent.includes(name)).map((card) => card.querySelector('[role=progressbar]'));
    return bars.some((bar) => Number(bar?.getAttribute('aria-valuenow')) > 25);
  }, PDF);
  await page.waitForFunction(() => !document.querySelector('.toast'));
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.mouse.move(0, 0);
  await take(page, 'demo.png', folder);
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'demo-dark.png', folder);
} finally {
  await browser.close();
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
}
