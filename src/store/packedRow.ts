// One detection as bytes: only the columns it has. Redis keeps rows of a pixel one after the other in a
// string, Tile38 keeps one beside each point. Little-endian, offsets not aligned.
//
//   0 u16 bytes of the whole row     2 u16 bytes of its content    4 u32 which columns are there
//   8 f64 mjdTai  16 f64 raDeg  24 f64 decDeg  32 u16 survey  34 the id: i64, or u16 length and UTF-8
//   then, where there: u16 station, u16 band, i64 exposure, i32 detector, u64 flags, the survey's object id
//   (i64, or u16 length and UTF-8), float32 columns in the order of FLOAT32_COLUMNS
//   then, outside the content, the object it was associated with: u8 0 itself; 1 u16 survey, i64 id;
//   2 u16 survey, UTF-8 id
//
// Equal content means equal bytes as long as names have equal numbers: that is how a repeated row is told
// from a conflict. Numbers of names are those of the dictionaries given.

import { FLOAT32_COLUMNS, NO_DETECTOR, NO_EXPOSURE, type DetectionColumns } from '../model/columns.ts';
import type { Dictionary } from '../model/dictionary.ts';
import { int64OfText } from '../model/ids.ts';

export const ROW_MJD = 8;
export const ROW_RA = 16;
export const ROW_DEC = 24;
export const ROW_SURVEY = 32;
export const ROW_ID = 34;
const ROW_MASK = 4;

const HAS_STATION = 1 << 14;
const HAS_BAND = 1 << 15;
const HAS_EXPOSURE = 1 << 16;
const HAS_DETECTOR = 1 << 17;
const HAS_FLAGS = 1 << 18;
const OBJECT_INT = 1 << 19;
const OBJECT_TEXT = 1 << 20;
const TEXT_ID = 1 << 21;
const KIND_SHIFT = 22;

const SELF = 0;
const OTHER_INT = 1;
const OTHER_TEXT = 2;

/** Bytes that grow; `view` and `bytes` change when they do. */
export class ByteSink {
  bytes: Buffer;
  view: DataView;
  length = 0;

  constructor(capacity = 65_536) {
    // Not from the pool: the view must start where the buffer starts.
    this.bytes = Buffer.from(new ArrayBuffer(capacity));
    this.view = new DataView(this.bytes.buffer);
  }

  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = Buffer.from(new ArrayBuffer(Math.max(this.length + more, 2 * this.bytes.length)));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  append(from: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    this.bytes.set(from.subarray(start, end), this.length);
    this.length += end - start;
  }

  copyOut(start = 0, end = this.length): Buffer {
    return Buffer.from(this.bytes.subarray(start, end));
  }
}

/** Numbers of the names of one batch: surveys[batch.survey[row]] and so on. */
export interface NameNumbers {
  readonly surveys: Uint16Array;
  readonly stations: Uint16Array;
  readonly bands: Uint16Array;
}

/** Identity of an object: that of the detection which founded it. */
export interface ObjectRef {
  readonly survey: number;
  /** Where idText is null. */
  readonly id: bigint;
  readonly idText: string | null;
}

/** Appends the content of a row; `finishRow` must follow before the next. Returns where it starts. */
export function packContent(
  sink: ByteSink,
  columns: DetectionColumns,
  row: number,
  names: NameNumbers,
  floats: readonly Float32Array[],
): number {
  const text = columns.sourceIdText[row];
  const objectId = columns.objectId[row];
  sink.reserve(256 + 3 * ((text?.length ?? 0) + (objectId?.length ?? 0)));
  const { view, bytes } = sink;
  const start = sink.length;
  let at = start + ROW_ID;
  let mask = columns.kind[row] << KIND_SHIFT;
  view.setFloat64(start + ROW_MJD, columns.mjdTai[row], true);
  view.setFloat64(start + ROW_RA, columns.raDeg[row], true);
  view.setFloat64(start + ROW_DEC, columns.decDeg[row], true);
  view.setUint16(start + ROW_SURVEY, names.surveys[columns.survey[row]], true);
  if (text === null) {
    view.setBigInt64(at, columns.sourceId[row], true);
    at += 8;
  } else {
    mask |= TEXT_ID;
    at += writeText(view, bytes, at, text);
  }
  const station = names.stations[columns.station[row]];
  if (station !== 0) {
    mask |= HAS_STATION;
    view.setUint16(at, station, true);
    at += 2;
  }
  const band = names.bands[columns.band[row]];
  if (band !== 0) {
    mask |= HAS_BAND;
    view.setUint16(at, band, true);
    at += 2;
  }
  const exposureId = columns.exposureId[row];
  if (exposureId !== NO_EXPOSURE) {
    mask |= HAS_EXPOSURE;
    view.setBigInt64(at, exposureId, true);
    at += 8;
  }
  const detector = columns.detector[row];
  if (detector !== NO_DETECTOR) {
    mask |= HAS_DETECTOR;
    view.setInt32(at, detector, true);
    at += 4;
  }
  const flags = columns.flags[row];
  if (flags !== 0n) {
    mask |= HAS_FLAGS;
    view.setBigUint64(at, flags, true);
    at += 8;
  }
  if (objectId !== null) {
    const int = int64OfText(objectId);
    if (int !== null) {
      mask |= OBJECT_INT;
      view.setBigInt64(at, int, true);
      at += 8;
    } else {
      mask |= OBJECT_TEXT;
      at += writeText(view, bytes, at, objectId);
    }
  }
  for (let f = 0; f < floats.length; f++) {
    const value = floats[f][row];
    if (Number.isNaN(value)) continue;
    mask |= 1 << f;
    view.setFloat32(at, value, true);
    at += 4;
  }
  view.setUint32(start + ROW_MASK, mask, true);
  view.setUint16(start + 2, at - start, true);
  sink.length = at;
  return start;
}

