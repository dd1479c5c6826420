import { describe, expect, it } from 'vitest';
import { DetectionColumns } from '../../../src/model/columns.ts';
import {
  ByteSink,
  aliasAt,
  finishRow,
  floatColumnsOf,
  idTextAt,
  isSameContent,
  objectRefAt,
  packContent,
  packedOf,
  rowLengthAt,
  unpackRow,
} from '../../../src/store/packedRow.ts';
import { columnsOf, recordOf, type DetectionRow } from '../../support/detections.ts';

const FULL: DetectionRow = {
  sourceId: -9007199254740993n,
  raDeg: 359.99999999999994,
  decDeg: -90,
  mjdTai: 60_000.123456789,
  survey: 'LSST',
  kind: 'forced',
  band: 'r',
  station: 'X05',
  objectId: '170032',
  exposureId: 5n,
  detector: -3,
  flags: 2n ** 64n - 1n,
  exptimeS: 30,
  raErrArcsec: 0.1,
  decErrArcsec: 0.2,
  diffFluxNjy: -12.5,
  diffFluxErrNjy: 3,
  sciFluxNjy: 100,
  sciFluxErrNjy: 4,
  magAb: 22.25,
  magErr: 0.05,
  magLimitAb: 24,
  snr: 5.5,
  reliability: 0.9,
  trailLenArcsec: 1,
  trailPaDeg: 270,
};
const SPARSE: DetectionRow = { sourceId: '433.txt:1 \u00e9\u2609', raDeg: 0, decDeg: 0, mjdTai: 60_000, objectId: '\u2609 name' };

/** Packs the rows with the batch's own numbers and reads them back. */
function packed(columns: DetectionColumns): { bytes: ReturnType<typeof packedOf>; starts: number[] } {
  const identity = (names: readonly string[]): Uint16Array => Uint16Array.from(names, (_, i) => i);
  const names = {
    surveys: identity(columns.surveys.names),
    stations: identity(columns.stations.names),
    bands: identity(columns.bands.names),
  };
  const sink = new ByteSink(16);
  const starts: number[] = [];
  for (let row = 0; row < columns.length; row++) {
    starts.push(packContent(sink, columns, row, names, floatColumnsOf(columns)));
    finishRow(sink, starts[row], row % 2 === 0 ? null : { survey: 1, id: 7n, idText: null });
  }
  return { bytes: packedOf(sink.copyOut()), starts };
}

describe('packed row', () => {
  it('comes back with every column as it went in', () => {
    const columns = columnsOf([FULL, SPARSE, FULL]);
    const { bytes, starts } = packed(columns);
    const out = new DetectionColumns(3, columns);
    for (const start of starts) unpackRow(bytes, start, out, floatColumnsOf(out));
    for (let row = 0; row < 3; row++) expect(recordOf(out, row)).toEqual(recordOf(columns, row));
  });

  it('takes only the bytes of the columns that it has', () => {
    const { bytes, starts } = packed(columnsOf([{ sourceId: 1, raDeg: 0, decDeg: 0, mjdTai: 60_000 }]));
    expect(rowLengthAt(bytes.view, starts[0])).toBe(43);
  });

  it('names the object that it joined, or itself', () => {
    const columns = columnsOf([SPARSE, SPARSE]);
    const { bytes, starts } = packed(columns);
    expect(starts.map((start) => objectRefAt(bytes, start))).toEqual([
      { survey: 1, id: 0n, idText: SPARSE.sourceId },
      { survey: 1, id: 7n, idText: null },
    ]);
  });

  it('has the same content whatever object it joined, and another with any other value', () => {
    const columns = columnsOf([FULL, FULL, { ...FULL, flags: 1n }]);
    const { bytes, starts } = packed(columns);
    expect([isSameContent(bytes, starts[0], bytes, starts[1]), isSameContent(bytes, starts[0], bytes, starts[2])]).toEqual([true, false]);
  });

  it('keeps a number and a text of the same bytes apart', () => {
    const columns = columnsOf([
      { sourceId: 0x0006_0000_0000_0000n, raDeg: 0, decDeg: 0, mjdTai: 60_000 },
      { sourceId: '\0\0\0\0\0\0', raDeg: 0, decDeg: 0, mjdTai: 60_000 },
    ]);
    const { bytes, starts } = packed(columns);
    expect(idTextAt(bytes, starts[0])).not.toBe(idTextAt(bytes, starts[1]));
  });

  it("tells the survey's own object id apart from the joined object", () => {
    const columns = columnsOf([FULL, { ...FULL, objectId: undefined as unknown as string }]);
    const { bytes, starts } = packed(columns);
    expect(starts.map((start) => aliasAt(bytes, start))).toEqual(['170032', null]);
  });
});
