import { afterEach, describe, expect, test, vi } from 'vitest';
import { audit, compare, createLedger, readHistory, type HistoryEvent } from '../src/ledger.js';

const at = (type: string, time: number, stage?: string): HistoryEvent => ({ type, at: time, seq: time, ...(stage ? { stage } : {}) });
const history = [at('queued', 1), at('started', 2, 'start'), at('progress', 3, 'pages'), at('completed', 4)];
const done = { id: 'a', status: 'completed', attempt: 1, stages: [{ name: 'start', startedAt: 2 }, { name: 'pages', startedAt: 3 }] } as const;
const later = { now: 60_000 };

function noted(announcements: number, firstSeenEnded = false) {
  const ledger = createLedger();
  ledger.saw([{ id: 'a', attempt: 1, isFinished: firstSeenEnded }]);
  for (let i = 0; i < announcements; i += 1) ledger.announced({ id: 'a', attempt: 1, isFinished: true });
  return ledger.sighting('a');
}
const kinds = (findings: { kind: string; what: string }[]) => findings.map((one) => `${one.kind}: ${one.what}`);

describe('missed and doubled', () => {
  test('a job that was seen to its end, announced once, is clean', () => {
    expect(audit(done, noted(1), history, later)).toEqual([]);
  });
  test('an end that nobody announced is missed', () => {
    expect(kinds(audit(done, noted(0), history, later))).toEqual(['missed: end of attempt 1 (completed) was not announced']);
  });
  test('an end that was old news when the page first saw the job is not announced, and not missed', () => {
    expect(audit(done, noted(0, true), history, later)).toEqual([]);
  });
  test('an end that was announced twice is doubled', () => {
    expect(kinds(audit(done, noted(2), history, later))).toEqual(['doubled: end of attempt 1 was announced 2 times']);
  });
  test('a job that still runs here though the log has ended it is missed, once there was time to hear of it', () => {
    const running = { ...done, status: 'active' } as const;
    expect(kinds(audit(running, noted(0), history, later))).toContain('missed: shown as active, the log says completed');
    expect(audit(running, noted(0), history, { now: 1_000 })).toEqual([]);
  });
  test('a stage of the log that is not shown is missed; one shown twice is doubled', () => {
    const gap = { ...done, stages: [{ name: 'pages', startedAt: 3 }, { name: 'pages', startedAt: 3 }] };
    expect(kinds(audit(gap, noted(1), history, later))).toEqual(['missed: stage "start" is not shown', 'doubled: stage "pages" is shown twice']);
  });
  test('each attempt has an end of its own', () => {
    const again = [...history.slice(0, 3), at('failed', 4), at('retried', 5), at('started', 6, 'start'), at('completed', 7)];
    expect([...readHistory(again).ends]).toEqual([[1, { status: 'failed', at: 4 }], [2, { status: 'completed', at: 7 }]]);
    const second = { ...done, attempt: 2, stages: [{ name: 'start', startedAt: 6 }] };
    expect(kinds(audit(second, noted(1), again, later))).toEqual(['missed: end of attempt 2 (completed) was not announced']);
  });
});

describe('compare', () => {
  afterEach(() => vi.unstubAllGlobals());
  test('counts jobs and events, and finds a job that the page lacks', async () => {
    const answers: Record<string, unknown> = {
      '/api/v1/jobs?limit=50': { jobs: [{ id: 'a', createdAt: 1 }, { id: 'lost', createdAt: 1 }] },
      '/api/v1/jobs/a/history?limit=100': { events: history },
    };
    vi.stubGlobal('fetch', (url: string) => Promise.resolve(new Response(JSON.stringify(answers[url.replace('http://j', '')]))));
    const ledger = createLedger();
    ledger.saw([{ id: 'a', attempt: 1, isFinished: true }]);
    const report = await compare({ url: 'http://j', token: 't', jobs: [done], ledger }, () => 60_000);
    expect(report).toEqual({ jobs: 1, events: 4, findings: [{ jobId: 'lost', kind: 'missed', what: 'the server lists it, the page does not show it' }] });
  });
});
