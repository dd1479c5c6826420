// A batch of detections as columns: the one shape that ingest hands to a store and a store hands to a
// query. Struct of typed arrays, reusable without allocation. Null is NaN in float columns, NO_DETECTOR
// and NO_EXPOSURE in integer columns, '' (index 0) in dictionary columns, null in text columns.
// Names, units and order as the outside sees them: fields.ts.

import { Dictionary } from './dictionary.ts';

export const NO_DETECTOR = -2_147_483_648;
export const NO_EXPOSURE = -(2n ** 63n);

export const FLOAT64_COLUMNS = ['mjdTai', 'raDeg', 'decDeg', 'sepArcsec'] as const;

export const FLOAT32_COLUMNS = [
  'exptimeS',
  'raErrArcsec',
  'decErrArcsec',
  'diffFluxNjy',
  'diffFluxErrNjy',
  'sciFluxNjy',
  'sciFluxErrNjy',
  'magAb',
  'magErr',
  'magLimitAb',
  'snr',
  'reliability',
  'trailLenArcsec',
  'trailPaDeg',
] as const;

export class DetectionColumns {
  /** Rows in use; every array has `capacity` places. */
  length = 0;
  capacity: number;

  /** Shared names; survey[i], station[i], band[i] are indices into them. */
  surveys: Dictionary;
  stations: Dictionary;
  bands: Dictionary;

  survey!: Uint16Array;
  station!: Uint16Array;
  band!: Uint16Array;
  /** 1 detection, 2 forced, 3 upper limit (kind.ts). */
  kind!: Uint8Array;

  /** The id as int64 where sourceIdText[i] is null. */
  sourceId!: BigInt64Array;
  /** The id as text where it is no canonical int64 (ids.ts). */
  sourceIdText: (string | null)[] = [];
  /** In: the survey's own object id. Out: that, or else the id of the object it was associated with. */
  objectId: (string | null)[] = [];
  exposureId!: BigInt64Array;
  detector!: Int32Array;
  flags!: BigUint64Array;

  /** Mid-exposure, TAI, days. */
  mjdTai!: Float64Array;
  raDeg!: Float64Array;
  decDeg!: Float64Array;
  /** Out, in cone answers: separation from the cone's centre. NaN elsewhere. */
  sepArcsec!: Float64Array;

  exptimeS!: Float32Array;
  raErrArcsec!: Float32Array;
  decErrArcsec!: Float32Array;
  diffFluxNjy!: Float32Array;
  diffFluxErrNjy!: Float32Array;
  sciFluxNjy!: Float32Array;
  sciFluxErrNjy!: Float32Array;
  magAb!: Float32Array;
  magErr!: Float32Array;
  magLimitAb!: Float32Array;
  snr!: Float32Array;
  reliability!: Float32Array;
  trailLenArcsec!: Float32Array;
  trailPaDeg!: Float32Array;

  constructor(capacity: number, dictionaries: { surveys?: Dictionary; stations?: Dictionary; bands?: Dictionary } = {}) {
    this.capacity = capacity;
    this.surveys = dictionaries.surveys ?? new Dictionary();
    this.stations = dictionaries.stations ?? new Dictionary();
    this.bands = dictionaries.bands ?? new Dictionary();
    this.#allocate(capacity);
  }

  /** Grows to hold at least `capacity` rows, keeping what is there. */
  reserve(capacity: number): void {
    if (capacity <= this.capacity) return;
    const { survey, station, band, kind, sourceId, exposureId, detector, flags } = this;
    const floats64 = FLOAT64_COLUMNS.map((name) => this[name]);
    const floats32 = FLOAT32_COLUMNS.map((name) => this[name]);
    this.capacity = Math.max(capacity, 2 * this.capacity);
    this.#allocate(this.capacity);
    this.survey.set(survey);
    this.station.set(station);
    this.band.set(band);
    this.kind.set(kind);
    this.sourceId.set(sourceId);
    this.exposureId.set(exposureId);
    this.detector.set(detector);
    this.flags.set(flags);
    FLOAT64_COLUMNS.forEach((name, c) => {
      this[name].set(floats64[c]);
    });
    FLOAT32_COLUMNS.forEach((name, c) => {
      this[name].set(floats32[c]);
    });
  }

  /** Adds one row with every optional column null and returns its index. */
  addRow(): number {
    if (this.length === this.capacity) this.reserve(this.length + 1);
    const i = this.length++;
    this.survey[i] = 0;
    this.station[i] = 0;
    this.band[i] = 0;
    this.kind[i] = 1;
    this.sourceId[i] = 0n;
    this.sourceIdText[i] = null;
    this.objectId[i] = null;
    this.exposureId[i] = NO_EXPOSURE;
    this.detector[i] = NO_DETECTOR;
    this.flags[i] = 0n;
    for (const name of FLOAT64_COLUMNS) this[name][i] = NaN;
    for (const name of FLOAT32_COLUMNS) this[name][i] = NaN;
    return i;
  }

  /** Appends row `row` of `from`, translating names where the dictionaries differ. */
  copyRow(from: DetectionColumns, row: number): number {
    if (this.length === this.capacity) this.reserve(this.length + 1);
    const i = this.length++;
    this.survey[i] = translated(from.surveys, this.surveys, from.survey[row]);
    this.station[i] = translated(from.stations, this.stations, from.station[row]);
    this.band[i] = translated(from.bands, this.bands, from.band[row]);
    this.kind[i] = from.kind[row];
    this.sourceId[i] = from.sourceId[row];
    this.sourceIdText[i] = from.sourceIdText[row];
    this.objectId[i] = from.objectId[row];
    this.exposureId[i] = from.exposureId[row];
    this.detector[i] = from.detector[row];
    this.flags[i] = from.flags[row];
    for (const name of FLOAT64_COLUMNS) this[name][i] = from[name][row];
    for (const name of FLOAT32_COLUMNS) this[name][i] = from[name][row];
    return i;
  }

  /** The id of a row as text, exactly as it came. */
  sourceIdOf(row: number): string {
    return this.sourceIdText[row] ?? this.sourceId[row].toString();
  }

  surveyOf(row: number): string {
    return this.surveys.names[this.survey[row]];
  }

  #allocate(capacity: number): void {
    this.survey = new Uint16Array(capacity);
    this.station = new Uint16Array(capacity);
    this.band = new Uint16Array(capacity);
    this.kind = new Uint8Array(capacity);
    this.sourceId = new BigInt64Array(capacity);
    this.exposureId = new BigInt64Array(capacity);
    this.detector = new Int32Array(capacity);
    this.flags = new BigUint64Array(capacity);
    for (const name of FLOAT64_COLUMNS) this[name] = new Float64Array(capacity);
    for (const name of FLOAT32_COLUMNS) this[name] = new Float32Array(capacity);
  }
}

function translated(from: Dictionary, to: Dictionary, index: number): number {
  return from === to ? index : to.intern(from.names[index]);
}
