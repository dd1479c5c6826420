import { describe, expect, it } from 'vitest';
import { appendRow } from '../../../src/contract/detectionRow.ts';
import { DetectionColumns } from '../../../src/model/columns.ts';
import type { RejectedRow } from '../../../src/store/store.ts';
import { recordOf } from '../../support/detections.ts';

const ROW = { survey: 'ZTF', source_id: '12', mjd_utc: 60_000, ra_deg: 10, dec_deg: 20 };

function append(row: Record<string, unknown>): { record: Record<string, unknown> | null; problem: string | null } {
  const columns = new DetectionColumns(1);
  const rejected: RejectedRow[] = [];
  const isIn = appendRow(columns, row, 7, rejected);
  expect(columns.length).toBe(isIn ? 1 : 0);
  if (!isIn) expect(rejected[0]).toMatchObject({ row: 7, code: 'invalid_argument' });
  return { record: isIn ? recordOf(columns, 0) : null, problem: rejected[0]?.message ?? null };
}

describe('appendRow', () => {
  it('takes a row with the least there can be: a detection of no band, at mid-exposure', () => {
    expect(append(ROW).record).toMatchObject({ survey: 'ZTF', source_id: '12', kind: 'detection', band: null, mag_ab: null, flags: 0n });
  });

  it('takes back what an answer gives, with both times and the separation', () => {
    const full = {
      ...ROW,
      kind: 'upper_limit',
      mag_limit_ab: 20.5,
      exposure_id: '-9223372036854775807',
      flags: '18446744073709551615',
      band: 'g',
    };
    const { record } = append(full);
    expect(append({ ...record, sep_arcsec: 0.5 }).record).toEqual(record);
  });

  it.each([
    ['text', '9223372036854775807', '9223372036854775807'],
    ['text with zeros in front', '00123', '00123'],
    ['a safe number', 2 ** 53 - 1, '9007199254740991'],
    ['a bigint', -(2n ** 63n), '-9223372036854775808'],
    ['words', '433.txt:1', '433.txt:1'],
  ])('keeps an id that is %s', (_what, given, kept) => {
    expect(append({ ...ROW, source_id: given }).record).toMatchObject({ source_id: kept });
  });

  it('converts UTC, TAI and TT, at the middle or the start of the exposure', () => {
    const { mjd_utc: _utc, ...rest } = ROW;
    const at = (time: Record<string, unknown>): number => append({ ...rest, ...time }).record?.['mjd_tai'] as number;
    const mid = 'mid_exposure';
    expect(at({ mjd_tai: 60_000 })).toBe(60_000);
    expect(at({ mjd_utc: 60_000 })).toBeCloseTo(60_000 + 37 / 86_400, 10);
    expect(at({ time_mjd: 60_000, time_scale: 'tt', time_reference: mid })).toBeCloseTo(60_000 - 32.184 / 86_400, 10);
    expect(at({ time_mjd: 60_000, time_scale: 'UTC', time_reference: 'start_exposure', exptime_s: 30 })).toBeCloseTo(
      60_000 + 52 / 86_400,
      10,
    );
  });

  it.each<[Record<string, unknown>, string]>([
    [{ source_id: 2 ** 53 }, 'source_id is 9007199254740992, beyond 2^53: give it as text'],
    [{ source_id: '' }, 'source_id is empty'],
    [{ source_id: null }, 'source_id is missing'],
    [{ source_id: true }, 'source_id is true, must be text or a whole number'],
    [{ mag: 18 }, '"mag" is no column of a detection'],
    [{ ra_deg: '150.1deg' }, 'ra_deg is "150.1deg", must be a number'],
    [{ mag_ab: '' }, 'mag_ab is "", must be a number'],
    [{ mag_ab: 1e300 }, 'mag_ab is 1e+300, beyond what a float32 holds'],
    [{ mag_ab: Infinity }, 'mag_ab is Infinity, must be a number'],
    [{ mag_ab: [18] }, 'mag_ab is a list, must be a number'],
    [{ survey: 3 }, 'survey is 3, must be text'],
    [{ detector: 2.5 }, 'detector is 2.5, must be an int32'],
    [{ exposure_id: '9223372036854775808' }, 'exposure_id is 9223372036854775808, must be an int64'],
    [{ flags: -1 }, 'flags is -1, must be a uint64'],
    [{ kind: 'star' }, 'kind is "star", must be one of detection, forced, upper_limit'],
    [{ mjd_utc: null }, 'mjd_tai is missing, and so are mjd_utc and time_mjd'],
    [{ mjd_tai: 60_000 }, 'mjd_utc is 60000, not the same moment as mjd_tai 60000'],
    [
      { time_mjd: 60_000, time_scale: 'utc', time_reference: 'mid_exposure' },
      'time_mjd is given beside mjd_tai or mjd_utc, must be one of them',
    ],
    [{ mjd_utc: null, time_mjd: 60_000 }, 'time_scale is missing, must be one of utc, tai, tt'],
    [{ mjd_utc: null, time_mjd: 60_000, time_scale: 'ut1' }, 'time_scale is "ut1", must be one of utc, tai, tt'],
    [
      { mjd_utc: null, time_mjd: 60_000, time_scale: 'utc', time_reference: 'start_exposure' },
      'exptime_s is missing, needed where the time is the start of the exposure',
    ],
  ])('refuses %j', (change, problem) => {
    expect(append({ ...ROW, ...change }).problem).toBe(problem);
  });
});
