import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBatch } from '../../../src/model/checkBatch.ts';
import type { DetectionColumns } from '../../../src/model/columns.ts';
import { columnsOf, idsOf, recordOf, type DetectionRow } from '../../support/detections.ts';

const good: DetectionRow = { sourceId: 1, raDeg: 10, decDeg: 20, mjdTai: 60_000 };

/** The message of the only row, '' when it passes. */
function messageOf(change: Partial<DetectionRow> | ((columns: DetectionColumns) => void)): string {
  const columns = columnsOf([typeof change === 'function' ? good : { ...good, ...change }]);
  if (typeof change === 'function') change(columns);
  return checkBatch(columns).rejected[0]?.message ?? '';
}

describe('checkBatch', () => {
  const faults: readonly (readonly [string, Partial<DetectionRow> | ((columns: DetectionColumns) => void)])[] = [
    ['ra_deg is 361, must be from 0 to 360', { raDeg: 361 }],
    ['ra_deg is -0.001, must be from 0 to 360', { raDeg: -0.001 }],
    ['ra_deg is missing', { raDeg: NaN }],
    ['dec_deg is 90.00000000000001, must be from -90 to 90', { decDeg: 90.00000000000001 }],
    ['dec_deg is -Infinity, must be from -90 to 90', { decDeg: -Infinity }],
    ['mjd_tai is 9999.999, must be from 10000 to 100000', { mjdTai: 9999.999 }],
    ['mjd_tai is 1000000000, must be from 10000 to 100000', { mjdTai: 1e9 }],
    ['dec_deg is missing', { decDeg: NaN }],
    ['mjd_tai is missing', { mjdTai: NaN }],
    ['survey is missing', { survey: '' }],
    ['survey is "a:b", must be without a colon', { survey: 'a:b' }],
    ['survey has 65 characters, must have at most 64', { survey: 'x'.repeat(65) }],
    ['station has 65 characters, must have at most 64', { station: 'x'.repeat(65) }],
    ['band has 17 characters, must have at most 16', { band: 'x'.repeat(17) }],
    ['source_id is missing', { sourceId: '' }],
    ['source_id has 257 characters, must have at most 256', { sourceId: 'x'.repeat(257) }],
    ['source_id has half of a surrogate pair, must be well-formed text', { sourceId: 'x\ud800' }],
    ['object_id has 257 characters, must have at most 256', { objectId: 'x'.repeat(257) }],
    ['object_id has half of a surrogate pair, must be well-formed text', { objectId: '\udc00' }],
    ['exptime_s is -1, must be from 0 to 86400', { exptimeS: -1 }],
    ['ra_err_arcsec is 3601, must be from 0 to 3600', { raErrArcsec: 3601 }],
    ['diff_flux_njy is Infinity, must be finite', { diffFluxNjy: Infinity }],
    ['diff_flux_err_njy is -1, must be at least 0 and finite', { diffFluxErrNjy: -1 }],
    ['sci_flux_err_njy is Infinity, must be at least 0 and finite', { sciFluxErrNjy: Infinity }],
    ['mag_ab is -999, must be from -40 to 60', { magAb: -999 }],
    ['mag_err is -9, must be from 0 to 100', { magErr: -9 }],
    ['snr is -Infinity, must be finite', { snr: -Infinity }],
    ['reliability is 1.5, must be from 0 to 1', { reliability: 1.5 }],
    ['trail_pa_deg is 361, must be from -360 to 360', { trailPaDeg: 361 }],
    ['kind is 0, must be from 1 to 3 (detection, forced, upper_limit)', (columns) => (columns.kind[0] = 0)],
    ['kind is 4, must be from 1 to 3 (detection, forced, upper_limit)', (columns) => (columns.kind[0] = 4)],
    ['survey_index is 9, must be below 2', (columns) => (columns.survey[0] = 9)],
    ['band_index is 3, must be below 1', (columns) => (columns.band[0] = 3)],
  ];
  for (const [message, change] of faults) {
    it(`rejects a row with the message: ${message}`, () => {
      expect(messageOf(change)).toBe(message);
    });
  }

  const limits: readonly Partial<DetectionRow>[] = [
    { raDeg: 0 },
    { raDeg: 360 },
    { decDeg: 90 },
    { decDeg: -90 },
    { mjdTai: 10_000 },
    { mjdTai: 100_000 },
    { magAb: -40 },
    { magAb: 60 },
    { reliability: 1 },
    { trailPaDeg: -360 },
    { sourceId: 'x'.repeat(256) },
    { survey: 'x'.repeat(64) },
    { band: 'x'.repeat(16) },
    { station: '' },
    { sciFluxNjy: 3.4028234663852886e38 },
    { snr: -1e30 },
  ];
  for (const limit of limits) {
    it(`takes a value at its limit: ${JSON.stringify(limit).slice(0, 60)}`, () => {
      expect(messageOf(limit)).toBe('');
    });
  }

  it('gives the batch itself when every row passes', () => {
    const batch = columnsOf([good, { ...good, sourceId: 2 }]);
    expect(checkBatch(batch).good).toBe(batch);
  });

  it('numbers the rows from 0 when every row passes', () => {
    expect([...checkBatch(columnsOf([good, good, good])).rows]).toEqual([0, 1, 2]);
  });

  it('says which rows of the batch the good ones were', () => {
    const batch = columnsOf([good, { ...good, raDeg: 400 }, { ...good, sourceId: 3 }, { ...good, decDeg: NaN }, { ...good, sourceId: 5 }]);
    const { good: passed, rows, rejected } = checkBatch(batch);
    expect([idsOf(passed), [...rows], rejected.map(({ row }) => row)]).toEqual([
      ['1', '3', '5'],
      [0, 2, 4],
      [1, 3],
    ]);
  });

  it('gives every rejected row the code invalid_argument', () => {
    expect(checkBatch(columnsOf([{ ...good, raDeg: 400 }])).rejected[0].code).toBe('invalid_argument');
  });

  it('takes an empty batch', () => {
    expect(checkBatch(columnsOf([])).rejected).toEqual([]);
  });

  for (const [name, rows] of [
    ['alone', [{ ...good, raDeg: 360 }]],
    [
      'beside a bad row',
      [
        { ...good, raDeg: 360 },
        { ...good, raDeg: 361 },
      ],
    ],
  ] as const) {
    it(`makes RA 360 RA 0, ${name}`, () => {
      expect(checkBatch(columnsOf(rows)).good.raDeg[0]).toBe(0);
    });
  }

  it('makes -0 the same as 0 in every column', () => {
    const { good: passed } = checkBatch(columnsOf([{ ...good, raDeg: -0, decDeg: -0, diffFluxNjy: -0, snr: -0 }]));
    expect([passed.raDeg[0], passed.decDeg[0], passed.diffFluxNjy[0], passed.snr[0]]).toEqual([0, 0, 0, 0]);
  });

  it('gives every null the same bits', () => {
    const batch = columnsOf([good]);
    new Uint32Array(batch.magAb.buffer)[0] = 0xffc12345;
    expect(new Uint32Array(checkBatch(batch).good.magAb.buffer)[0]).toBe(0x7fc00000);
  });

  it('makes a number that came as text the number', () => {
    const batch = columnsOf([good]);
    batch.sourceIdText[0] = '-9223372036854775808';
    const { good: passed } = checkBatch(batch);
    expect([passed.sourceId[0], passed.sourceIdText[0]]).toEqual([-(2n ** 63n), null]);
  });

  it('leaves text that is no canonical number text', () => {
    const batch = columnsOf([good]);
    batch.sourceIdText[0] = '00123';
    expect(checkBatch(batch).good.sourceIdText[0]).toBe('00123');
  });

  it('makes an empty object id null', () => {
    expect(checkBatch(columnsOf([{ ...good, objectId: '' }])).good.objectId[0]).toBeNull();
  });

  it('finds a bad name that came into the dictionary after an earlier batch passed', () => {
    const batch = columnsOf([good]);
    checkBatch(batch);
    batch.survey[0] = batch.surveys.intern('a:b');
    expect(checkBatch(batch).rejected.length).toBe(1);
  });

  it('does not mind a bad name that no row uses', () => {
    const batch = columnsOf([good]);
    batch.bands.intern('x'.repeat(17));
    batch.bands.intern('g');
    batch.band[0] = 2;
    expect(checkBatch(batch).rejected).toEqual([]);
  });

  const anyNumber = fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, Infinity, 60, 360, -40));
  const anyRow = fc.record({
    sourceId: fc.constantFrom('1', 'a', '', '00'),
    survey: fc.constantFrom('ZTF', '', 'a:b', 'LSST'),
    raDeg: fc.oneof(fc.double({ min: -1, max: 361, noNaN: true }), anyNumber),
    decDeg: fc.oneof(fc.double({ min: -91, max: 91, noNaN: true }), anyNumber),
    mjdTai: fc.constantFrom(60_000, 60_001, 5),
    magAb: anyNumber,
    reliability: fc.constantFrom(0.5, NaN, 2),
  });

  it('judges every row of a batch as it judges the row alone', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 30 }), (rows) => {
        const alone = rows.map((row) => checkBatch(columnsOf([row])));
        const together = checkBatch(columnsOf(rows));
        const messages = rows.map((_, i) => together.rejected.find(({ row }) => row === i)?.message);
        expect(messages).toEqual(alone.map(({ rejected }) => rejected[0]?.message));
        const passed = alone.filter(({ rejected }) => rejected.length === 0).map((one) => recordOf(one.good, 0));
        expect(Array.from({ length: together.good.length }, (_, i) => recordOf(together.good, i))).toEqual(passed);
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});
