import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { curlLine } from '../src/components/curl_panel.js';

test('the line is one shell command whose words are what curl needs', () => {
  const line = curlLine('http://127.0.0.1:7070', 'hand-1', 'abc.def', { type: 'progress', progress: 40 });
  const words = execFileSync('bash', ['-c', line.replace(/^curl/, 'printf "%s\\n"')], { encoding: 'utf8' }).trim().split('\n');
  expect(words).toEqual([
    '-sS', 'http://127.0.0.1:7070/api/v1/jobs/hand-1/events', '-H', 'authorization: Bearer abc.def', '-H', 'content-type: application/json',
    '-d', '{"type":"progress","progress":40}',
  ]);
});
