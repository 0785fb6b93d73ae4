// What the tests of a file share.
import { afterAll, beforeAll } from 'vitest';
import { launch } from '../../e2e/browser.js';
import { openSite } from './site.js';

/** A browser, and a site of `fronts`: there while the file's tests run. */
export function opened(fronts) {
  const pages = { browser: undefined, site: undefined };
  beforeAll(async () => { [pages.browser, pages.site] = await Promise.all([launch(), openSite(fronts)]); });
  afterAll(async () => {
    await pages.browser?.close();
    pages.site?.close();
  });
  return pages;
}
