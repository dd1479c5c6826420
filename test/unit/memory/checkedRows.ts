// Rows whose every column follows from their number: a reader can tell a torn row from a whole one.

import type { DetectionColumns } from '../../../src/model/columns.ts';
import { columnsOf } from '../../support/detections.ts';
import { FIRST_NIGHT } from './madeRows.ts';

export interface ReaderReport {
  queries: number;
  rows: number;
  torn: number;
  missing: number;
  outside: number;
  twice: number;
}

/** Row `i` lies in a patch of half a degree: dense enough that leaves split all the time. */
export const raDegOf = (i: number): number => 10 + 0.5 * ((i * 0.618_033_988_7) % 1);
export const decDegOf = (i: number): number => 20 + 0.5 * ((i * 0.754_877_666_2) % 1);

export function checkedRows(first: number, count: number, nightRows: number): DetectionColumns {
  return columnsOf(
    Array.from({ length: count }, (_, offset) => {
      const i = first + offset;
      return {
        sourceId: i + 1,
        raDeg: raDegOf(i),
        decDeg: decDegOf(i),
        mjdTai: FIRST_NIGHT + Math.floor(i / nightRows) + 0.1 + (i % nightRows) * 1e-6,
        station: '500',
        band: 'gri'[i % 3],
        objectId: `object ${String(i % 97)}`,
        exposureId: BigInt(Math.floor(i / 50)),
        magAb: Math.fround(i / 7),
        snr: Math.fround(i / 3),
        trailPaDeg: i % 2 === 0 ? Math.fround(i / 11) : NaN,
      };
    }),
  );
}

export function isWhole(columns: DetectionColumns, row: number): boolean {
  const i = Number(columns.sourceId[row]) - 1;
  return (
    columns.raDeg[row] === raDegOf(i) &&
    columns.decDeg[row] === decDegOf(i) &&
    columns.bands.names[columns.band[row]] === 'gri'[i % 3] &&
    columns.objectId[row] === `object ${String(i % 97)}` &&
    columns.exposureId[row] === BigInt(Math.floor(i / 50)) &&
    columns.magAb[row] === Math.fround(i / 7) &&
    columns.snr[row] === Math.fround(i / 3) &&
    Object.is(columns.trailPaDeg[row], i % 2 === 0 ? Math.fround(i / 11) : NaN)
  );
}
