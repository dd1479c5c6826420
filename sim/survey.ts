// A made sky survey, the same for the same seed, for the benches and the load drivers. 55 of 100 objects are spread evenly, 25 lie in
// a dense plane, 15 in clusters, 5 at the poles. A camera of up to 64 detectors visits 768 fields; an object is seen
// once in each of `epochs` of 60 nights, with 0.1 arcsec of scatter, and its rows have the columns of a typical alert.

import { DetectionColumns } from '../src/model/columns.ts';
import { DEG_PER_RAD, RAD_PER_DEG } from '../src/sky/angle.ts';
import { ipixOf } from '../src/sky/healpix/nested.ts';

export const NIGHTS = 60;
export const FIRST_NIGHT_MJD = 60_000;
/** Epochs unless said otherwise. */
export const EPOCHS = 20;
const FIELD_ORDER = 3;
const FIELDS = 768;
const MAX_DETECTORS = 64;
const DETECTIONS_A_DETECTOR = 10;
const EXPOSURE_DAYS = 40 / 86_400;
const SCATTER_DEG = 0.1 / 3600;
const CLUSTERS = 200;
const BANDS = ['g', 'r', 'i'] as const;

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

export interface Sky {
  readonly objects: number;
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
  /** First object of each field; the objects of a field are neighbours. */
  readonly fieldStart: Uint32Array;
}

/** @param wedgeDeg only right ascensions below this: a few objects as dense as many on the whole sky. */
export function makeSky(objects: number, seed: number, wedgeDeg = 360): Sky {
  const random = randomOf(seed);
  const raDeg = new Float64Array(objects);
  const decDeg = new Float64Array(objects);
  const clusters = Array.from({ length: Math.ceil((CLUSTERS * wedgeDeg) / 360) }, () => ({
    raDeg: wedgeDeg * random(),
    decDeg: Math.asin(1.8 * random() - 0.9) * DEG_PER_RAD,
  }));
  for (let i = 0; i < objects; i++) {
    const kind = random();
    let ra = wedgeDeg * random();
    let dec = Math.asin(2 * random() - 1) * DEG_PER_RAD;
    if (kind < 0.25) dec = 62.6 * Math.sin(ra * RAD_PER_DEG) + 6 * (random() + random() + random() - 1.5);
    else if (kind < 0.4) {
      const cluster = clusters[Math.floor(random() * clusters.length)];
      dec = cluster.decDeg + 0.3 * (random() + random() - 1);
      ra = cluster.raDeg + (0.3 * (random() + random() - 1)) / Math.cos(dec * RAD_PER_DEG);
    } else if (kind < 0.45) dec = (random() < 0.5 ? -1 : 1) * (90 - 2 * Math.sqrt(random()));
    raDeg[i] = ((ra % 360) + 360) % 360;
    decDeg[i] = Math.max(-90, Math.min(90, dec));
  }
  return sortedByPlace(raDeg, decDeg);
}

function sortedByPlace(raDeg: Float64Array, decDeg: Float64Array): Sky {
  const objects = raDeg.length;
  const pixels = new Float64Array(objects);
  for (let i = 0; i < objects; i++) pixels[i] = ipixOf(10, raDeg[i], decDeg[i]) * 2 ** 26 + i;
  pixels.sort();
  const ra = new Float64Array(objects);
  const dec = new Float64Array(objects);
  const fieldStart = new Uint32Array(FIELDS + 1).fill(objects);
  for (let i = objects - 1; i >= 0; i--) {
    const from = pixels[i] % 2 ** 26;
    ra[i] = raDeg[from];
    dec[i] = decDeg[from];
    fieldStart[Math.floor(pixels[i] / 2 ** 26 / 4 ** (10 - FIELD_ORDER))] = i;
  }
  for (let field = FIELDS - 1; field >= 0; field--) fieldStart[field] = Math.min(fieldStart[field], fieldStart[field + 1]);
  return { objects, raDeg: ra, decDeg: dec, fieldStart };
}

export interface SurveyOptions {
  readonly seed: number;
  /** Nights in which an object is seen: a divisor of 60. Default 20. */
  readonly epochs?: number;
  /** Field order: exposure by exposure and detector by detector, as a telescope gives them. Random: no row is near the one before it. */
  readonly order?: 'field' | 'random';
  readonly batchRows: number;
}

