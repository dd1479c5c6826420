import { describe, expect, it } from 'vitest';
import { countText, DETECTION_TABLE, pairsText, tableText } from '../../../src/cli/table.ts';
import { localAddress } from '../../../src/cli/localUrl.ts';

const row = { mjd_utc: 60_000.5, survey: 'ZTF', source_id: '9007199254740993', ra_deg: 1.5, dec_deg: -2, mag_ab: null, kind: 'detection' };

describe('a table for people', () => {
  it('aligns numbers to the right, leaves out empty columns and keeps ids as they are', () => {
    expect(tableText(DETECTION_TABLE, [row, { ...row, ra_deg: 100.25 }])).toBe(
      [
        '  time (UTC)           survey  source_id             ra_deg    dec_deg  kind',
        '  -------------------  ------  ----------------  ----------  ---------  ---------',
        '  2023-02-25 12:00:00  ZTF     9007199254740993    1.500000  -2.000000  detection',
        '  2023-02-25 12:00:00  ZTF     9007199254740993  100.250000  -2.000000  detection',
        '',
      ].join('\n'),
    );
  });

  it('leaves out the middle of a long answer and says how much', () => {
    const text = tableText(
      DETECTION_TABLE,
      Array.from({ length: 100 }, () => row),
      12,
    );
    expect(text.split('\n')).toHaveLength(2 + 12 + 1 + 1);
    expect(text).toContain('... 88 rows between ...');
  });

  it('says so when there is nothing', () => {
    expect(tableText(DETECTION_TABLE, [])).toBe('  no rows\n');
  });

  it('lines up names and values, and groups digits', () => {
    expect(
      pairsText([
        ['a', '1'],
        ['long', '2'],
      ]),
    ).toBe('  a     1\n  long  2\n');
    expect(countText(1_234_567)).toBe('1,234,567');
  });
});

describe('the address of the local service', () => {
  it('is the loopback where the service listens everywhere, and brackets IPv6', () => {
    expect(localAddress('0.0.0.0', 1)).toBe('127.0.0.1:1');
    expect(localAddress('::1', 2)).toBe('[::1]:2');
    expect(localAddress('nightjar.example', 3)).toBe('nightjar.example:3');
  });
});
