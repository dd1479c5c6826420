// Time scales against ERFA.

import { describe, expect, it } from 'vitest';
import { LEAP_SECONDS } from '../../src/sky/leapSeconds.ts';
import { isoOfMjd, leapSecondsAt, mjdOfIso, taiOfTt, taiOfUtc, ttOfTai, utcOfTai } from '../../src/sky/time.ts';
import { TOLERANCE } from './tolerances.ts';
import { readTruth } from './truth.ts';

/** A whole MJD and the fraction of the day. */
type DayAndFraction = readonly [number, number];
const truth = readTruth<{
  iso: readonly { iso: string; mjd_day: number; day_fraction: number }[];
  scales: readonly { mjd: number; tai_of_utc: DayAndFraction; tt_of_utc: DayAndFraction; utc_of_tai: DayAndFraction | null }[];
  offsets: readonly { mjd_utc: number; tai_minus_utc_sec: number; row_offset_sec: number }[];
}>('time', { iso: 346, scales: 430, offsets: 84 });

/** Half a step of a double at that date; the far years of the samples fall on whole quarters of a day, which are exact. */
const limitSec = (mjd: number): number => (Math.abs(mjd) < 65536 ? TOLERANCE.mjdSec : TOLERANCE.mjdAfter2038Sec);
const errorSec = (mjd: number, [day, fraction]: DayAndFraction): number => Math.abs(mjd - day - fraction) * 86400;

describe('time scales against ERFA', () => {
  it('has the same table of TAI - UTC, row by row', () => {
    const rows = truth.offsets.filter((_, i) => i % 2 === 0);
    expect(LEAP_SECONDS.map(({ mjdUtc, offsetSec }) => [mjdUtc, offsetSec])).toEqual(rows.map((r) => [r.mjd_utc, r.row_offset_sec]));
    for (const { mjd_utc, tai_minus_utc_sec } of truth.offsets) {
      expect(Math.abs(leapSecondsAt(mjd_utc) - tai_minus_utc_sec)).toBeLessThan(TOLERANCE.offsetSec);
    }
  });

  it('reads ISO text to the same quasi-MJD, leap seconds and steps before 1972 included', () => {
    for (const { iso, mjd_day, day_fraction } of truth.iso) {
      expect(errorSec(mjdOfIso(iso), [mjd_day, day_fraction]), iso).toBeLessThan(limitSec(mjd_day));
    }
  });

  it('writes back the text it read', () => {
    for (const { iso, mjd_day } of truth.iso) if (mjd_day > -100000 && mjd_day < 100000) expect(isoOfMjd(mjdOfIso(iso), 3)).toBe(iso);
  });

  it('converts UTC to TAI and TT within the rounding of one double', () => {
    for (const { mjd, tai_of_utc, tt_of_utc } of truth.scales) {
      const mjdTai = taiOfUtc(mjd);
      expect(errorSec(mjdTai, tai_of_utc), String(mjd)).toBeLessThan(limitSec(mjd));
      // one rounding more
      expect(errorSec(ttOfTai(mjdTai), tt_of_utc), String(mjd)).toBeLessThan(2 * limitSec(mjd));
      expect(Math.abs(taiOfTt(ttOfTai(mjdTai)) - mjdTai) * 86400).toBeLessThan(2 * limitSec(mjd));
    }
  });

  it('converts TAI to UTC within the rounding of one double, through leap seconds too', () => {
    let tested = 0;
    for (const { mjd, utc_of_tai } of truth.scales) {
      if (utc_of_tai === null) continue;
      tested++;
      expect(errorSec(utcOfTai(mjd), utc_of_tai), String(mjd)).toBeLessThan(limitSec(mjd));
    }
    expect(tested).toBeGreaterThan(420);
  });
});
