// A made sky for the Redis benchmark: N / 20 objects, each seen in 20 of 60 nights with 0.1" scatter. Half
// of the objects uniform, the rest in a dense plane, clusters and both polar caps. Same seed, same rows.
// Fewer than 10 M rows fill a wedge of right ascension at the density that 10 M rows have on the whole
// sky: rows a block, a shard and a night stay what they are.

import { DetectionColumns } from '../../src/model/columns.ts';
import { DEG_PER_RAD } from '../../src/sky/angle.ts';
import { ipixOf } from '../../src/sky/healpix/nested.ts';

export const NIGHTS = 60;
const EPOCHS = 20;
const FULL_ROWS = 10_000_000;
const FIRST_MJD = 61_000;

export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface BenchSky {
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
}

export function makeSky(rows: number, seed: number): BenchSky {
  const random = randomOf(seed);
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const n = Math.max(1, Math.floor(rows / EPOCHS));
  const raDeg = new Float64Array(n);
  const decDeg = new Float64Array(n);
  const wedgeDeg = 360 * Math.min(1, rows / FULL_ROWS);
  const clusters = Array.from({ length: Math.ceil((200 * wedgeDeg) / 360) }, () => [
    wedgeDeg * random(),
    Math.asin(2 * random() - 1) * DEG_PER_RAD,
  ]);
  for (let i = 0; i < n; i++) {
    const kind = random();
    let ra = wedgeDeg * random();
    let dec = Math.asin(2 * random() - 1) * DEG_PER_RAD;
    if (kind > 0.95) {
      dec = (random() < 0.5 ? 1 : -1) * (90 - 3 * Math.sqrt(random()));
    } else if (kind > 0.85) {
      const [clusterRa, clusterDec] = clusters[Math.floor(random() * clusters.length)];
      dec = Math.max(-89.9, Math.min(89.9, clusterDec + 0.2 * gauss()));
      ra = clusterRa + (0.2 * gauss()) / Math.max(0.01, Math.cos(dec / DEG_PER_RAD));
    } else if (kind > 0.5) {
      dec = Math.max(-90, Math.min(90, 40 * Math.sin(ra / DEG_PER_RAD) + 5 * gauss()));
    }
    raDeg[i] = ((ra % 360) + 360) % 360;
    decDeg[i] = dec;
  }
  return { raDeg, decDeg };
}

/** All rows in batches: night by night, within a night field by field or in random order. */
export function* batchesOf(sky: BenchSky, batchRows: number, seed: number, isFieldOrder: boolean): Generator<DetectionColumns> {
  const random = randomOf(seed + 1);
  const n = sky.raDeg.length;
  const field = new Uint32Array(n);
  for (let i = 0; i < n; i++) field[i] = ipixOf(4, sky.raDeg[i], sky.decDeg[i]);
  const byField = Uint32Array.from({ length: n }, (_, i) => i);
  if (isFieldOrder) byField.sort((a, b) => field[a] - field[b] || a - b);
  else for (let i = n - 1; i > 0; i--) swap(byField, i, Math.floor(random() * (i + 1)));
  let batch = newBatch(batchRows);
  for (let night = 0; night < NIGHTS; night++) {
    // Surveys number detections as they measure them.
    let number = 0;
    for (let k = 0; k < n; k++) {
      const object = byField[k];
      if (object % (NIGHTS / EPOCHS) !== night % (NIGHTS / EPOCHS)) continue;
      const row = batch.addRow();
      const decDeg = Math.max(-90, Math.min(90, sky.decDeg[object] + (random() - 0.5) * 5e-5));
      const cosDec = Math.max(1e-6, Math.cos(decDeg / DEG_PER_RAD));
      batch.survey[row] = 1;
      batch.station[row] = 1;
      batch.band[row] = 1 + (night % 3);
      batch.sourceId[row] = 1_000_000_000_000n * BigInt(night + 1) + BigInt(number++);
      batch.exposureId[row] = BigInt(night) * 10_000n + BigInt(field[object]);
      batch.detector[row] = object % 189;
      batch.mjdTai[row] = FIRST_MJD + night + 0.2 + (0.3 * field[object]) / 3072;
      batch.raDeg[row] = (sky.raDeg[object] + ((random() - 0.5) * 5e-5) / cosDec + 360) % 360;
      batch.decDeg[row] = decDeg;
      batch.magAb[row] = 18 + 5 * random();
      batch.magErr[row] = 0.02 + 0.1 * random();
      batch.diffFluxNjy[row] = 1000 * (random() - 0.3);
      batch.diffFluxErrNjy[row] = 50 + 10 * random();
      batch.snr[row] = 5 + 20 * random();
      batch.reliability[row] = random();
      if (batch.length === batchRows) {
        yield batch;
        batch = newBatch(batchRows);
      }
    }
  }
  if (batch.length > 0) yield batch;
}

/** TAI bounds of the last night. */
export const LAST_NIGHT = { mjdMinTai: FIRST_MJD + NIGHTS - 1, mjdMaxTai: FIRST_MJD + NIGHTS };

function newBatch(rows: number): DetectionColumns {
  const batch = new DetectionColumns(rows);
  batch.surveys.intern('bench');
  batch.stations.intern('X05');
  for (const band of ['g', 'r', 'i']) batch.bands.intern(band);
  return batch;
}

function swap(array: Uint32Array, i: number, j: number): void {
  const held = array[i];
  array[i] = array[j];
  array[j] = held;
}
