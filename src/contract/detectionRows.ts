// `repeated Detection` to columns and back without an object for each row: 3.7 times the rows a second of the
// generated codec on the way in (docs/adr/0004), and the short answers of a cone on the way out. Field
// numbers come from the generated table, so the proto stays the only place that has them.

import { FLOAT32_COLUMNS, NO_DETECTOR, NO_EXPOSURE, type DetectionColumns } from '../model/columns.ts';
import type { Dictionary } from '../model/dictionary.ts';
import type { RejectedRow } from '../store/store.ts';
import { setSourceIdText } from './detectionRow.ts';
import { midOfStart, REFERENCE_MID, REFERENCE_START, SCALE_TAI, taiOf, timeProblem } from './exposureTime.ts';
import { FIELD_NUMBERS } from './gen/wire.ts';
import { malformed, type WireReader } from './wireReader.ts';
import { tagOf, WIRE_32, WIRE_64, WIRE_BYTES, WIRE_VARINT, type WireWriter } from './wireWriter.ts';

const FIELD = FIELD_NUMBERS.Detection;
const FIELD_COUNT = Math.max(...Object.values(FIELD)) + 1;
/** Column of each float field, by field number. */
const FLOAT_COLUMN_OF = Array.from({ length: FIELD_COUNT }, (_, field) => FLOAT32_COLUMNS.find((name) => FIELD[name] === field));

/** Wire type that each known field has, -1 for others. */
const WIRE_TYPE_OF = Int8Array.from({ length: FIELD_COUNT }, (_, field) => {
  if (FLOAT_COLUMN_OF[field] !== undefined) return WIRE_32;
  const name = (Object.keys(FIELD) as (keyof typeof FIELD)[]).find((key) => FIELD[key] === field);
  if (name === undefined) return -1;
  if (['survey', 'sourceName', 'objectId', 'station', 'band'].includes(name)) return WIRE_BYTES;
  return ['detector', 'timeScale', 'timeReference', 'kind'].includes(name) ? WIRE_VARINT : WIRE_64;
});

