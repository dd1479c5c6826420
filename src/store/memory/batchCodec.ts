// A batch of rows as bytes, column by column. A column that is null throughout takes one byte, one that is the same
// throughout takes one value; the rest lie as in memory. Names are listed once and used by index.

import { FLOAT32_COLUMNS, DetectionColumns, NO_DETECTOR, NO_EXPOSURE } from '../../model/columns.ts';
import type { Dictionary } from '../../model/dictionary.ts';
import type { ByteReader, ByteWriter, NumberArray } from './bytes.ts';

const ALL_NULL = 0;
const CONSTANT = 1;
const PLAIN = 2;

/** Rows [from, to). */
export function encodeBatch(out: ByteWriter, columns: DetectionColumns, from = 0, to = columns.length): void {
  const rows = to - from;
  out.u32(rows);
  encodeNames(out, columns.surveys, columns.survey.subarray(from, to), rows);
  encodeNames(out, columns.stations, columns.station.subarray(from, to), rows);
  encodeNames(out, columns.bands, columns.band.subarray(from, to), rows);
  encodeNumbers(out, columns.kind.subarray(from, to), rows, 0);
  encodeNumbers(out, columns.sourceId.subarray(from, to), rows, 0n);
  encodeTexts(out, columns.sourceIdText, from, to);
  encodeTexts(out, columns.objectId, from, to);
  encodeNumbers(out, columns.exposureId.subarray(from, to), rows, NO_EXPOSURE);
  encodeNumbers(out, columns.detector.subarray(from, to), rows, NO_DETECTOR);
  encodeNumbers(out, columns.flags.subarray(from, to), rows, 0n);
  encodeNumbers(out, columns.mjdTai.subarray(from, to), rows, NaN);
  encodeNumbers(out, columns.raDeg.subarray(from, to), rows, NaN);
  encodeNumbers(out, columns.decDeg.subarray(from, to), rows, NaN);
  for (const name of FLOAT32_COLUMNS) encodeNumbers(out, columns[name].subarray(from, to), rows, NaN);
}

export function decodeBatch(from: ByteReader): DetectionColumns {
  const rows = from.u32();
  const columns = new DetectionColumns(Math.max(1, rows));
  columns.length = rows;
  decodeNames(from, columns.surveys, columns.survey, rows);
  decodeNames(from, columns.stations, columns.station, rows);
  decodeNames(from, columns.bands, columns.band, rows);
  decodeNumbers(from, columns.kind, rows, 0);
  decodeNumbers(from, columns.sourceId, rows, 0n);
  columns.sourceIdText = decodeTexts(from, rows);
  columns.objectId = decodeTexts(from, rows);
  decodeNumbers(from, columns.exposureId, rows, NO_EXPOSURE);
  decodeNumbers(from, columns.detector, rows, NO_DETECTOR);
  decodeNumbers(from, columns.flags, rows, 0n);
  decodeNumbers(from, columns.mjdTai, rows, NaN);
  decodeNumbers(from, columns.raDeg, rows, NaN);
  decodeNumbers(from, columns.decDeg, rows, NaN);
  for (const name of FLOAT32_COLUMNS) decodeNumbers(from, columns[name], rows, NaN);
  columns.sepArcsec.fill(NaN, 0, rows);
  return columns;
}

function encodeNumbers(out: ByteWriter, values: NumberArray, rows: number, nothing: number | bigint): void {
  const first = values[0];
  let same = 0;
  while (same < rows && Object.is(values[same], first)) same++;
  if (same < rows) {
    out.u8(PLAIN);
    out.array(values, rows);
  } else if (rows === 0 || Object.is(first, nothing)) out.u8(ALL_NULL);
  else {
    out.u8(CONSTANT);
    out.array(values, 1);
  }
}

function decodeNumbers(from: ByteReader, into: NumberArray, rows: number, nothing: number | bigint): void {
  const form = from.u8();
  if (form === PLAIN) from.array(into, rows);
  else if (form === CONSTANT) {
    from.array(into, 1);
    fill(into, into[0], rows);
  } else fill(into, nothing, rows);
}

function fill(into: NumberArray, value: number | bigint, rows: number): void {
  for (let i = 0; i < rows; i++) into[i] = value;
}

// only the names that occur, so that a dictionary that grew elsewhere costs nothing here
function encodeNames(out: ByteWriter, dictionary: Dictionary, indices: Uint16Array, rows: number): void {
  const local = new Map<number, number>();
  const own = new Uint16Array(rows);
  for (let i = 0; i < rows; i++) {
    const index = indices[i];
    let place = local.get(index);
    if (place === undefined) {
      place = local.size;
      local.set(index, place);
    }
    own[i] = place;
  }
  out.u32(local.size);
  for (const index of local.keys()) out.text(dictionary.names[index]);
  encodeNumbers(out, own, rows, 0);
}

function decodeNames(from: ByteReader, dictionary: Dictionary, indices: Uint16Array, rows: number): void {
  const names = from.u32();
  const own: number[] = [];
  for (let i = 0; i < names; i++) own.push(dictionary.intern(from.text()));
  decodeNumbers(from, indices, rows, 0);
  for (let i = 0; i < rows; i++) indices[i] = own[indices[i]];
}

function encodeTexts(out: ByteWriter, texts: readonly (string | null)[], from: number, to: number): void {
  let nulls = 0;
  for (let i = from; i < to; i++) if (texts[i] === null) nulls++;
  if (nulls === to - from) {
    out.u8(ALL_NULL);
    return;
  }
  out.u8(PLAIN);
  for (let i = from; i < to; i++) {
    const text = texts[i];
    out.u8(text === null ? 0 : 1);
    if (text !== null) out.text(text);
  }
}

function decodeTexts(from: ByteReader, rows: number): (string | null)[] {
  const texts = new Array<string | null>(rows).fill(null);
  if (from.u8() === ALL_NULL) return texts;
  for (let i = 0; i < rows; i++) if (from.u8() === 1) texts[i] = from.text();
  return texts;
}
