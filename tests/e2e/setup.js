// A test that fails leaves behind what there was to see: it may not fail again where somebody looks.
import { beforeEach } from 'vitest';
import { lookAround } from './browser.js';

beforeEach(({ task, onTestFailed }) => {
  onTestFailed(async () => {
    for (const page of await lookAround(task.name)) console.error(`fault: seen by "${task.name}": ${page}`);
  });
});
