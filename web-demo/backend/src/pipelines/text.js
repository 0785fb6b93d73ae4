// A text of any length, a chunk at a time: what it is made of, which sentences to look at, and the ones that say most.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { JobError } from './job_error.js';
import { count, isTelling, top, wordsOf } from '../words.js';

const CHUNK = 64 * 1024;
const STRETCHES = 60;   // parts of the text, for words over its length
const SENTENCES = 5;
const CANDIDATES = 1200;

/** @param {{file: string, report: Function, signal: AbortSignal}} job */
export async function processText({ file, report, signal }) {
  const { size } = await stat(file);
  const tell = (from, to, stage, verb) => (done) => report(from + ((to - from) * done) / size, stage, `${verb} ${mega(done)} of ${mega(size)}`);

  const facts = { characters: 0, lines: 0, words: 0, sentences: 0 };
  const counts = new Map();
  const pairs = new Map();
  const lengths = new Array(8).fill(0);  // sentences of 1-5, 6-10 … 36 and more words
  await eachChunk(file, signal, tell(0, 35, 'count', 'counted'), (text) => {
    facts.characters += text.length;
    facts.lines += text.split('\n').length - 1;
    for (const sentence of sentencesOf(text)) {
      const words = wordsOf(sentence);
      if (!words.length) continue;
      facts.words += words.length;
      facts.sentences += 1;
      lengths[Math.min(7, Math.floor((words.length - 1) / 5))] += 1;
      count(words, counts);
      countPairs(words, pairs);
    }
  });
  if (!facts.words) throw new JobError('There is not one word in this text', 'E_EMPTY');

  const topWords = top(counts, 24);
  const phrases = top(pairs, 10).map((pair) => ({ phrase: pair.word, count: pair.count }));
  pairs.clear();
  const picked = picker(counts);
  const themes = topWords.slice(0, 4).map(({ word }) => ({ word, perStretch: new Array(STRETCHES).fill(0) }));
  await eachChunk(file, signal, tell(35, 60, 'weigh', 'weighed'), (text, before) => {
    const stretch = Math.min(STRETCHES - 1, Math.floor((STRETCHES * before) / size));
    const words = wordsOf(text);
    for (const theme of themes) theme.perStretch[stretch] += words.filter((word) => word === theme.word).length;
    for (const sentence of sentencesOf(text)) picked.offer(sentence, before);
  });

  const summary = await summarize(picked.candidates(), (done, all) => report(60 + (38 * done) / all, 'compare', `sentence ${done} of ${all} with every other`), signal);
  return { kind: 'text', ...facts, distinctWords: counts.size, readingMinutes: Math.max(1, Math.round(facts.words / 230)),
    topWords, phrases, themes, sentenceLengths: lengths, summary };
}

/** Two telling words side by side. Rare pairs are forgotten now and then, so that a long text fits into memory. */
function countPairs(words, into) {
  for (let i = 1; i < words.length; i += 1) {
    if (!isTelling(words[i - 1]) || !isTelling(words[i])) continue;
    const pair = `${words[i - 1]} ${words[i]}`;
    into.set(pair, (into.get(pair) ?? 0) + 1);
  }
  if (into.size > 200_000) for (const [pair, n] of into) if (n < 3) into.delete(pair);
}

/** Hands over whole paragraphs: what a chunk cuts in two waits for the next. `before` is the byte position. */
async function eachChunk(file, signal, tell, take) {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK, signal })) {
    const text = rest + decode(decoder, chunk, true);
    const cut = text.length > 4 * CHUNK ? text.length : text.lastIndexOf('\n') + 1;
    take(text.slice(0, cut), bytes);
    rest = text.slice(cut);
    bytes += chunk.length;
    tell(bytes);
    await new Promise(setImmediate);  // other requests get their turn
  }
  take(rest + decode(decoder, undefined, false), bytes);
}

function decode(decoder, chunk, stream) {
  try {
    return decoder.decode(chunk, { stream });
  } catch {
    throw new JobError('This text is not UTF-8', 'E_ENCODING');
  }
}

const sentencesOf = (text) => text.split(/(?<=[.!?…])["'”’)]*\s+|\n{2,}/u);

/** Keeps the sentences whose words the text comes back to most: the ones worth comparing with one another. */
function picker(counts) {
  let kept = new Map();
  let least = 0;
  const trim = () => {
    const best = [...kept.values()].sort((a, b) => b.score - a.score).slice(0, CANDIDATES);
    kept = new Map(best.map((one) => [one.text, one]));
    least = best.length === CANDIDATES ? best.at(-1).score : 0;
  };
  return {
    offer(sentence, at) {
      const words = wordsOf(sentence);
      if (words.length < 9 || words.length > 34) return;
      const telling = [...new Set(words.filter(isTelling))];
      const score = telling.reduce((sum, word) => sum + Math.log1p(counts.get(word) ?? 0), 0) / (words.length + 4);
      if (score <= least) return;
      const text = sentence.replace(/\s+/g, ' ').trim();
      if (!kept.has(text)) kept.set(text, { text, score, at, telling });
      if (kept.size > 2 * CANDIDATES) trim();
    },
    candidates() {
      trim();
      return [...kept.values()];
    },
  };
}

/**
 * TextRank (Mihalcea and Tarau, 2004): a sentence matters if sentences that matter share its words. Then the best ones, no
 * two of them about the same, in the order of the text.
 */
async function summarize(sentences, tell, signal) {
  const graph = [];
  for (const [i, one] of sentences.entries()) {
    const words = new Set(one.telling);
    graph.push(sentences.map((other, k) => (i === k ? 0 : other.telling.filter((word) => words.has(word)).length
      / (Math.log(1 + one.telling.length) + Math.log(1 + other.telling.length)))));
    if (i % 20 === 0) {
      tell(i, sentences.length);
      await new Promise(setImmediate);
      signal.throwIfAborted();
    }
  }
  const weights = graph.map((row) => row.reduce((sum, weight) => sum + weight, 0) || 1);
  let rank = sentences.map(() => 1);
  for (let round = 0; round < 20; round += 1) {
    rank = graph.map((row) => 0.15 + 0.85 * row.reduce((sum, weight, k) => sum + (weight * rank[k]) / weights[k], 0));
    await new Promise(setImmediate);
  }
  const chosen = [];
  for (const { one } of sentences.map((each, i) => ({ one: each, rank: rank[i] })).sort((a, b) => b.rank - a.rank)) {
    if (chosen.length < SENTENCES && !chosen.some((other) => shared(one.telling, other.telling) > 0.3)) chosen.push(one);
  }
  return chosen.sort((a, b) => a.at - b.at).map((one) => one.text);
}

const shared = (a, b) => a.filter((word) => b.includes(word)).length / Math.max(1, Math.min(a.length, b.length));
const mega = (bytes) => (bytes < 1e5 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
