// The machine by itself: no clock, no network, not even a promise.
import { expect, it } from 'vitest';

import { JobwireError } from '../src/errors.js';
import { type Answer, Outbox, type Verdict } from '../src/outbox.js';
import { type Parcel, type Rank, ranks } from '../src/waiting.js';
import { seeded } from './support/world.js';

const accepted: Verdict = { cancelRequested: false };
const refusal = new JobwireError('bad_request', 'no');
const verdicts = (...list: (Verdict | undefined)[]): Answer => ({ kind: 'verdicts', verdicts: list, reason: 'busy', retryAfterMs: 0 });
const again = (retryAfterMs = 0): Answer => ({ kind: 'again', reason: 'away', retryAfterMs });

let made = 0;
function parcel(group: string, rank: Rank = ranks.log, bytes = 10): Parcel & { number: number } {
  return { group, rank, bytes, number: ++made, text: `${made}` };
}
type Numbered = ReturnType<typeof parcel>;

function outbox(more: { buffer?: number; batch?: number; random?: () => number } = {}): Outbox<Numbered> {
  return new Outbox<Numbered>({
    buffer: { parcels: more.buffer ?? 100, bytes: 10_000 },
    batch: { parcels: more.batch ?? 10, bytes: 1000 },
    backoff: { firstMs: 100, mostMs: 1000 },
    random: more.random ?? (() => 1),
  });
}

function sent(box: Outbox<Numbered>, now = 0): readonly Numbered[] {
  const step = box.next(now);
  if (step.do !== 'send') throw new Error(`${step.do}, not send`);
  return step.parcels;
}

it('has one batch in flight; what comes meanwhile goes with the next', () => {
  const box = outbox();
  const [a, b, c] = [parcel('a'), parcel('a'), parcel('b')];
  expect(box.next(0)).toEqual({ do: 'rest' });
  box.push(a);
  expect(sent(box)).toEqual([a]);
  box.push(b);
  box.push(c);
  expect(box.next(0)).toEqual({ do: 'rest' });
  expect(box.answered(verdicts(accepted), 0)).toEqual([{ parcel: a, verdict: accepted }]);
  expect(sent(box)).toEqual([b, c]);
  expect(box.size).toBe(2);
});

it('sends what had no answer again, before what came since, later each time, up to a limit', () => {
  const box = outbox();
  const a = parcel('a');
  box.push(a);
  const waits: number[] = [];
  for (let now = 0, i = 0; i < 6; i += 1) {
    expect(sent(box, now)).toContain(a);
    expect(box.answered(again(), now)).toEqual([]);
    expect(box.isAway).toBe(true);
    const step = box.next(now);
    if (step.do !== 'wait') throw new Error(step.do);
    waits.push(step.until - now);
    now = step.until;
    if (i === 5) {
      const b = parcel('a');
      box.push(b);
      expect(sent(box, now)).toEqual([a, b]);
    }
  }
  expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
  box.answered(verdicts(accepted, accepted), 0);
  expect(box.isAway).toBe(false);
});

it('spreads tries by chance, and heeds when it is told to come back', () => {
  const box = outbox({ random: () => 0 });
  box.push(parcel('a'));
  sent(box);
  box.answered(again(), 0);
  expect(box.next(0)).toEqual({ do: 'wait', until: 50 });
  sent(box, 50);
  box.answered(again(7000), 50);
  expect(box.next(50)).toEqual({ do: 'wait', until: 7050 });
  sent(box, 7050);
  box.answered(again(1e12), 7050);
  expect(box.next(7050)).toEqual({ do: 'wait', until: 7050 + 300_000 });
});

it('sends again only what was not decided', () => {
  const box = outbox();
  const [a, b, c, d] = [parcel('a'), parcel('b'), parcel('c'), parcel('d')];
  for (const each of [a, b, c]) box.push(each);
  sent(box);
  box.push(d);
  const bad = { cancelRequested: true, error: refusal };
  expect(box.answered(verdicts(accepted, undefined, bad), 0)).toEqual([
    { parcel: a, verdict: accepted },
    { parcel: c, verdict: bad },
  ]);
  expect(sent(box, 100)).toEqual([b, d]);
});

