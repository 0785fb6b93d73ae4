import { describe, expect, test } from 'vitest';
import { details, headline, lineOf } from '../src/components/connection_badge.js';

const now = 1_000_000;
const none = { nextTryAt: undefined, lastHeardAt: undefined, latency: undefined, isLive: false };

describe('the badge tells the truth', () => {
  test('live, and how far away the server is', () => {
    const online = { ...none, state: 'online', isLive: true, latency: 3.4, lastHeardAt: now - 500 } as const;
    expect([headline(online), details(online, now), lineOf(online)]).toEqual(['Live', ['3 ms'], 'whole']);
  });
  test('connected is not yet live', () => {
    expect(headline({ state: 'online', isLive: false })).toBe('Catching up');
  });
  test('polling is live, and says so', () => {
    const polling = { ...none, state: 'polling', isLive: true, latency: 12 } as const;
    expect([headline(polling), lineOf(polling)]).toEqual(['Live by polling', 'dashed']);
  });
  test('offline counts down to the next try and up from what was last known', () => {
    const offline = { ...none, state: 'offline', nextTryAt: now + 4_000, lastHeardAt: now - 6_000 } as const;
    expect([headline(offline), details(offline, now)]).toEqual(['Offline', ['retrying in 4 s', 'last known 6 s ago']]);
    expect(details(offline, now + 3_900)).toEqual(['retrying now', 'last known 10 s ago']);
  });
  test('stopped for good does not promise another try', () => {
    expect([headline({ state: 'closed', isLive: false }), details({ ...none, state: 'closed' }, now)]).toEqual(['Stopped', []]);
  });
});