/** All detections in batches; the columns are used again for the next. Surveys of different seeds have no id in common. */
export function* surveyBatches(
  sky: Sky,
  { seed, epochs = EPOCHS, order = 'field', batchRows }: SurveyOptions,
): Generator<DetectionColumns> {
  const rows = new RowMaker(sky, seed, batchRows);
  for (const visit of order === 'field' ? visits(sky, epochs) : shuffled(sky, epochs, seed)) {
    for (let object = visit.from; object < visit.to; object++) {
      rows.add(object, visit.night, visit.field);
      if (rows.columns.length < batchRows) continue;
      yield rows.columns;
      rows.columns.length = 0;
    }
  }
  if (rows.columns.length > 0) yield rows.columns;
}

/** Objects [from, to) of one exposure. */
interface Visit {
  readonly night: number;
  readonly field: number;
  readonly from: number;
  readonly to: number;
}

function* visits({ fieldStart }: Sky, epochs: number): Generator<Visit> {
  const everyNights = NIGHTS / epochs;
  for (let night = 0; night < NIGHTS; night++) {
    for (let field = night % everyNights; field < FIELDS; field += everyNights) {
      yield { night, field, from: fieldStart[field], to: fieldStart[field + 1] };
    }
  }
}

/** The same, one object at a time, dealt like cards. */
function* shuffled(sky: Sky, epochs: number, seed: number): Generator<Visit> {
  const objects = new Uint32Array(sky.objects * epochs);
  const exposures = new Uint16Array(objects.length);
  let n = 0;
  for (const { night, field, from, to } of visits(sky, epochs)) {
    for (let object = from; object < to; object++) {
      objects[n] = object;
      exposures[n++] = night * FIELDS + field;
    }
  }
  const random = randomOf(seed ^ 0x5eed);
  for (let i = n - 1; i >= 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const object = objects[j];
    const exposure = exposures[j];
    objects[j] = objects[i];
    exposures[j] = exposures[i];
    yield { night: Math.floor(exposure / FIELDS), field: exposure % FIELDS, from: object, to: object + 1 };
  }
}

class RowMaker {
  readonly columns: DetectionColumns;
  readonly #sky: Sky;
  readonly #seed: number;
  readonly #random: () => number;
  readonly #idWords: Uint32Array;
  readonly #exposureWords: Uint32Array;
  readonly #objectIds: string[] = [];
  readonly #survey: number;
  readonly #station: number;
  readonly #bands: number[];

  constructor(sky: Sky, seed: number, capacity: number) {
    this.#sky = sky;
    this.#seed = seed;
    this.#random = randomOf(seed + 1);
    const columns = new DetectionColumns(capacity);
    for (let i = 0; i < capacity; i++) columns.addRow();
    columns.length = 0;
    this.columns = columns;
    this.#idWords = new Uint32Array(columns.sourceId.buffer);
    this.#exposureWords = new Uint32Array(columns.exposureId.buffer);
    this.#survey = columns.surveys.intern('ZTF');
    this.#station = columns.stations.intern('I41');
    this.#bands = BANDS.map((band) => columns.bands.intern(band));
  }

  add(object: number, night: number, field: number): void {
    const { columns } = this;
    const { raDeg, decDeg, fieldStart } = this.#sky;
    const random = this.#random;
    const i = columns.length++;
    const inField = object - fieldStart[field];
    const ofField = fieldStart[field + 1] - fieldStart[field];
    const detectors = Math.max(1, Math.min(MAX_DETECTORS, Math.round(ofField / DETECTIONS_A_DETECTOR)));
    const detector = Math.floor((inField * detectors) / ofField);
    const dec = decDeg[object] + SCATTER_DEG * (random() + random() + random() - 1.5);
    const cosDec = Math.max(0.01, Math.cos(dec * RAD_PER_DEG));
    const ra = raDeg[object] + (SCATTER_DEG * (random() + random() + random() - 1.5)) / cosDec;
    columns.survey[i] = this.#survey;
    columns.station[i] = this.#station;
    columns.band[i] = this.#bands[(night + field) % BANDS.length];
    columns.kind[i] = 1;
    // as surveys number them: exposure and a count, 64 bits
    const exposure = (this.#seed % 16_384) * 65_536 + night * FIELDS + field;
    this.#idWords[2 * i] = inField + 1;
    this.#idWords[2 * i + 1] = exposure + 1;
    columns.objectId[i] = this.#objectIds[object] ??= `ZTF26${this.#seed.toString(36)}${object.toString(36).padStart(6, 'a')}`;
    this.#exposureWords[2 * i] = exposure;
    this.#exposureWords[2 * i + 1] = 0;
    columns.detector[i] = detector;
    columns.mjdTai[i] = FIRST_NIGHT_MJD + night + 0.2 + field * EXPOSURE_DAYS;
    columns.raDeg[i] = ((ra % 360) + 360) % 360;
    columns.decDeg[i] = Math.max(-90, Math.min(90, dec));
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