/** Remembers where a name last stood in the bytes: rows of a batch mostly repeat it. */
class NameReader {
  readonly #dictionary: Dictionary;
  #from = 0;
  #to = 0;
  #index = 0;

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  read(reader: WireReader): number {
    const length = reader.length();
    const from = reader.take(length);
    if (length === this.#to - this.#from && isSame(reader.bytes, this.#from, from, length)) return this.#index;
    this.#from = from;
    this.#to = from + length;
    this.#index = this.#dictionary.intern(reader.text(from, from + length));
    return this.#index;
  }
}

function isSame(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

/** Reads the rows of one batch into columns that have room for them. */
export class RowsReader {
  readonly #columns: DetectionColumns;
  readonly #floats: (Float32Array | undefined)[];
  readonly #sourceId: Int32Array;
  readonly #exposureId: Int32Array;
  readonly #flags: Int32Array;
  readonly #survey: NameReader;
  readonly #station: NameReader;
  readonly #band: NameReader;

  constructor(columns: DetectionColumns) {
    this.#columns = columns;
    this.#floats = FLOAT_COLUMN_OF.map((name) => (name === undefined ? undefined : columns[name]));
    this.#sourceId = halves(columns.sourceId);
    this.#exposureId = halves(columns.exposureId);
    this.#flags = halves(columns.flags);
    this.#survey = new NameReader(columns.surveys);
    this.#station = new NameReader(columns.stations);
    this.#band = new NameReader(columns.bands);
  }

  /** Appends the Detection whose length comes next, or says in `rejected` why row `row` of the batch is refused. */
  read(reader: WireReader, row: number, rejected: RejectedRow[]): void {
    const i = this.#columns.length;
    const length = reader.length();
    const outerEnd = reader.end;
    reader.end = reader.at + length;
    const problem = this.#readFields(reader, i);
    reader.end = outerEnd;
    if (problem === null) {
      this.#columns.length = i + 1;
    } else {
      rejected.push({ row, code: 'invalid_argument', message: problem });
      clearRows(this.#columns, i, i + 1);
    }
  }

  #readFields(reader: WireReader, i: number): string | null {
    const columns = this.#columns;
    const view = reader.view;
    let timeMjd = NaN;
    let timeScale = 0;
    let timeReference = 0;
    let kind = 0;
    let hasNumber = false;
    let sourceName = '';
    while (reader.at < reader.end) {
      const tag = reader.varint();
      const field = tag >>> 3;
      const wireType = tag & 7;
      if (field >= FIELD_COUNT || WIRE_TYPE_OF[field] < 0) {
        reader.skip(wireType);
        continue;
      }
      if (wireType !== WIRE_TYPE_OF[field]) throw malformed(`field ${String(field)} of a detection has the wire type ${String(wireType)}`);
      if (wireType === WIRE_32) {
        const column = this.#floats[field];
        const at = reader.take(4);
        if (column !== undefined) column[i] = view.getFloat32(at, true);
        continue;
      }
      switch (field) {
        case FIELD.raDeg:
          columns.raDeg[i] = view.getFloat64(reader.take(8), true);
          break;
        case FIELD.decDeg:
          columns.decDeg[i] = view.getFloat64(reader.take(8), true);
          break;
        case FIELD.timeMjd:
          timeMjd = view.getFloat64(reader.take(8), true);
          break;
        case FIELD.sourceId:
          copyInt64(view, reader.take(8), this.#sourceId, i);
          hasNumber = true;
          break;
        case FIELD.exposureId:
          copyInt64(view, reader.take(8), this.#exposureId, i);
          break;
        case FIELD.flags:
          copyInt64(view, reader.take(8), this.#flags, i);
          break;
        case FIELD.survey:
          columns.survey[i] = this.#survey.read(reader);
          break;
        case FIELD.station:
          columns.station[i] = this.#station.read(reader);
          break;
        case FIELD.band:
          columns.band[i] = this.#band.read(reader);
          break;
        case FIELD.sourceName:
          sourceName = readText(reader);
          break;
        case FIELD.objectId:
          columns.objectId[i] = readText(reader) || null;
          break;
        case FIELD.kind:
          kind = reader.varint();
          break;
        case FIELD.timeScale:
          timeScale = reader.varint();
          break;
        case FIELD.timeReference:
          timeReference = reader.varint();
          break;
        case FIELD.detector:
          columns.detector[i] = reader.varint() | 0;
          break;
        default:
          reader.skip(wireType);
      }
    }
    if (hasNumber === (sourceName !== ''))
      return hasNumber ? 'source_id and source_name are both given, must be one of them' : 'source_id is missing';
    if (sourceName !== '') setSourceIdText(columns, i, sourceName);
    if (kind < 1 || kind > 3) return kind === 0 ? 'kind is missing' : `kind is ${String(kind | 0)}, must be one of 1, 2, 3`;
    columns.kind[i] = kind;
    if (Number.isNaN(timeMjd)) return 'time_mjd is missing';
    const problem = timeProblem(timeScale, timeReference, columns.exptimeS[i]);
    if (problem !== null) return problem;
    const mjdTai = taiOf(timeMjd, timeScale);
    columns.mjdTai[i] = timeReference === REFERENCE_START ? midOfStart(mjdTai, columns.exptimeS[i]) : mjdTai;
    return null;
  }
}

function readText(reader: WireReader): string {
  const length = reader.length();
  const from = reader.take(length);
  return reader.text(from, from + length);
}

function copyInt64(view: DataView, at: number, to: Int32Array, i: number): void {
  to[2 * i] = view.getInt32(at, true);
  to[2 * i + 1] = view.getInt32(at + 4, true);
}

/** A 64-bit column as its low and high halves: a BigInt for each value costs an allocation. */
export function halves(column: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(column.buffer, column.byteOffset, 2 * column.length);
}

/** Sets rows [from, to) to "nothing given", whatever an earlier batch left there. `length` stays. */
export function clearRows(columns: DetectionColumns, from: number, to: number): void {
  for (const name of FLOAT32_COLUMNS) columns[name].fill(NaN, from, to);
  columns.mjdTai.fill(NaN, from, to);
  columns.raDeg.fill(NaN, from, to);
  columns.decDeg.fill(NaN, from, to);
  columns.sepArcsec.fill(NaN, from, to);
  columns.survey.fill(0, from, to);
  columns.station.fill(0, from, to);
  columns.band.fill(0, from, to);
  columns.kind.fill(1, from, to);
  columns.sourceId.fill(0n, from, to);
  columns.exposureId.fill(NO_EXPOSURE, from, to);
  columns.detector.fill(NO_DETECTOR, from, to);
  columns.flags.fill(0n, from, to);
  for (let i = from; i < to; i++) {
    columns.sourceIdText[i] = null;
    columns.objectId[i] = null;
  }
}

const FLOAT_TAGS = FLOAT32_COLUMNS.map((name) => tagOf(FIELD[name], WIRE_32));
const TAG = {
  survey: tagOf(FIELD.survey, WIRE_BYTES),
  sourceId: tagOf(FIELD.sourceId, WIRE_64),
  sourceName: tagOf(FIELD.sourceName, WIRE_BYTES),
  objectId: tagOf(FIELD.objectId, WIRE_BYTES),
  exposureId: tagOf(FIELD.exposureId, WIRE_64),
  detector: tagOf(FIELD.detector, WIRE_VARINT),
  station: tagOf(FIELD.station, WIRE_BYTES),
  timeMjd: tagOf(FIELD.timeMjd, WIRE_64),
  timeScale: tagOf(FIELD.timeScale, WIRE_VARINT),
  timeReference: tagOf(FIELD.timeReference, WIRE_VARINT),
  raDeg: tagOf(FIELD.raDeg, WIRE_64),
  decDeg: tagOf(FIELD.decDeg, WIRE_64),
  band: tagOf(FIELD.band, WIRE_BYTES),
  kind: tagOf(FIELD.kind, WIRE_VARINT),
  flags: tagOf(FIELD.flags, WIRE_64),
  sepArcsec: tagOf(FIELD.sepArcsec, WIRE_64),
} as const;

/** Writes rows of columns as Detection messages: TAI at mid-exposure, nothing for a null. */
export class RowsWriter {
  readonly #columns: DetectionColumns;
  readonly #floats: readonly Float32Array[];
  readonly #sourceId: Int32Array;
  readonly #exposureId: Int32Array;
  readonly #flags: Int32Array;

  constructor(columns: DetectionColumns) {
    this.#columns = columns;
    this.#floats = FLOAT32_COLUMNS.map((name) => columns[name]);
    this.#sourceId = halves(columns.sourceId);
    this.#exposureId = halves(columns.exposureId);
    this.#flags = halves(columns.flags);
  }

  /** One Detection under the tag that the message around it gives it. */
  write(out: WireWriter, tag: number, i: number): void {
    const columns = this.#columns;
    const start = out.begin(tag);
    out.text(TAG.survey, columns.surveys.names[columns.survey[i]]);
    const sourceName = columns.sourceIdText[i];
    if (sourceName === null) out.fixed64(TAG.sourceId, this.#sourceId[2 * i], this.#sourceId[2 * i + 1]);
    else out.text(TAG.sourceName, sourceName);
    const objectId = columns.objectId[i];
    if (objectId !== null) out.text(TAG.objectId, objectId);
    const exposureHigh = this.#exposureId[2 * i + 1];
    const exposureLow = this.#exposureId[2 * i];
    if (exposureLow !== 0 || exposureHigh !== NO_EXPOSURE_HIGH) out.fixed64(TAG.exposureId, exposureLow, exposureHigh);
    if (columns.detector[i] !== NO_DETECTOR) out.int32(TAG.detector, columns.detector[i]);
    if (columns.station[i] !== 0) out.text(TAG.station, columns.stations.names[columns.station[i]]);
    out.double(TAG.timeMjd, columns.mjdTai[i]);
    out.uint32(TAG.timeScale, SCALE_TAI);
    out.uint32(TAG.timeReference, REFERENCE_MID);
    out.double(TAG.raDeg, columns.raDeg[i]);
    out.double(TAG.decDeg, columns.decDeg[i]);
    if (columns.band[i] !== 0) out.text(TAG.band, columns.bands.names[columns.band[i]]);
    for (let c = 0; c < this.#floats.length; c++) {
      const value = this.#floats[c][i];

      if (value === value) out.float(FLOAT_TAGS[c], value);
    }
    out.uint32(TAG.kind, columns.kind[i]);
    if (this.#flags[2 * i] !== 0 || this.#flags[2 * i + 1] !== 0) out.fixed64(TAG.flags, this.#flags[2 * i], this.#flags[2 * i + 1]);
    if (!Number.isNaN(columns.sepArcsec[i])) out.double(TAG.sepArcsec, columns.sepArcsec[i]);
    out.end(start);
  }
}

const NO_EXPOSURE_HIGH = -2_147_483_648;
