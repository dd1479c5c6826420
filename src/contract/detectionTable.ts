// DetectionTable, detections as little-endian bytes a column at a time, to columns and back: one copy a
// column, since a message's bytes stand anywhere and typed arrays want alignment (docs/adr/0004).
// A table of the wrong shape is refused as a whole; a row with a wrong value is refused alone.

import { AppError } from '../errors.ts';
import { FLOAT32_COLUMNS, NO_DETECTOR, NO_EXPOSURE, type DetectionColumns } from '../model/columns.ts';
import type { Dictionary } from '../model/dictionary.ts';
import type { RejectedRow } from '../store/store.ts';
import { clearRows } from './detectionRows.ts';
import { setSourceIdText } from './detectionRow.ts';
import { midOfStart, REFERENCE_MID, REFERENCE_START, SCALE_TAI, taiOf, TIME_REFERENCES, TIME_SCALES, timeProblem } from './exposureTime.ts';
import type { DetectionTable } from './gen/codec.js';

if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) throw new Error('columns are little-endian, and so must be the processor');

type Column = Float64Array | Float32Array | BigInt64Array | BigUint64Array | Int32Array | Uint16Array | Uint8Array;

/**
 * Fills `columns` (with room for the rows, cleared) with the table. Rows that cannot be are in `rejected`;
 * they are still among the columns, and the caller takes them out.
 */
export function readTable(table: DetectionTable, columns: DetectionColumns, rejected: RejectedRow[]): void {
  const rows = table.rows ?? 0;
  const timeScale = table.timeScale ?? 0;
  const timeReference = table.timeReference ?? 0;
  if (rows > 0) checkClock(timeScale, timeReference);
  clearRows(columns, 0, rows);
  columns.length = rows;
  readNames('survey', table.surveys, table.surveyIndex, columns.surveys, columns.survey, rows);
  readNames('station', table.stations, table.stationIndex, columns.stations, columns.station, rows);
  readNames('band', table.bands, table.bandIndex, columns.bands, columns.band, rows);
  copyColumn('kind', table.kind, columns.kind, rows);
  copyColumn('exposure_id', table.exposureId, columns.exposureId, rows);
  copyColumn('detector', table.detector, columns.detector, rows);
  copyColumn('flags', table.flags, columns.flags, rows);
  copyColumn('ra_deg', table.raDeg, columns.raDeg, rows);
  copyColumn('dec_deg', table.decDeg, columns.decDeg, rows);
  copyColumn('time_mjd', table.timeMjd, columns.mjdTai, rows);
  for (const name of FLOAT32_COLUMNS) copyColumn(OUTSIDE_NAME[name], table[name], columns[name], rows);
  readObjectIds(table.objectId ?? [], columns, rows);
  const isPlaced = readIds(table, columns, rows, rejected);
  readTimes(columns, rows, timeScale, timeReference, isPlaced, rejected);
}

const OUTSIDE_NAME = Object.fromEntries(
  FLOAT32_COLUMNS.map((name) => [name, name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)]),
) as Record<(typeof FLOAT32_COLUMNS)[number], string>;

function wrongShape(message: string): AppError {
  return new AppError('invalid_argument', `table.${message}`);
}

function checkClock(timeScale: number, timeReference: number): void {
  if (timeScale < 1 || timeScale > TIME_SCALES.length || timeReference < 1 || timeReference > TIME_REFERENCES.length) {
    throw wrongShape(timeProblem(timeScale, timeReference, 0) ?? '');
  }
}

/** Copies the bytes into the column; without bytes it stays as it is. */
function copyColumn(name: string, bytes: Uint8Array | undefined, column: Column, rows: number): void {
  if (bytes === undefined || bytes.length === 0) return;
  const wanted = rows * column.BYTES_PER_ELEMENT;
  if (bytes.length !== wanted) {
    throw wrongShape(
      `${name} has ${String(bytes.length)} bytes, must have ${String(wanted)} (${String(rows)} rows of ${String(column.BYTES_PER_ELEMENT)})`,
    );
  }
  new Uint8Array(column.buffer, column.byteOffset, wanted).set(bytes);
}

function readNames(
  name: 'survey' | 'station' | 'band',
  names: readonly string[] = [],
  bytes: Uint8Array | undefined,
  dictionary: Dictionary,
  column: Uint16Array,
  rows: number,
): void {
  if (names.length > rows && names.length > 1) {
    throw wrongShape(`${name}s has ${String(names.length)} names, must be at most one a row (${String(rows)})`);
  }
  if (bytes === undefined || bytes.length === 0) {
    if (names.length > 1) throw wrongShape(`${name}_index is empty, needed where ${name}s has ${String(names.length)} names`);
    if (names.length === 1) column.fill(dictionary.intern(names[0]), 0, rows);
    return;
  }
  copyColumn(`${name}_index`, bytes, column, rows);
  const indexOf = Uint16Array.from(names, (text) => dictionary.intern(text));
  const known = indexOf.length;
  for (let i = 0; i < rows; i++) {
    const given = column[i];
    if (given >= known) {
      throw wrongShape(`${name}_index of row ${String(i)} is ${String(given)}, must be below ${String(known)}, the length of ${name}s`);
    }
    column[i] = indexOf[given];
  }
}

function checkListLength(name: string, list: readonly string[], rows: number): void {
  if (list.length !== rows) throw wrongShape(`${name} has ${String(list.length)} texts, must have one a row (${String(rows)}) or none`);
}

function readObjectIds(objectId: readonly string[], columns: DetectionColumns, rows: number): void {
  if (objectId.length === 0) return;
  checkListLength('object_id', objectId, rows);
  for (let i = 0; i < rows; i++) columns.objectId[i] = objectId[i] === '' ? null : objectId[i];
}

