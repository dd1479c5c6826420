import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { isoOfMjd, leapSecondsAt, mjdOfIso, taiOfUtc, utcOfTai } from '../../../src/sky/time.ts';

describe('ISO 8601', () => {
  it.each([
    ['1858-11-17', 0],
    ['2000-01-01T12:00', 51544.5],
    ['2000-01-01 12:00:00', 51544.5],
    ['2000-01-01t12:00:00z', 51544.5],
    ['2000-01-01T12:00:00+00:00', 51544.5],
    [' 2000-01-01T12:00:00.000000000Z ', 51544.5],
    ['2024-02-29T00:00:00Z', 60369],
    ['2026-11-24T18:00:00Z', 61368.75],
    ['0001-01-01', -678575],
  ])('reads %s', (text, mjd) => {
    expect(mjdOfIso(text)).toBe(mjd);
  });

  it.each([
    ['2023-02-29', 'has no such day in its month'],
    ['2024-02-30', 'has no such day in its month'],
    ['1900-02-29', 'has no such day in its month'],
    ['2024-04-31', 'has no such day in its month'],
    ['2024-00-10', 'has no such month'],
    ['2024-13-01', 'has no such month'],
    ['2024-01-00', 'has no such day in its month'],
    ['2024-01-01T24:00:00', 'has an hour above 23'],
    ['2024-01-01T23:60:00', 'has a minute above 59'],
    ['2024-01-01T23:58:60', 'has second 60 but no leap second was there'],
    ['2024-12-31T23:59:60Z', 'has second 60 but no leap second was there'],
    ['2016-12-31T22:59:60Z', 'has second 60 but no leap second was there'],
    ['2016-12-31T23:59:61Z', 'has a second beyond its minute'],
    ['1961-07-31T23:59:59.96', 'has a second beyond its minute'],
    ['2024-1-1', 'must be ISO 8601 in UTC such as 2026-11-24T03:15:00.5Z'],
    ['20240101', 'must be ISO 8601 in UTC such as 2026-11-24T03:15:00.5Z'],
    ['2024-01-01T12', 'must be ISO 8601 in UTC such as 2026-11-24T03:15:00.5Z'],
    ['2024-01-01T12:00:00+02:00', 'must be ISO 8601 in UTC such as 2026-11-24T03:15:00.5Z'],
    ['', 'must be ISO 8601 in UTC such as 2026-11-24T03:15:00.5Z'],
  ])('refuses %s', (text, why) => {
    expect(() => mjdOfIso(text)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message: `time ${JSON.stringify(text)} ${why}` }),
    );
  });

  it('reads second 60 where there was a leap second, and the day still ascends', () => {
    const times = ['2016-12-31T23:59:59.5', '2016-12-31T23:59:60', '2016-12-31T23:59:60.999', '2017-01-01T00:00:00'].map(mjdOfIso);
    expect(times.every((t, i) => i === 0 || t > times[i - 1])).toBe(true);
    expect(Math.floor(times[2])).toBe(57753);
  });

  it('writes what it reads, rounded to nearest, with the carry into the next minute, day and year', () => {
    expect(isoOfMjd(51544.5, 0)).toBe('2000-01-01T12:00:00Z');
    expect(isoOfMjd(51544 + 86399.9996 / 86400, 3)).toBe('2000-01-02T00:00:00.000Z');
    expect(isoOfMjd(51543 + 86399.7 / 86400, 0)).toBe('2000-01-01T00:00:00Z');
    expect(isoOfMjd(51544 + 59.96 / 86400, 1)).toBe('2000-01-01T00:01:00.0Z');
    expect(isoOfMjd(57753 + 86400.25 / 86401, 2)).toBe('2016-12-31T23:59:60.25Z');
    expect(isoOfMjd(57753 + 86400.996 / 86401, 2)).toBe('2017-01-01T00:00:00.00Z');
    expect(isoOfMjd(-678575, 0)).toBe('0001-01-01T00:00:00Z');
    expect(() => isoOfMjd(NaN, 3)).toThrow('is outside the years 0 to 9999');
    expect(() => isoOfMjd(1e9, 3)).toThrow('is outside the years 0 to 9999');
  });

  it('agrees with the calendar of the language on every day from year 1795 to 2105', () => {
    const wrong: string[] = [];
    for (let mjd = -23330; mjd < 89898; mjd++) {
      const iso = new Date((mjd - 40587) * 86400000).toISOString().slice(0, 10);
      if (isoOfMjd(mjd, 0).slice(0, 10) !== iso || mjdOfIso(iso) !== mjd) wrong.push(iso);
    }
    expect(wrong).toEqual([]);
  });
});

describe('time scales', () => {
  it('are 37 s apart since 2017', () => {
    expect(leapSecondsAt(57753.999)).toBe(36);
    expect(leapSecondsAt(57754)).toBe(37);
    expect((taiOfUtc(60000) - 60000) * 86400).toBeCloseTo(37, 6);
  });

  it('hold TAI - UTC at its value of 1960 before 1960', () => {
    expect(leapSecondsAt(36934)).toBeCloseTo(0.943482, 9);
    for (const mjd of [10000, 0, -50000]) expect(leapSecondsAt(mjd)).toBe(leapSecondsAt(36934));
    // continuous at the border
    expect((taiOfUtc(36934) - taiOfUtc(36934 - 1e-6)) * 86400).toBeCloseTo(0.0864, 5);
  });

  it('come back from UTC by way of TAI within two roundings, and keep the order of times', () => {
    const around = fc
      .constantFrom(36934, 37512, 38395, 41317, 41499, 57754)
      .chain((step) => fc.double({ min: step - 1.5, max: step + 1.5, noNaN: true }));
    fc.assert(
      fc.property(
        fc.oneof(around, fc.double({ min: 10000, max: 100000, noNaN: true })),
        fc.double({ min: 1e-9, max: 2, noNaN: true }),
        (mjd, later) => {
          const step = mjd < 65536 ? 2 ** -37 : 2 ** -36;
          expect(Math.abs(utcOfTai(taiOfUtc(mjd)) - mjd)).toBeLessThanOrEqual(2 * step);
          expect(Math.abs(taiOfUtc(utcOfTai(mjd)) - mjd)).toBeLessThanOrEqual(2 * step);
          expect(taiOfUtc(mjd + later)).toBeGreaterThanOrEqual(taiOfUtc(mjd));
          expect(utcOfTai(mjd + later)).toBeGreaterThanOrEqual(utcOfTai(mjd));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('put the TAI of a leap second into the day that ends with it', () => {
    const duringTai = 57754 + 36.5 / 86400;
    const utc = utcOfTai(duringTai);
    expect(isoOfMjd(utc, 3)).toBe('2016-12-31T23:59:60.500Z');
    expect(Math.abs(taiOfUtc(utc) - duringTai) * 86400).toBeLessThan(1e-6);
  });

  it('pass NaN through', () => {
    expect([taiOfUtc(NaN), utcOfTai(NaN), leapSecondsAt(NaN)]).toEqual([NaN, NaN, NaN]);
  });
});
