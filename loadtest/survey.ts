// A made sky survey, the same for the same seed: objects all over the sky (a plane, clusters, the poles), each
// seen `epochs` times over 60 nights with 0.1" scatter. In field order the rows of one exposure come together,
// as a telescope gives them; in random order no row is near the one before it.

import { DetectionColumns } from '../src/model/columns.ts';
import { RAD_PER_DEG } from '../src/sky/angle.ts';
import { ipixOf } from '../src/sky/healpix/nested.ts';

export interface SurveyOptions {
  readonly seed: number;
  readonly objects: number;
  readonly epochs: number;
  readonly order: 'field' | 'random';
  readonly batchRows: number;
}

export interface Sky {
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
}

const NIGHTS = 60;
const FIRST_NIGHT_MJD = 60_000;
const SCATTER_DEG = 0.1 / 3600;
/** A field is a HEALPix pixel of this order, about 3.4 square degrees. */
const FIELD_ORDER = 5;
/** Between exposures of a night. */
const CADENCE_DAYS = 30 / 86_400;
const BANDS = ['u', 'g', 'r', 'i', 'z', 'y'] as const;

/** mulberry32: uniform in [0, 1). */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function normalOf(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** 62 % everywhere, 25 % in a plane 5 deg thick, 10 % in 200 clusters of 0.5 deg, 3 % within a degree of the poles. */
export function skyOf(seed: number, objects: number): Sky {
  const random = randomOf(seed);
  const normal = normalOf(random);
  const clusters = Array.from({ length: 200 }, () => ({ raDeg: 360 * random(), decDeg: decOf(2 * random() - 1) }));
  const raDeg = new Float64Array(objects);
  const decDeg = new Float64Array(objects);
  for (let i = 0; i < objects; i++) {
    const where = random();
    let ra = 360 * random();
    let dec: number;
    if (where < 0.62) {
      dec = decOf(2 * random() - 1);
    } else if (where < 0.87) {
      // a great circle tilted by 60 deg
      dec = Math.asin(Math.sin(60 * RAD_PER_DEG) * Math.sin(ra * RAD_PER_DEG)) / RAD_PER_DEG + 2.5 * normal();
    } else if (where < 0.97) {
      const cluster = clusters[Math.floor(random() * clusters.length)];
      dec = cluster.decDeg + 0.25 * normal();
      ra = cluster.raDeg + (0.25 * normal()) / Math.max(0.01, Math.cos(dec * RAD_PER_DEG));
    } else {
      dec = (random() < 0.5 ? -1 : 1) * (90 - Math.sqrt(random()));
    }
    raDeg[i] = ((ra % 360) + 360) % 360;
    decDeg[i] = Math.max(-90, Math.min(90, dec));
  }
  return { raDeg, decDeg };
}

const decOf = (z: number): number => Math.asin(z) / RAD_PER_DEG;

/** All detections in batches. The columns are the caller's until the next batch is asked for. */
export function* surveyBatches(options: SurveyOptions): Generator<DetectionColumns> {
  const { seed, objects, epochs, order, batchRows } = options;
  const sky = skyOf(seed, objects);
  const random = randomOf(seed ^ 0x5eed);
  const normal = normalOf(random);
  const fieldOf = Float64Array.from(sky.raDeg, (ra, i) => ipixOf(FIELD_ORDER, ra, sky.decDeg[i]));
  const sequence = Uint32Array.from({ length: objects }, (_, i) => i);
  if (order === 'field') sequence.sort((a, b) => fieldOf[a] - fieldOf[b]);
  const batch = new DetectionColumns(batchRows);
  // surveys of different seeds have no id in common
  const firstId = (BigInt(seed) << 36n) + 1n;
  for (let epoch = 0; epoch < epochs; epoch++) {
    if (order === 'random') shuffle(sequence, random);
    const nightMjd = FIRST_NIGHT_MJD + Math.floor((epoch * NIGHTS) / epochs) + 0.1;
    let exposures = -1;
    let lastField = NaN;
    for (let k = 0; k < objects; k++) {
      const object = sequence[k];
      if (order === 'random' || fieldOf[object] !== lastField) {
        lastField = fieldOf[object];
        exposures++;
      }
      const mjdTai = nightMjd + (order === 'random' ? 0.8 * random() : (exposures * CADENCE_DAYS) % 0.8);
      addDetection(
        batch,
        { sky, object, mjdTai, epoch, sourceId: firstId + BigInt(epoch) * BigInt(objects) + BigInt(object) },
        random,
        normal,
      );
      if (batch.length === batchRows) {
        yield batch;
        batch.length = 0;
      }
    }
  }
  if (batch.length > 0) yield batch;
}

interface Seen {
  readonly sky: Sky;
  readonly object: number;
  readonly mjdTai: number;
  readonly epoch: number;
  readonly sourceId: bigint;
}

function addDetection(batch: DetectionColumns, seen: Seen, random: () => number, normal: () => number): void {
  const i = batch.addRow();
  const dec = Math.max(-90, Math.min(90, seen.sky.decDeg[seen.object] + SCATTER_DEG * normal()));
  const ra = seen.sky.raDeg[seen.object] + (SCATTER_DEG * normal()) / Math.max(1e-3, Math.cos(dec * RAD_PER_DEG));
  batch.survey[i] = batch.surveys.intern('LSST');
  batch.station[i] = batch.stations.intern('X05');
  batch.band[i] = batch.bands.intern(BANDS[seen.epoch % BANDS.length]);
  batch.sourceId[i] = seen.sourceId;
  batch.exposureId[i] = BigInt(Math.floor(seen.mjdTai * 2880));
  batch.detector[i] = Math.floor(189 * random());
  batch.mjdTai[i] = seen.mjdTai;
  batch.raDeg[i] = ((ra % 360) + 360) % 360;
  batch.decDeg[i] = dec;
  batch.exptimeS[i] = 30;
  batch.raErrArcsec[i] = 0.1;
  batch.decErrArcsec[i] = 0.1;
  const magAb = 16 + 8 * random();
  batch.magAb[i] = magAb;
  batch.magErr[i] = 0.05;
  batch.magLimitAb[i] = 24.5;
  batch.diffFluxNjy[i] = 10 ** (0.4 * (31.4 - magAb));
  batch.diffFluxErrNjy[i] = 100;
  batch.snr[i] = 10 + 90 * random();
  batch.reliability[i] = random();
}

function shuffle(values: Uint32Array, random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
}