/** Appends the object of the row that was packed last, null when the row founded it, and closes the row. */
export function finishRow(sink: ByteSink, start: number, object: ObjectRef | null): void {
  sink.reserve(16 + 3 * (object?.idText?.length ?? 0));
  const { view, bytes } = sink;
  let at = sink.length;
  if (object === null) {
    bytes[at++] = SELF;
  } else {
    bytes[at++] = object.idText === null ? OTHER_INT : OTHER_TEXT;
    view.setUint16(at, object.survey, true);
    at += 2;
    if (object.idText === null) {
      view.setBigInt64(at, object.id, true);
      at += 8;
    } else {
      at += bytes.write(object.idText, at);
    }
  }
  view.setUint16(start, at - start, true);
  sink.length = at;
}

/** The columns of a batch in the order of the presence bits. */
export function floatColumnsOf(columns: DetectionColumns): readonly Float32Array[] {
  return FLOAT32_COLUMNS.map((name) => columns[name]);
}

function writeText(view: DataView, bytes: Buffer, at: number, text: string): number {
  const length = bytes.write(text, at + 2);
  view.setUint16(at, length, true);
  return length + 2;
}

/** Bytes with packed rows in them. */
export interface Packed {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function packedOf(bytes: Buffer): Packed {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

export function rowLengthAt(view: DataView, at: number): number {
  return view.getUint16(at, true);
}

/** Whether two rows have the same content, whatever object they were associated with. */
export function isSameContent(a: Packed, i: number, b: Packed, j: number): boolean {
  const length = a.view.getUint16(i + 2, true);
  if (length !== b.view.getUint16(j + 2, true)) return false;
  return a.bytes.compare(b.bytes, j + 2, j + length, i + 2, i + length) === 0;
}

/** Survey and id of a row as a text to compare by. */
export function idTextAt({ bytes, view }: Packed, at: number): string {
  const mask = view.getUint32(at + ROW_MASK, true);
  const kind = (mask & TEXT_ID) === 0 ? '#' : ':';
  return kind + bytes.toString('latin1', at + ROW_SURVEY, at + ROW_ID + idLength(view, at, mask));
}

export function hasTextId(view: DataView, at: number): boolean {
  return (view.getUint32(at + ROW_MASK, true) & TEXT_ID) !== 0;
}

/** Number of the row's station, 0 without one. */
export function stationAt(view: DataView, at: number): number {
  const mask = view.getUint32(at + ROW_MASK, true);
  if ((mask & HAS_STATION) === 0) return 0;
  return view.getUint16(at + ROW_ID + idLength(view, at, mask), true);
}

/** Number of the row's band, 0 without one. */
export function bandAt(view: DataView, at: number): number {
  const mask = view.getUint32(at + ROW_MASK, true);
  if ((mask & HAS_BAND) === 0) return 0;
  return view.getUint16(at + ROW_ID + idLength(view, at, mask) + ((mask & HAS_STATION) === 0 ? 0 : 2), true);
}

/** The object of a row. */
export function objectRefAt(packed: Packed, at: number): ObjectRef {
  const { bytes, view } = packed;
  const end = at + view.getUint16(at, true);
  let p = at + view.getUint16(at + 2, true);
  const tag = bytes[p++];
  if (tag === SELF) return ownRefAt(packed, at);
  const survey = view.getUint16(p, true);
  p += 2;
  if (tag === OTHER_INT) return { survey, id: view.getBigInt64(p, true), idText: null };
  return { survey, id: 0n, idText: bytes.toString('utf8', p, end) };
}

export function foundedObjectAt({ bytes, view }: Packed, at: number): boolean {
  return bytes[at + view.getUint16(at + 2, true)] === SELF;
}

/** What the row's own object would be. */
export function ownRefAt({ bytes, view }: Packed, at: number): ObjectRef {
  const survey = view.getUint16(at + ROW_SURVEY, true);
  if ((view.getUint32(at + ROW_MASK, true) & TEXT_ID) === 0) return { survey, id: view.getBigInt64(at + ROW_ID, true), idText: null };
  return { survey, id: 0n, idText: textAt(bytes, view, at + ROW_ID) };
}

export function isSameRef(a: ObjectRef, b: ObjectRef): boolean {
  return a.survey === b.survey && a.id === b.id && a.idText === b.idText;
}

function idLength(view: DataView, at: number, mask: number): number {
  return (mask & TEXT_ID) === 0 ? 8 : 2 + view.getUint16(at + ROW_ID, true);
}

function textAt(bytes: Buffer, view: DataView, at: number): string {
  return bytes.toString('utf8', at + 2, at + 2 + view.getUint16(at, true));
}

/** Appends the row to columns whose dictionaries have the numbers it was packed with. Returns its index. */
export function unpackRow(packed: Packed, at: number, out: DetectionColumns, floats: readonly Float32Array[]): number {
  const { bytes, view } = packed;
  const i = out.length++;
  const mask = view.getUint32(at + ROW_MASK, true);
  out.kind[i] = mask >>> KIND_SHIFT;
  out.mjdTai[i] = view.getFloat64(at + ROW_MJD, true);
  out.raDeg[i] = view.getFloat64(at + ROW_RA, true);
  out.decDeg[i] = view.getFloat64(at + ROW_DEC, true);
  out.sepArcsec[i] = NaN;
  const survey = view.getUint16(at + ROW_SURVEY, true);
  out.survey[i] = survey;
  let p = at + ROW_ID;
  if ((mask & TEXT_ID) === 0) {
    out.sourceId[i] = view.getBigInt64(p, true);
    out.sourceIdText[i] = null;
    p += 8;
  } else {
    out.sourceId[i] = 0n;
    out.sourceIdText[i] = textAt(bytes, view, p);
    p += 2 + view.getUint16(p, true);
  }
  out.station[i] = (mask & HAS_STATION) === 0 ? 0 : view.getUint16(p, true);
  if ((mask & HAS_STATION) !== 0) p += 2;
  out.band[i] = (mask & HAS_BAND) === 0 ? 0 : view.getUint16(p, true);
  if ((mask & HAS_BAND) !== 0) p += 2;
  out.exposureId[i] = (mask & HAS_EXPOSURE) === 0 ? NO_EXPOSURE : view.getBigInt64(p, true);
  if ((mask & HAS_EXPOSURE) !== 0) p += 8;
  out.detector[i] = (mask & HAS_DETECTOR) === 0 ? NO_DETECTOR : view.getInt32(p, true);
  if ((mask & HAS_DETECTOR) !== 0) p += 4;
  out.flags[i] = (mask & HAS_FLAGS) === 0 ? 0n : view.getBigUint64(p, true);
  if ((mask & HAS_FLAGS) !== 0) p += 8;
  if ((mask & OBJECT_INT) !== 0) {
    out.objectId[i] = view.getBigInt64(p, true).toString();
    p += 8;
  } else if ((mask & OBJECT_TEXT) !== 0) {
    out.objectId[i] = textAt(bytes, view, p);
    p += 2 + view.getUint16(p, true);
  } else {
    out.objectId[i] = objectIdOf(objectRefAt(packed, at), out.surveys);
  }
  for (let f = 0; f < floats.length; f++) {
    if ((mask & (1 << f)) === 0) {
      floats[f][i] = NaN;
    } else {
      floats[f][i] = view.getFloat32(p, true);
      p += 4;
    }
  }
  return i;
}

/** The survey's own object id that came with a row, null without one. */
export function aliasAt({ bytes, view }: Packed, at: number): string | null {
  const mask = view.getUint32(at + ROW_MASK, true);
  if ((mask & (OBJECT_INT | OBJECT_TEXT)) === 0) return null;
  let p = at + ROW_ID + idLength(view, at, mask);
  if ((mask & HAS_STATION) !== 0) p += 2;
  if ((mask & HAS_BAND) !== 0) p += 2;
  if ((mask & HAS_EXPOSURE) !== 0) p += 8;
  if ((mask & HAS_DETECTOR) !== 0) p += 4;
  if ((mask & HAS_FLAGS) !== 0) p += 8;
  return (mask & OBJECT_INT) !== 0 ? view.getBigInt64(p, true).toString() : textAt(bytes, view, p);
}

export function objectIdOf(ref: ObjectRef, surveys: Dictionary): string {
  return `${surveys.names[ref.survey]}:${ref.idText ?? ref.id.toString()}`;
}
