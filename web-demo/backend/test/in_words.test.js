import { expect, test } from 'vitest';
import { inWords } from '../src/in_words.js';

test('what came out, in a line', () => {
  expect(inWords({ kind: 'pdf', pageCount: 34, words: 8_512 })).toBe('34 pages, 8,512 words');
  expect(inWords({ kind: 'pdf', pageCount: 1, words: 1 })).toBe('1 page, 1 word');
  expect(inWords({ kind: 'video', seconds: 72.04, width: 1280, height: 720 })).toBe('1:12 of video, 1280 × 720');
  expect(inWords({ kind: 'text', words: 3_000_000, sentences: 200_000 })).toBe('3,000,000 words in 200,000 sentences');
});