it('halves a batch that is refused as a whole until what is wrong stands alone', () => {
  const box = outbox();
  const parcels = Array.from({ length: 9 }, () => parcel('a'));
  const wrong = parcels[5]!;
  for (const each of parcels) box.push(each);
  const settled: [number, boolean][] = [];
  let requests = 0;
  for (let step = box.next(0); step.do === 'send'; step = box.next(0)) {
    requests += 1;
    if (requests === 1) box.push(parcel('b'));
    const isRefused = step.parcels.includes(wrong);
    const answer: Answer = isRefused ? { kind: 'refused', error: refusal, divisible: true } : verdicts(...step.parcels.map(() => accepted));
    for (const { parcel: each, verdict } of box.answered(answer, 0)) settled.push([each.number, verdict.error === undefined]);
  }
  expect(settled.map(([number]) => number)).toEqual([...settled.map(([number]) => number)].sort((x, y) => x - y));
  expect(settled).toHaveLength(10);
  expect(settled.filter(([, isFine]) => !isFine)).toEqual([[wrong.number, false]]);
  expect(requests).toBeLessThan(10);
});

it('does not divide what is refused for another reason', () => {
  const box = outbox();
  box.push(parcel('a'));
  box.push(parcel('b'));
  sent(box);
  expect(box.answered({ kind: 'refused', error: refusal, divisible: false }, 0)).toHaveLength(2);
  expect(box.size).toBe(0);
});

it('gives up everything in order when told to, and hears no late answer', () => {
  const box = outbox({ batch: 1 });
  const parcels = [parcel('a'), parcel('b'), parcel('a')];
  for (const each of parcels) box.push(each);
  sent(box);
  expect(box.empty()).toEqual(parcels);
  expect(box.answered(verdicts(accepted), 0)).toEqual([]);
  expect(box.next(0)).toEqual({ do: 'rest' });
});

// Random pushes and answers; what must hold in every one of them.
it('settles or displaces every parcel once, in order and within bounds, in 300 storms', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const problems = storm(seed);
    expect(problems, `seed ${seed}`).toEqual([]);
  }
});

function storm(seed: number): string[] {
  const random = seeded(seed);
  const pick = (most: number): number => Math.floor(random() * most);
  const buffer = 5 + pick(40);
  const batch = 1 + pick(12);
  const box = outbox({ buffer, batch, random });
  const problems: string[] = [];
  const ended = new Map<number, string>();
  const served = new Map<string, number>();
  const pushed: Numbered[] = [];
  let now = 0;
  const end = (number: number, how: string): void => {
    if (ended.has(number)) problems.push(`${number} was ${ended.get(number)} and then ${how}`);
    ended.set(number, how);
  };
  const push = (): void => {
    const rank = [ranks.progress, ranks.log, ranks.update, ranks.lifecycle, ranks.end][pick(5)]!;
    const each = { ...parcel(`job-${pick(4)}`, rank), ...(rank === ranks.progress && { slot: `s${pick(2)}` }) };
    pushed.push(each);
    for (const { parcel: gone, how } of box.push(each)) end(gone.number, how);
  };
  const settle = (each: Numbered, isRefused: boolean): void => {
    if (!isRefused && each.number < (served.get(each.group) ?? 0)) problems.push(`${each.number} of ${each.group} came late`);
    if (!isRefused) served.set(each.group, each.number);
    end(each.number, isRefused ? 'refused' : 'accepted');
  };
  const serve = (isStormy: boolean): boolean => {
    const step = box.next(now);
    if (step.do === 'wait') now = step.until;
    if (step.do !== 'send') return step.do === 'wait';
    if (step.parcels.length === 0 || step.parcels.length > batch) problems.push(`a batch of ${step.parcels.length}`);
    for (let i = pick(4); isStormy && i > 0; i -= 1) push(); // while it flies
    const isWrong = step.parcels.some(({ number }) => number % 17 === 0);
    let answer = verdicts(...step.parcels.map(() => accepted));
    if (isWrong) answer = { kind: 'refused', error: refusal, divisible: true };
    if (isStormy && pick(5) < 2) answer = again(pick(300));
    for (const { parcel: each, verdict } of box.answered(answer, now)) settle(each, verdict.error !== undefined);
    return true;
  };
  for (let i = 0; i < 300; i += 1) {
    if (random() < 0.6) push();
    else serve(true);
    if (box.size > buffer + batch) problems.push(`${box.size} are kept`);
  }
  while (serve(false));
  if (box.size > 0 || ended.size < pushed.length) problems.push(`${box.size} kept, ${ended.size} of ${pushed.length} ended`);
  const wrongly = pushed.filter(({ number }) => (ended.get(number) === 'refused') !== (number % 17 === 0) && !['dropped', 'replaced'].includes(ended.get(number)!));
  if (wrongly.length > 0) problems.push(`wrongly refused or taken: ${wrongly.map(({ number }) => number).join()}`);
  return problems;
}
