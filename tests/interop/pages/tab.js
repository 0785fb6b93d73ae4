// A page in a browser, and a test's ways to look at it.
import { expect } from 'vitest';
import { dev, token } from './server.js';

// A connection that is refused is what these tests are about; anything else that the page itself complains of is not.
const ofTheLine = /net::|WebSocket|Failed to load resource|CORS policy|^Processing failed|^Job error/;

const notOfJobs = ['connect', 'connect_error', 'disconnect', 'queue-status', 'system-metrics', 'subscribed'];

/** Looks until what is seen passes; then, or with what was wrong with it at last, it ends. */
export async function until(look, check, { timeout = 12_000 } = {}) {
  for (const end = Date.now() + timeout; ;) {
    const seen = await look();
    try {
      return check(seen);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((resolve) => { setTimeout(resolve, 15); });
  }
}

/** What a server needs to be told so that this page can be used as it is. */
export const access = (front) => (front.user ? (front.only ? ['--dialect', front.only] : []) : dev);

export class Tab {
  /** Opens `front` of `site` for `server` in a window of its own; `query` is more for its address. */
  static async open({ browser, site, server, front, query = {} }) {
    const tab = new Tab();
    Object.assign(tab, { front, lines: [], problems: [] });
    tab.window = await browser.newContext();
    tab.page = await tab.window.newPage();
    tab.page.on('console', (message) => {
      tab.lines.push(message.text());
      if (message.type() === 'error' && !ofTheLine.test(message.text())) tab.problems.push(message.text());
    });
    tab.page.on('pageerror', (error) => tab.problems.push(String(error)));
    if (front.before) await tab.page.addInitScript(front.before, front.job);
    const given = { server: server.url, job: front.job, ...(front.user ? { token: token({ sub: front.user }) } : {}), ...query };
    await tab.page.goto(`${site.url}/${front.name}/?${new URLSearchParams(given)}`);
    await front.act?.(tab.page);
    return tab;
  }

  /** What its sockets heard, [event, first value], of these names or of all. */
  heard(...names) {
    return this.page.evaluate((wanted) => window.heard.filter(([event]) => wanted.length === 0 || wanted.includes(event)), names);
  }
  async last() { return (await this.heard()).findLast(([event]) => !notOfJobs.includes(event)); }
  transport() { return this.page.evaluate(() => window.sockets[0].io.engine.transport.name); }

  shows(expected) {
    return until(async () => ({ ...(await this.front.shows(this.page, this.lines)), heard: await this.last() }), (seen) => expect(seen).toMatchObject(expected));
  }
  hears(name, ...values) {
    return until(() => this.heard(name), (heard) => expect(heard.at(-1)?.slice(0, values.length + 1)).toMatchObject([name, ...values]));
  }

  async close() {
    expect(this.problems).toEqual([]);
    await this.window.close();
  }
}