/** False where a row was refused. */
function readIds(table: DetectionTable, columns: DetectionColumns, rows: number, rejected: RejectedRow[]): Uint8Array | null {
  const names = table.sourceName ?? [];
  const hasNumbers = (table.sourceId ?? []).length > 0;
  copyColumn('source_id', table.sourceId, columns.sourceId, rows);
  if (names.length > 0) checkListLength('source_name', names, rows);
  if (names.length === 0 && hasNumbers) return null;
  const isPlaced = new Uint8Array(rows).fill(1);
  for (let i = 0; i < rows; i++) {
    const name = names.length === 0 ? '' : names[i];
    if (name !== '') {
      setSourceIdText(columns, i, name);
    } else if (!hasNumbers) {
      isPlaced[i] = 0;
      rejected.push({ row: i, code: 'invalid_argument', message: 'source_id is missing' });
    }
  }
  return isPlaced;
}

function readTimes(
  columns: DetectionColumns,
  rows: number,
  timeScale: number,
  timeReference: number,
  isPlaced: Uint8Array | null,
  rejected: RejectedRow[],
): void {
  const { mjdTai, exptimeS } = columns;
  const isStart = timeReference === REFERENCE_START;
  if (timeScale === SCALE_TAI && !isStart && isPlaced === null) {
    for (let i = 0; i < rows; i++) if (Number.isNaN(mjdTai[i])) rejected.push(noTime(i));
    return;
  }
  for (let i = 0; i < rows; i++) {
    if (isPlaced?.[i] === 0) continue;
    const mjd = mjdTai[i];
    if (Number.isNaN(mjd)) {
      rejected.push(noTime(i));
      continue;
    }
    mjdTai[i] = taiOf(mjd, timeScale);
    if (!isStart) continue;
    const problem = timeProblem(timeScale, timeReference, exptimeS[i]);
    if (problem !== null) rejected.push({ row: i, code: 'invalid_argument', message: problem });
    mjdTai[i] = midOfStart(mjdTai[i], exptimeS[i]);
  }
}

const noTime = (row: number): RejectedRow => ({ row, code: 'invalid_argument', message: 'time_mjd is missing' });

/** Rows [from, to) as a table: TAI at mid-exposure, columns without a value left out. The bytes are views where they can be. */
export function tableOfColumns(columns: DetectionColumns, from = 0, to = columns.length): DetectionTable {
  const rows = to - from;
  const hasText = columns.sourceIdText.slice(from, to).some((text) => text !== null);
  const hasObject = columns.objectId.slice(from, to).some((text) => text !== null);
  const table: DetectionTable = {
    rows,
    ...writtenNames('survey', columns.surveys, columns.survey, from, to),
    ...writtenNames('station', columns.stations, columns.station, from, to),
    ...writtenNames('band', columns.bands, columns.band, from, to),
    kind: writtenUnless(columns.kind, from, to, 1),
    sourceId: bytesOf(columns.sourceId, from, to),
    sourceName: hasText ? Array.from({ length: rows }, (_, i) => columns.sourceIdText[from + i] ?? '') : [],
    objectId: hasObject ? Array.from({ length: rows }, (_, i) => columns.objectId[from + i] ?? '') : [],
    exposureId: writtenUnless(columns.exposureId, from, to, NO_EXPOSURE),
    detector: writtenUnless(columns.detector, from, to, NO_DETECTOR),
    timeMjd: bytesOf(columns.mjdTai, from, to),
    timeScale: SCALE_TAI,
    timeReference: REFERENCE_MID,
    raDeg: bytesOf(columns.raDeg, from, to),
    decDeg: bytesOf(columns.decDeg, from, to),
    flags: writtenUnless(columns.flags, from, to, 0n),
    sepArcsec: writtenUnless(columns.sepArcsec, from, to, NaN),
  };
  for (const name of FLOAT32_COLUMNS) table[name] = writtenUnless(columns[name], from, to, NaN);
  return table;
}

const NO_BYTES = new Uint8Array(0);

function bytesOf(column: Column, from: number, to: number): Uint8Array {
  const size = column.BYTES_PER_ELEMENT;
  return new Uint8Array(column.buffer, column.byteOffset + from * size, (to - from) * size);
}

/** Nothing where every row has the value that absence means. */
function writtenUnless(column: Column, from: number, to: number, absent: number | bigint): Uint8Array {
  for (let i = from; i < to; i++) if (!Object.is(column[i], absent)) return bytesOf(column, from, to);
  return NO_BYTES;
}

/** The names that the rows use, numbered from 0, and each row's number; no numbers where one name holds for all. */
function writtenNames<N extends 'survey' | 'station' | 'band'>(
  name: N,
  dictionary: Dictionary,
  column: Uint16Array,
  from: number,
  to: number,
): Pick<DetectionTable, `${N}s` | `${N}Index`> {
  const names: string[] = [];
  const numberOf = new Map<number, number>();
  const index = new Uint16Array(to - from);
  for (let i = from; i < to; i++) {
    let number = numberOf.get(column[i]);
    if (number === undefined) {
      number = names.push(dictionary.names[column[i]]) - 1;
      numberOf.set(column[i], number);
    }
    index[i - from] = number;
  }
  const indexBytes = names.length > 1 ? bytesOf(index, 0, index.length) : NO_BYTES;
  const isNameless = names.length === 1 && names[0] === '';
  return { [`${name}s`]: isNameless ? [] : names, [`${name}Index`]: indexBytes } as unknown as Pick<DetectionTable, `${N}s` | `${N}Index`>;
}
