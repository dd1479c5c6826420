// A made sky survey, the same for the same seed: N / 20 objects seen 20 times each in 60 nights by a camera of 64
// detectors (at 10 million; fewer for fewer rows, so that a detector has about 10 in an exposure), 768 fields, 0.1 arcsec of scatter. Of the objects 55 in 100 are spread evenly, 25 lie in a dense plane, 15
// in clusters, 5 at the poles. Rows come in field order (exposure by exposure, detector by detector).

import { DetectionColumns } from '../src/model/columns.ts';
import { ipixOf } from '../src/sky/healpix/nested.ts';
import { DEG_PER_RAD } from '../src/sky/angle.ts';

export const NIGHTS = 60;
export const FIRST_NIGHT = 60_000;
const EPOCHS = 20;
const FIELD_ORDER = 3;
const FIELDS = 768;
const MAX_DETECTORS = 64;
const EXPOSURE_DAYS = 40 / 86_400;
const SCATTER_DEG = 0.1 / 3600;
const CLUSTERS = 200;

/** Mulberry32: uniform in [0, 1). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Objects {
  readonly count: number;
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
  /** First object of each field; the objects of a field are neighbours. */
  readonly fieldStart: Uint32Array;
}

export function makeObjects(count: number, seed: number): Objects {
  const random = randomOf(seed);
  const raDeg = new Float64Array(count);
  const decDeg = new Float64Array(count);
  const clusters = Array.from({ length: CLUSTERS }, () => ({
    raDeg: 360 * random(),
    decDeg: Math.asin(1.8 * random() - 0.9) * DEG_PER_RAD,
  }));
  for (let i = 0; i < count; i++) {
    const kind = random();
    let ra = 360 * random();
    let dec = Math.asin(2 * random() - 1) * DEG_PER_RAD;
    if (kind < 0.25) dec = 62.6 * Math.sin((ra / 360) * 2 * Math.PI) + 6 * (random() + random() + random() - 1.5);
    else if (kind < 0.4) {
      const cluster = clusters[Math.floor(random() * CLUSTERS)];
      dec = cluster.decDeg + 0.3 * (random() + random() - 1);
      ra = cluster.raDeg + (0.3 * (random() + random() - 1)) / Math.cos((dec * Math.PI) / 180);
    } else if (kind < 0.45) dec = (random() < 0.5 ? -1 : 1) * (90 - 2 * Math.sqrt(random()));
    raDeg[i] = ((ra % 360) + 360) % 360;
    decDeg[i] = Math.max(-90, Math.min(90, dec));
  }
  return sortedByPlace(raDeg, decDeg);
}

function sortedByPlace(raDeg: Float64Array, decDeg: Float64Array): Objects {
  const count = raDeg.length;
  const pixels = new Float64Array(count);
  for (let i = 0; i < count; i++) pixels[i] = ipixOf(10, raDeg[i], decDeg[i]) * 2 ** 26 + i;
  pixels.sort();
  const ra = new Float64Array(count);
  const dec = new Float64Array(count);
  const fieldStart = new Uint32Array(FIELDS + 1).fill(count);
  for (let i = count - 1; i >= 0; i--) {
    const from = pixels[i] % 2 ** 26;
    ra[i] = raDeg[from];
    dec[i] = decDeg[from];
    fieldStart[Math.floor(pixels[i] / 2 ** 26 / 4 ** (10 - FIELD_ORDER))] = i;
  }
  for (let field = FIELDS - 1; field >= 0; field--) fieldStart[field] = Math.min(fieldStart[field], fieldStart[field + 1]);
  return { count, raDeg: ra, decDeg: dec, fieldStart };
}

export function rowCount(objects: Objects): number {
  return objects.count * EPOCHS;
}

/** Calls `take` with batches of rows in field order; the columns are used again. All columns of a typical alert are set. */
export async function eachBatch(
  objects: Objects,
  batchRows: number,
  seed: number,
  take: (batch: DetectionColumns) => Promise<void> | void,
): Promise<void> {
  const rows = new RowMaker(seed, batchRows);
  const detectors = Math.max(1, Math.min(MAX_DETECTORS, Math.round((MAX_DETECTORS * objects.count) / 500_000)));
  for (let night = 0; night < NIGHTS; night++) {
    for (let field = night % 3; field < FIELDS; field += 3) {
      const from = objects.fieldStart[field];
      const to = objects.fieldStart[field + 1];
      for (let object = from; object < to; object++) {
        const detector = Math.floor(((object - from) * detectors) / (to - from));
        rows.add(objects, object, night, field, detector);
        if (rows.columns.length === batchRows) {
          await take(rows.columns);
          rows.columns.length = 0;
        }
      }
    }
  }
  if (rows.columns.length > 0) await take(rows.columns);
}

class RowMaker {
  readonly columns: DetectionColumns;
  readonly #random: () => number;
  readonly #idWords: Uint32Array;
  readonly #exposureWords: Uint32Array;
  readonly #objectIds: string[] = [];
  readonly #survey: number;
  readonly #station: number;
  readonly #bands: number[];
  #made = 0;

  constructor(seed: number, capacity: number) {
    this.columns = new DetectionColumns(capacity);
    this.#random = randomOf(seed);
    this.#idWords = new Uint32Array(this.columns.sourceId.buffer);
    this.#exposureWords = new Uint32Array(this.columns.exposureId.buffer);
    this.#survey = this.columns.surveys.intern('ztf');
    this.#station = this.columns.stations.intern('I41');
    this.#bands = ['g', 'r', 'i'].map((band) => this.columns.bands.intern(band));
    const { columns } = this;
    for (let i = 0; i < capacity; i++) columns.addRow();
    columns.length = 0;
  }

  add(objects: Objects, object: number, night: number, field: number, detector: number): void {
    const { columns } = this;
    const random = this.#random;
    const i = columns.length++;
    const decDeg = objects.decDeg[object] + SCATTER_DEG * (random() + random() + random() - 1.5);
    const cosDec = Math.max(0.01, Math.cos((objects.decDeg[object] * Math.PI) / 180));
    const raDeg = objects.raDeg[object] + (SCATTER_DEG * (random() + random() + random() - 1.5)) / cosDec;
    columns.survey[i] = this.#survey;
    columns.station[i] = this.#station;
    columns.band[i] = this.#bands[(night + field) % 3];
    columns.kind[i] = 1;
    // as ZTF makes them: exposure and number, 64 bits
    this.#idWords[2 * i] = Math.imul(this.#made++, 0x9e37_79b1) >>> 0;
    this.#idWords[2 * i + 1] = 1000 * night + field + 1;
    columns.objectId[i] = this.#objectIds[object] ??= `ZTF26${object.toString(36).padStart(7, 'a')}`;
    this.#exposureWords[2 * i] = 1000 * night + field;
    this.#exposureWords[2 * i + 1] = 0;
    columns.detector[i] = detector;
    columns.mjdTai[i] = FIRST_NIGHT + night + 0.2 + field * EXPOSURE_DAYS;
    columns.raDeg[i] = ((raDeg % 360) + 360) % 360;
    columns.decDeg[i] = Math.max(-90, Math.min(90, decDeg));
    columns.exptimeS[i] = 30;
    columns.diffFluxNjy[i] = 1000 * random();
    columns.diffFluxErrNjy[i] = 100 * random();
    columns.magAb[i] = 15 + 6 * random();
    columns.magErr[i] = 0.3 * random();
    columns.magLimitAb[i] = 20 + detector / 100;
    columns.snr[i] = 50 * random();
    columns.reliability[i] = random();
  }
}
