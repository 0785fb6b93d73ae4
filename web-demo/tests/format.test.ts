import { describe, expect, test } from 'vitest';
import { about, ago, bytes, duration, mediaClock, ordinal, plural, wholeSeconds } from '../src/format.js';

describe('numbers as people read them', () => {
  test('stretches of time', () => {
    expect([400, 9_940, 12_300, 65_000, 180_000, 7_800_000].map(duration)).toEqual(['0.4 s', '9.9 s', '12 s', '1 min 5 s', '3 min', '2 h 10 min']);
    expect(duration(59_700)).toBe('1 min');
    expect(duration(-5)).toBe('0.0 s');
  });
  test('expectations do not pretend to be exact', () => {
    expect([900, 7_300, 43_000, 190_000].map(about)).toEqual(['a moment', 'about 7 s', 'about 45 s', 'about 3 min']);
  });
  test('sizes, places and plurals', () => {
    expect([1, 999, 4_200, 40_000, 5_152_068].map(bytes)).toEqual(['1 byte', '999 bytes', '4.2 kB', '40 kB', '5.2 MB']);
    expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal)).toEqual(['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '102nd', '111th']);
    expect([plural(1, 'job'), plural(1200, 'job')]).toEqual(['1 job', '1,200 jobs']);
  });
  test('how long ago, and from half a day on when', () => {
    const now = new Date(2026, 10, 21, 20, 0).getTime();
    const minute = 60_000;
    expect([0, 59_000, minute, 59 * minute, 60 * minute, 719 * minute].map((before) => ago(now - before, now))).toEqual(['just now', 'just now', '1 min ago', '59 min ago', '1 h ago', '11 h ago']);
    expect(ago(now - 720 * minute, now)).toBe('Sat 21 Nov, 08:00');
    expect(ago(now + minute, now)).toBe('just now');
  });
  test('clocks', () => {
    expect(mediaClock(72)).toBe('1:12');
    expect([wholeSeconds(3_600), wholeSeconds(-200), wholeSeconds(240_000)]).toEqual(['4 s', '0 s', '4 min']);
  });
});
