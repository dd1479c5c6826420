// Rows for the tests of the memory store: a patch of sky with objects seen night after night, all columns derived from
// the number of the row, so that anyone can check a row by itself.

import { DetectionColumns } from '../../../src/model/columns.ts';
import type { MemoryStoreOptions } from '../../../src/store/memory/memoryStore.ts';
import type { DetectionRow } from '../../support/detections.ts';

export const FIRST_NIGHT = 60_000;

export const OPTIONS: MemoryStoreOptions = {
  dataDir: null,
  durability: 'everysec',
  memoryLimitBytes: 64 * 2 ** 20,
  associationRadiusArcsec: 1,
};

/** Row `i`, an object of its own: a place of a golden lattice in 2 x 2 degrees around (10, 20), `perNight` rows a night. */
export function rowOf(i: number, perNight = 1000): DetectionRow {
  const night = Math.floor(i / perNight);
  return {
    sourceId: i + 1,
    raDeg: 9 + 2 * ((i * 0.618_033_988_7) % 1),
    decDeg: 19 + 2 * ((i * 0.754_877_666_2) % 1),
    mjdTai: FIRST_NIGHT + night + 0.3 + (i % perNight) * 1e-5,
    band: 'gri'[i % 3],
    exposureId: BigInt(Math.floor(i / 100)),
    detector: i % 7,
    magAb: 15 + (i % 50) / 10,
    diffFluxNjy: -i,
  };
}

export function rowsFrom(first: number, count: number, perNight = 1000): DetectionColumns {
  const columns = new DetectionColumns(count);
  const survey = columns.surveys.intern('ZTF');
  const bands = ['g', 'r', 'i'].map((band) => columns.bands.intern(band));
  for (let i = first; i < first + count; i++) {
    const row = rowOf(i, perNight);
    const at = columns.addRow();
    columns.survey[at] = survey;
    columns.sourceId[at] = BigInt(i + 1);
    columns.raDeg[at] = row.raDeg;
    columns.decDeg[at] = row.decDeg;
    columns.mjdTai[at] = row.mjdTai;
    columns.band[at] = bands[i % 3];
    columns.exposureId[at] = row.exposureId ?? 0n;
    columns.detector[at] = row.detector ?? 0;
    columns.magAb[at] = row.magAb ?? NaN;
    columns.diffFluxNjy[at] = row.diffFluxNjy ?? NaN;
  }
  return columns;
}
