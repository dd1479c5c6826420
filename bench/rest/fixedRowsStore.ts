// A store whose every cone is the same rows, gathered at once: what is left to measure is the REST face.

import { appendAll } from '../../query/collect.ts';
import { DetectionColumns, FLOAT32_COLUMNS } from '../../src/model/columns.ts';
import type { DetectionStore } from '../../src/store/store.ts';

export type Filled = 'all' | 'survey';

/** Rows with every column filled, or those that a survey's alerts usually have. Seeded. */
export function randomRows(count: number, filled: Filled): DetectionColumns {
  const random = seeded(20_261_125);
  const columns = new DetectionColumns(count);
  for (let n = 0; n < count; n++) {
    const i = columns.addRow();
    columns.survey[i] = columns.surveys.intern('ZTF');
    columns.station[i] = columns.stations.intern('I41');
    columns.band[i] = columns.bands.intern(['g', 'r', 'i'][n % 3]);
    columns.sourceId[i] = 1_500_000_000_000_000_000n + BigInt(Math.floor(random() * 1e15));
    columns.objectId[i] = 'ZTF18abcdefg';
    columns.mjdTai[i] = 60_000 + n * 3 + random();
    columns.raDeg[i] = 150 + random() * 1e-4;
    columns.decDeg[i] = 2 + random() * 1e-4;
    columns.sepArcsec[i] = random() * 2;
    if (filled === 'all') {
      columns.exposureId[i] = BigInt(Math.floor(random() * 1e12));
      columns.detector[i] = n;
      columns.flags[i] = BigInt(n);
      for (const name of FLOAT32_COLUMNS) columns[name][i] = random() * 30;
    } else {
      columns.magAb[i] = Math.round(18_000 + 1000 * random()) / 1000;
      columns.magErr[i] = Math.round(100 * random()) / 1000;
      columns.magLimitAb[i] = Math.round(20_500 + 100 * random()) / 1000;
      columns.reliability[i] = random();
      columns.exptimeS[i] = 30;
    }
  }
  return columns;
}

export function fixedRowsStore(rows: DetectionColumns): DetectionStore {
  const refuse = (): never => {
    throw new Error('the bench asks for cones only');
  };
  return {
    immediate: {
      coneNow: (_cone, _query, out) => {
        out.length = 0;
        out.surveys = rows.surveys;
        out.stations = rows.stations;
        out.bands = rows.bands;
        appendAll(out, rows);
        return true;
      },
      nearestNow: refuse,
      lightCurveNow: refuse,
      detectionNow: refuse,
    },
    cone: refuse,
    region: refuse,
    nearest: refuse,
    lightCurve: refuse,
    night: refuse,
    detection: refuse,
    objects: refuse,
    summary: refuse,
    put: refuse,
    evictBefore: refuse,
    close: async () => Promise.resolve(),
  };
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
