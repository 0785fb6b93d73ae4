// A test that fails leaves behind what there was to see: it may not fail again where somebody looks.
import { beforeEach } from 'vitest';
import { closePages, lookAround } from './browser.js';

// A line of its own each: CI shows them at its end (.ci/run).
const tell = (text) => console.error(`\nfault: ${text.replaceAll(/\s+/g, ' ').slice(0, 3_000)}`);

beforeEach(({ task, onTestFailed }) => {
  onTestFailed(async () => {
    const { message, stack = '' } = task.result.errors.at(-1);
    const place = /\w+\.test\.js:\d+/.exec(stack)?.[0];
    tell(`${place}: "${task.name}": ${message}`);
    for (const page of await lookAround(task.name)) tell(page);
    await closePages();
  });
});
